export type { Endpoint } from './endpoint.js';
export { EndpointsService } from './endpoints.service.js';
export { InferenceModule } from './inference.module.js';

export type { Endpoint, EndpointStatus } from './endpoint.js';
export { EndpointsService } from './endpoints.service.js';
export { InferenceModule } from './inference.module.js';

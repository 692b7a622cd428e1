export type { Endpoint } from './endpoint.js';
export { EndpointRetirement } from './endpoint-retirement.js';
export { EndpointsService } from './endpoints.service.js';
export { InferenceModule } from './inference.module.js';

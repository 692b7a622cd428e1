export { EndpointReaperModule } from './endpoint-reaper.module.js';
export { EndpointReaperService } from './endpoint-reaper.service.js';

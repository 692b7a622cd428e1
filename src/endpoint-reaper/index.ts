export { EndpointReaperModule } from './endpoint-reaper.module.js';

import { Module } from '@nestjs/common';
import { InferenceModule } from '../inference/index.js';
import { EndpointReaperService } from './endpoint-reaper.service.js';

@Module({ imports: [InferenceModule], providers: [EndpointReaperService] })
export class EndpointReaperModule {}

import { Module } from '@nestjs/common';
import { DatabaseModule, LEASE_TABLE, Leases } from '../database/index.js';
import { InferenceModule } from '../inference/index.js';
import { EndpointReaperController } from './endpoint-reaper.controller.js';
import { EndpointReaperService } from './endpoint-reaper.service.js';

@Module({
  imports: [DatabaseModule.forFeature([LEASE_TABLE]), InferenceModule],
  controllers: [EndpointReaperController],
  providers: [Leases, EndpointReaperService],
})
export class EndpointReaperModule {}

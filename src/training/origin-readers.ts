import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ExecutionsService } from '../executions/index.js';
import { getAlgorithm } from '../ml/algorithms/algorithms.js';
import { Ensembles } from './ensembles.js';
import { WarmStarts } from './warm-starts.js';

/** Tells the executions what of earlier results a start takes over: members of an ensemble, or one model to go on from. */
@Injectable()
export class OriginReaders implements OnModuleInit {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly warmStarts: WarmStarts,
    private readonly ensembles: Ensembles,
  ) {}

  onModuleInit(): void {
    this.executions.registerOriginReader((parameters, dataset) =>
      getAlgorithm(parameters.algorithm.name).combines === true
        ? this.ensembles.read(parameters, dataset)
        : this.warmStarts.read(parameters, dataset),
    );
  }
}

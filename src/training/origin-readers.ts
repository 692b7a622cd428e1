import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ExecutionsService } from '../executions/index.js';
import { getAlgorithm } from '../ml/algorithms/algorithms.js';
import { Ensembles } from './ensembles.js';
import { ImportedFiles } from './imported-files.js';
import { WarmStarts } from './warm-starts.js';

/**
 * Tells the executions what a start takes over: members of an ensemble, the file of an imported model, or one model to go
 * on from.
 */
@Injectable()
export class OriginReaders implements OnModuleInit {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly warmStarts: WarmStarts,
    private readonly ensembles: Ensembles,
    private readonly importedFiles: ImportedFiles,
  ) {}

  onModuleInit(): void {
    this.executions.registerOriginReader((parameters, dataset) => {
      const { combines, imports } = getAlgorithm(parameters.algorithm.name);
      if (combines === true) return this.ensembles.read(parameters, dataset);
      if (imports === true) return this.importedFiles.read(parameters, dataset);
      return this.warmStarts.read(parameters, dataset);
    });
  }
}

import { Inject, Injectable, type StreamableFile } from '@nestjs/common';
import type { Response } from 'express';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { API_PREFIX, formOf, formatETag, sendTable, type Actor, type TrainyardRequest } from '../common/http/index.js';
import { DatasetAppendService } from './dataset-append.service.js';
import { DatasetImportService } from './dataset-import.service.js';
import { DatasetsService } from './datasets.service.js';
import type { DatasetDto, ImportResultDto, PreviewDto } from './dto/dataset.dto.js';
import type { GapsDto, GapsQuery } from './dto/gaps.dto.js';
import { presentGaps } from './dto/present-gaps.js';
import { presentDataset, presentImport, presentPreview } from './dto/present.js';
import type { DatasetExportQuery } from './dto/export-query.dto.js';
import type { PreviewQuery } from './dto/preview-query.dto.js';
import type { ImportResult } from './import-result.js';
import { UPLOAD_TYPES } from './upload/file-format.js';
import { receiveUpload, type UploadRules } from './upload/upload.js';

type RequestOptions = Readonly<Record<string, unknown>>;

/** What the routes need beyond a call of a use case: streams, headers, and the form of answers. */
@Injectable()
export class DatasetsHttp {
  constructor(
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    private readonly datasets: DatasetsService,
    private readonly imports: DatasetImportService,
    private readonly appends: DatasetAppendService,
  ) {}

  private get rules(): UploadRules {
    return {
      limitBytes: this.config.limits.importBytes,
      remedy: 'split the file and append its parts, or raise TRAINYARD_LIMIT_IMPORT_BYTES',
      types: UPLOAD_TYPES,
      expected:
        'text/csv, application/json, application/x-ndjson, application/vnd.apache.parquet, application/zip, or multipart/form-data with files',
    };
  }

  async create(
    request: TrainyardRequest,
    response: Response,
    options: RequestOptions,
    idempotencyKey: string | undefined,
    actor: Actor,
  ): Promise<ImportResultDto> {
    const result = await receiveUpload(request, options, this.rules, (upload) =>
      this.imports.create(upload, { idempotencyKey, actor: actor.name }),
    );
    if (result.replayed) response.setHeader('Idempotent-Replayed', 'true');
    return answer(response, result);
  }

  async append(
    datasetId: string,
    request: TrainyardRequest,
    response: Response,
    options: RequestOptions,
    actor: Actor,
  ): Promise<ImportResultDto> {
    const result = await receiveUpload(request, options, this.rules, (upload) =>
      this.appends.append(datasetId, upload, request.headers['if-match'], actor.name),
    );
    return answer(response, result);
  }

  async get(datasetId: string, response: Response): Promise<DatasetDto> {
    const dataset = await this.datasets.getNewest(datasetId);
    response.setHeader('ETag', formatETag(dataset.stored.version));
    return presentDataset(dataset);
  }

  async preview(datasetId: string, version: number, query: PreviewQuery): Promise<PreviewDto> {
    const assets = await this.datasets.preview(datasetId, version, query.assets ?? null, query.rows ?? 5);
    return presentPreview(datasetId, version, assets);
  }

  async exportVersion(datasetId: string, version: number, query: DatasetExportQuery): Promise<StreamableFile> {
    const { name, blocks } = await this.datasets.exportTable(
      datasetId,
      version,
      query.assets ?? null,
      query.layout ?? 'long',
    );
    return sendTable(blocks, formOf(query), name);
  }

  async gaps(datasetId: string, version: number, query: GapsQuery): Promise<GapsDto> {
    const { assets = null, column = null, stepFactor = 1.5, largeShare = 0.1, offset = 0, limit = 500 } = query;
    const tables = await this.datasets.gaps(datasetId, version, assets, column, { stepFactor, largeShare });
    const shown = tables.map((table) => presentGaps(table, { offset, limit }));
    return { datasetId, version, stepFactor, largeShare, assets: shown };
  }
}

function answer(response: Response, result: ImportResult): ImportResultDto {
  const { dataset } = result;
  if (dataset === null) response.status(200);
  else {
    response.setHeader('Location', `/${API_PREFIX}/datasets/${dataset.datasetId}`);
    response.setHeader('ETag', formatETag(dataset.stored.version));
  }
  return presentImport(result);
}

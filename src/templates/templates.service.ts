import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { isTrainyardError, TrainyardError } from '../common/errors/index.js';
import { assertIfMatch } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import { DatasetsService, type DatasetVersion } from '../datasets/index.js';
import { assertFitsDataset } from './dataset-fit.js';
import { diffFields, type FieldDifference } from './diff-parameters.js';
import { completeParameters, resolveTemplate } from './resolve-template.js';
import type {
  ResolvedParameters,
  SparseParameters,
  TemplateContent,
  TemplateParameters,
} from './template-parameters.js';
import type { TemplateDraft, TemplateSummary, TemplateVersion } from './template.js';
import { TemplatesRepository, type StoredTemplate } from './templates.repository.js';
import { UsageChecks, type UsageCheck } from './usage-checks.js';

/** An edit that loses this many races in a row gives up with `CONFLICT`. */
const MAXIMUM_RACES = 10;

@Injectable()
export class TemplatesService implements OnModuleInit {
  private readonly usage = new UsageChecks();

  constructor(
    private readonly templates: TemplatesRepository,
    private readonly datasets: DatasetsService,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.datasets.registerUsageCheck('templates', (datasetId) => this.templates.listUsersOfDataset(datasetId));
  }

  /** `check` gives the ids of those who use a template; while there are any, it cannot be deleted. */
  registerUsageCheck(kind: string, check: UsageCheck): void {
    this.usage.register(kind, check);
  }

  /**
   * Saves version 1. The same key with the same draft gives the template that the first request made, whatever became
   * of its answer; with another draft it is refused.
   */
  async create(draft: TemplateDraft, actor: string, idempotencyKey?: string): Promise<TemplateVersion> {
    const content = await this.checkContent(draft);
    if (idempotencyKey === undefined) {
      const version = this.makeVersion(newId('tpl'), 1, { ...draft, ...content }, actor);
      await this.templates.create(version);
      return version;
    }
    const requestHash = sha256([draft.name, draft.description, draft.parameters]);
    const record = await this.templates.claimCreation(sha256([actor, idempotencyKey]), {
      templateId: newId('tpl'),
      requestHash,
    });
    if (record.requestHash !== requestHash) {
      throw new TrainyardError(
        'IDEMPOTENCY_KEY_REUSED',
        `Idempotency-Key ${idempotencyKey} has created template ${record.templateId} from another request: use a new key`,
        { idempotencyKey, templateId: record.templateId },
      );
    }
    try {
      const version = this.makeVersion(record.templateId, 1, { ...draft, ...content }, actor);
      await this.templates.create(version);
      return version;
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
      return this.getVersion(record.templateId, 1);
    }
  }

  list(request: PageRequest): Promise<Page<TemplateSummary>> {
    return this.templates.list(request);
  }

  /** Null: the newest. `TEMPLATE_NOT_FOUND`. */
  async getVersion(templateId: string, version: number | null): Promise<TemplateVersion> {
    const newest = await this.getNewest(templateId);
    if (version === null || version === newest.version) return toVersion(newest);
    const older = version < newest.version ? await this.templates.findOlder(templateId, version) : null;
    if (older !== null) return older;
    throw new TrainyardError(
      'TEMPLATE_NOT_FOUND',
      `Template ${templateId} has no version ${version}; its newest is ${newest.version}`,
      { templateId, version, newest: newest.version },
    );
  }

  /** Newest first. The cursor is the number of the last version of the page before. */
  async listVersions(templateId: string, { limit = 50, cursor }: PageRequest): Promise<Page<TemplateVersion>> {
    const newest = await this.getNewest(templateId);
    const start = cursor == null ? newest.version : readCursor(cursor, newest.version) - 1;
    const numbers = Array.from({ length: Math.min(limit, start) }, (_, at) => start - at);
    const older = await this.templates.findOlderMany(
      templateId,
      numbers.filter((number) => number < newest.version),
    );
    const items = start === newest.version ? [toVersion(newest), ...older] : older;
    const last = numbers.at(-1);
    return { items, cursor: last === undefined || last === 1 ? null : String(last) };
  }

  /**
   * Saves a new version; when nothing differs from the newest, there is none and the newest is given. With `ifMatch`
   * only if that is the newest version still (`PRECONDITION_FAILED`); without it the last edit wins, and each is kept.
   */
  async update(
    templateId: string,
    draft: TemplateDraft,
    actor: string,
    ifMatch: string | undefined,
  ): Promise<TemplateVersion> {
    const content = await this.checkContent(draft);
    for (let race = 1; ; race += 1) {
      const current = await this.getNewest(templateId);
      assertIfMatch(ifMatch, current.version);
      const next = this.makeVersion(templateId, current.version + 1, { ...draft, ...content }, actor);
      if (diffFields(authored(current), authored(next)).length === 0) return toVersion(current);
      try {
        await this.templates.replaceNewest(current, next);
        return next;
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || race === MAXIMUM_RACES) throw error;
      }
    }
  }

  /** What changed from one version to another, in effect: with defaults filled in. */
  async diff(templateId: string, from: number, to: number): Promise<FieldDifference[]> {
    const [before, after] = await Promise.all([this.getVersion(templateId, from), this.getVersion(templateId, to)]);
    return diffFields(effective(before), effective(after));
  }

  /** A new template with the content of a version, checked against today's rules. */
  async clone(
    templateId: string,
    { version, name }: { readonly version?: number; readonly name?: string },
    actor: string,
  ): Promise<TemplateVersion> {
    const source = await this.getVersion(templateId, version ?? null);
    const { parameters } = this.resolve(source, {});
    await this.getFittingDataset(parameters);
    const content = { name: name ?? `${source.name} (copy)`, description: source.description, given: source.given };
    const copy = this.makeVersion(newId('tpl'), 1, { ...content, parameters }, actor);
    await this.templates.create(copy);
    return copy;
  }

  /** With all versions; `TEMPLATE_IN_USE` while anything was started from it. */
  async delete(templateId: string, ifMatch: string | undefined): Promise<void> {
    const current = await this.getNewest(templateId);
    assertIfMatch(ifMatch, current.version);
    await this.usage.assertUnused(templateId);
    await this.templates.delete(current);
  }

  /**
   * The parameters of an execution: the version's, with overrides laid over them, all checked. Hand in the version
   * itself: which fields its author wrote is what the origins are told from. What depends on the dataset is checked by
   * `getFittingDataset`.
   */
  resolve(template: TemplateContent, overrides: unknown): ResolvedParameters {
    return resolveTemplate(template, overrides, this.config.limits);
  }

  /** The dataset version that the parameters name; `DATASET_NOT_FOUND`, `ASSET_UNKNOWN`, `COLUMN_UNKNOWN`. */
  async getFittingDataset(parameters: TemplateParameters): Promise<DatasetVersion> {
    const { datasetId, datasetVersion } = parameters.data;
    const dataset = await this.datasets.getVersion(datasetId, datasetVersion);
    assertFitsDataset(parameters, dataset);
    return dataset;
  }

  private makeVersion(
    templateId: string,
    version: number,
    { name, description, given, parameters }: Omit<TemplateDraft, 'parameters'> & TemplateContent,
    actor: string,
  ): TemplateVersion {
    const createdAt = isoTime(this.clock);
    return { templateId, version, name, description, given, parameters, createdAt, createdBy: actor };
  }

  private async checkContent(draft: TemplateDraft): Promise<TemplateContent> {
    const parameters = completeParameters(draft.parameters, this.config.limits);
    await this.getFittingDataset(parameters);
    return { given: draft.parameters as SparseParameters, parameters };
  }

  private async getNewest(templateId: string): Promise<StoredTemplate> {
    const newest = await this.templates.findNewest(templateId);
    if (newest !== null) return newest;
    throw new TrainyardError('TEMPLATE_NOT_FOUND', `There is no template ${templateId}`, { templateId });
  }
}

function toVersion({ stored: _stored, firstCreatedAt: _firstCreatedAt, ...version }: StoredTemplate): TemplateVersion {
  return version;
}

/** What makes a version another one: also a default that its author has now written down. */
function authored({ name, description, given }: TemplateVersion): object {
  return { name, description, given };
}

/** What a version does. */
function effective({ name, description, parameters }: TemplateVersion): object {
  return { name, description, ...parameters };
}

function readCursor(cursor: string, newest: number): number {
  const version = Number(cursor);
  if (Number.isInteger(version) && version >= 1 && version <= newest) return version;
  throw new TrainyardError('CURSOR_INVALID', `The cursor ${cursor} is not one of this list: start without one`, {
    cursor,
  });
}

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

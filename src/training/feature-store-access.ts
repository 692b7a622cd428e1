import { isTrainyardError } from '../common/errors/index.js';
import type { ClaimedExecution } from '../executions/index.js';
import type { FeatureBlockStore, FeatureSetsService, MadeBlock, StagedFeatureSet } from '../feature-sets/index.js';
import { namedColumns } from '../ml/processing/compute-features.js';
import { featureLineage, featureSetHash } from '../ml/processing/feature-address.js';
import type { ProcessingPlan } from '../ml/processing/processing-plan.js';
import type { BlockSource, FoundBlock, PreparedBlock, Preparation } from './processing-pool.js';

/** The feature store as a training uses it. */
export interface FeatureStore {
  readonly sets: Pick<FeatureSetsService, 'earlierRows' | 'stage' | 'keep'>;
  readonly blocks: Pick<FeatureBlockStore, 'find'>;
}

/** The feature set of one execution: made, and about to be stored. */
export interface ExecutionFeatureSet {
  readonly hash: string;
  /** Null when it could not even be staged. */
  readonly staged: StagedFeatureSet | null;
}

/** Sets whose row counts are tried as prefixes; appending makes one at a time. */
const PREDECESSORS = 4;

/**
 * One execution's way to the feature store. The store saves time and nothing else depends on it: whatever goes wrong
 * with it is kept as a problem to be told, and the features are computed.
 */
export class FeatureStoreAccess implements BlockSource {
  readonly problems: string[] = [];
  private readonly packOf = new Map<string, string>();

  constructor(private readonly store: FeatureStore) {}

  async earlierRows(plan: ProcessingPlan): Promise<readonly number[]> {
    const rows = await this.attempt(() => this.store.sets.earlierRows(featureLineage(plan), PREDECESSORS));
    return rows ?? [];
  }

  async find(wanted: readonly (readonly string[])[]): Promise<readonly (FoundBlock | null)[]> {
    const search = await this.attempt(() => this.store.blocks.find(wanted));
    if (search === null) return wanted.map(() => null);
    for (const found of search.blocks) if (found !== null) this.packOf.set(found.address, found.pack);
    this.problems.push(...search.problems);
    return search.blocks;
  }

  /** Takes out of the preparation what is to be stored; its buffers may be moved afterwards. Null without features. */
  async stage(
    plan: ProcessingPlan,
    datasetContentHash: string,
    { prepared, blocks, addresses }: Preparation,
  ): Promise<ExecutionFeatureSet | null> {
    if (blocks.length === 0) return null;
    const hash = featureSetHash(plan, datasetContentHash, addresses);
    const stored = blocks.filter(({ origin }) => origin === 'stored');
    const packs = new Set(stored.flatMap(({ address }) => this.packOf.get(address) ?? []));
    const staged = await this.attempt(() =>
      this.store.sets.stage({
        hash,
        lineage: featureLineage(plan),
        datasetContentHash,
        plan,
        times: prepared.series.times,
        blocks: blocks.map(madeBlock),
        packs: [...packs],
      }),
    );
    return { hash, staged };
  }

  /** Resolves when the set is durable, or with what went wrong; never rejects. */
  async keep({ staged }: ExecutionFeatureSet, execution: ClaimedExecution): Promise<readonly string[]> {
    if (staged === null) return this.problems;
    const { executionId, datasetId, datasetVersion } = execution;
    const before = this.problems.length;
    await this.attempt(() => this.store.sets.keep(staged, { executionId, datasetId, datasetVersion }));
    return this.problems.slice(before);
  }

  private async attempt<Value>(work: () => Promise<Value>): Promise<Value | null> {
    try {
      return await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.problems.push(isTrainyardError(error) ? reason : `unexpectedly: ${reason}`);
      return null;
    }
  }
}

function madeBlock({ asset, request, address, block, origin, computeMs }: PreparedBlock): MadeBlock {
  const { names } = namedColumns({ asset }, [request], [block]);
  const { step } = request.feature;
  return { address, step, asset, names, block, isStored: origin === 'stored', computeMs };
}

/** For the execution's log. */
export function describeFeatureSet(hash: string, { blocks, computeMs }: Preparation): string {
  const columns = (origin?: PreparedBlock['origin']): number =>
    blocks.reduce((sum, one) => sum + (origin === undefined || one.origin === origin ? one.block.names.length : 0), 0);
  const extended = columns('extended');
  const rows = Math.max(0, ...blocks.map(({ origin, computedRows }) => (origin === 'extended' ? computedRows : 0)));
  const fresh = `${columns('computed')} computed`;
  const work = extended === 0 ? fresh : `${extended} extended by at most ${rows} computed rows, ${fresh}`;
  const seconds = (computeMs / 1000).toFixed(2);
  return `Feature set ${hash.slice(0, 12)}: ${columns('stored')} of ${columns()} columns from the store, ${work} in ${seconds} s`;
}

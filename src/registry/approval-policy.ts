import type { AutomaticApproval, ModelVersion } from './model.js';

export interface PolicyVerdict {
  readonly isApproved: boolean;
  /** In numbers, for the history. */
  readonly reason: string;
}

type Judged = Pick<ModelVersion, 'version' | 'metrics' | 'datasetContentHash' | 'targets' | 'horizon'>;

/**
 * Whether a version passes, and why. `rival`: the version that `beats` points to, null when it points to none yet. What
 * cannot be told is never a pass: it is left to a person.
 */
export function judgeVersion(policy: AutomaticApproval, version: Judged, rival: Judged | null): PolicyVerdict {
  const { test } = version.metrics;
  if (test === null) return { isApproved: false, reason: 'there is no test part to judge by' };
  if (version.metrics.trainedElsewhere) {
    return { isApproved: false, reason: 'it was trained elsewhere and may have learned from the test part' };
  }
  const findings = [
    skillFinding(policy.minimumSkill, test),
    ...(policy.coverageTolerance === null ? [] : [coverageFinding(policy.coverageTolerance, test)]),
    ...(policy.beats === null ? [] : [rivalFinding(policy.beats, version, test, rival)]),
  ];
  const missed = findings.filter(({ isMet }) => !isMet);
  return {
    isApproved: missed.length === 0,
    reason: (missed.length === 0 ? findings : missed).map(({ text }) => text).join('; '),
  };
}

interface Finding {
  readonly isMet: boolean;
  readonly text: string;
}

type Test = NonNullable<Judged['metrics']['test']>;

function skillFinding(minimum: number, { skill, direction, hasSkill }: Test): Finding {
  if (direction !== undefined) {
    const text = `skill ${percent(direction.skill)} against the train shares, wanted ${percent(minimum)}`;
    return { isMet: hasSkill && direction.skill >= minimum, text: hasSkill ? text : `${text}, and it may be chance` };
  }
  const against = [skill?.naive.mae, skill?.seasonalNaive.mae];
  const isMet = hasSkill && against.every((value) => value != null && value >= minimum);
  const text = `skill ${percent(against[0])} against naive and ${percent(against[1])} against seasonal naive, wanted ${percent(minimum)}`;
  return { isMet, text: hasSkill ? text : `${text}, and it may be chance` };
}

function coverageFinding(tolerance: number, { intervals }: Test): Finding {
  if (intervals === undefined || intervals.length === 0)
    return { isMet: false, text: 'it has no intervals to judge by' };
  const isMet = intervals.every(({ coverage, covered }) => covered >= coverage - tolerance);
  const held = intervals.map(({ coverage, covered }) => `${percent(covered)} of ${percent(coverage)}`).join(', ');
  return { isMet, text: `intervals hold ${held}, tolerance ${percent(tolerance)}` };
}

function rivalFinding(alias: string, version: Judged, test: Test, rival: Judged | null): Finding {
  if (rival === null) return { isMet: true, text: `no version is ${alias} yet` };
  const name = `version ${rival.version} (${alias})`;
  const other = rival.metrics.test;
  const isSame =
    other !== null &&
    rival.datasetContentHash === version.datasetContentHash &&
    rival.horizon === version.horizon &&
    rival.targets.join('\n') === version.targets.join('\n') &&
    other.windows === test.windows;
  if (!isSame) return { isMet: false, text: `it was not tested on the same windows of the same data as ${name}` };
  const measure = test.direction === undefined ? 'scaled MAE' : 'log loss';
  const [own, its] = [test, other].map(({ scaled, direction }) =>
    test.direction === undefined ? scaled?.mae : direction?.logLoss,
  );
  if (own === undefined || its === undefined) {
    return { isMet: false, text: `it has another task than ${name}, so their scores do not compare` };
  }
  return { isMet: own < its, text: `${measure} ${own.toPrecision(4)}, that of ${name} is ${its.toPrecision(4)}` };
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? 'unknown' : `${(100 * share).toFixed(1)} %`;
}

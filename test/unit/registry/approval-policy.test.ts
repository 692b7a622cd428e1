import { judgeVersion } from '#src/registry/approval-policy.js';
import type { AutomaticApproval, ModelVersion } from '#src/registry/model.js';

type Judged = Parameters<typeof judgeVersion>[1];
type Test = NonNullable<ModelVersion['metrics']['test']>;

const skill = (mae: number | null) => ({ mae, rmse: mae });
const test = (changes: Partial<Test> = {}): Test => ({
  windows: 100,
  original: { mse: 4, mae: 1.5 },
  scaled: { mse: 0.2, mae: 0.3 },
  naive: { mse: 0.4, mae: 0.5 },
  seasonalNaive: { mse: 0.3, mae: 0.4 },
  skill: { naive: skill(0.4), seasonalNaive: skill(0.25) },
  hasSkill: true,
  intervals: [
    { coverage: 0.8, covered: 0.78 },
    { coverage: 0.95, covered: 0.96 },
  ],
  ...changes,
});
const version = (number: number, changes: Partial<Test> | null = {}): Judged => ({
  version: number,
  metrics: { seasonLength: 24, validation: null, test: changes === null ? null : test(changes) },
  datasetContentHash: 'a'.repeat(64),
  targets: ['A'],
  horizon: 6,
});
const policy = (changes: Partial<AutomaticApproval> = {}): AutomaticApproval => ({
  kind: 'automatic',
  minimumSkill: 0.2,
  coverageTolerance: 0.05,
  beats: 'champion',
  thenAlias: null,
  ...changes,
});

describe('judgeVersion', () => {
  it('approves what passes everything, and says it in numbers', () => {
    expect(judgeVersion(policy(), version(2), null)).toEqual({
      isApproved: true,
      reason:
        'skill 40.0 % against naive and 25.0 % against seasonal naive, wanted 20.0 %; ' +
        'intervals hold 78.0 % of 80.0 %, 96.0 % of 95.0 %, tolerance 5.0 %; no version is champion yet',
    });
  });

  it('leaves what was trained elsewhere to a person, whatever it scores', () => {
    const judged = version(2);
    const elsewhere = { ...judged, metrics: { ...judged.metrics, trainedElsewhere: true as const } };
    expect(judgeVersion(policy(), elsewhere, null)).toEqual({
      isApproved: false,
      reason: 'it was trained elsewhere and may have learned from the test part',
    });
  });

  it.each([
    [
      'too little skill against one baseline',
      { skill: { naive: skill(0.4), seasonalNaive: skill(0.1) } },
      'skill 40.0 % against naive and 10.0 % against seasonal naive, wanted 20.0 %',
    ],
    ['a skill that may be chance', { hasSkill: false }, 'and it may be chance'],
    [
      'a baseline without error',
      { skill: { naive: skill(null), seasonalNaive: skill(0.3) } },
      'skill unknown against naive',
    ],
    [
      'intervals that hold too little',
      { intervals: [{ coverage: 0.8, covered: 0.74 }] },
      'intervals hold 74.0 % of 80.0 %, tolerance 5.0 %',
    ],
    ['no intervals', { intervals: [] }, 'it has no intervals to judge by'],
  ] satisfies [string, Partial<Test>, string][])('leaves %s to a person', (_what, changes, reason) => {
    const verdict = judgeVersion(policy(), version(2, changes), null);
    expect(verdict.isApproved).toBe(false);
    expect(verdict.reason).toContain(reason);
  });

  it('leaves a version without a test part to a person', () => {
    expect(judgeVersion(policy({ minimumSkill: 0 }), version(2, null), null)).toEqual({
      isApproved: false,
      reason: 'there is no test part to judge by',
    });
  });

  it('wants a smaller error than the rival has on the same windows', () => {
    const against = (mae: number) => judgeVersion(policy(), version(2), version(1, { scaled: { mse: 1, mae } }));
    expect(against(0.31).isApproved).toBe(true);
    expect(against(0.3)).toEqual({
      isApproved: false,
      reason: 'scaled MAE 0.3000, that of version 1 (champion) is 0.3000',
    });
  });

  it.each([
    ['other data', { ...version(1, { scaled: { mse: 9, mae: 9 } }), datasetContentHash: 'b'.repeat(64) }],
    ['another horizon', { ...version(1, { scaled: { mse: 9, mae: 9 } }), horizon: 7 }],
    ['other targets', { ...version(1, { scaled: { mse: 9, mae: 9 } }), targets: ['B'] }],
    ['other windows', version(1, { scaled: { mse: 9, mae: 9 }, windows: 99 })],
    ['no test part', version(1, null)],
  ])('does not compare with a rival of %s', (_what, rival) => {
    expect(judgeVersion(policy(), version(2), rival)).toEqual({
      isApproved: false,
      reason: 'it was not tested on the same windows of the same data as version 1 (champion)',
    });
  });
});

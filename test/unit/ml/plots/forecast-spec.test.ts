import { trainGapClassifier } from '#src/ml/gaps/train-gap-classifier.js';
import { forecastSpec } from '#src/ml/plots/forecast-spec.js';
import type { ChartSpec } from '#src/ml/plots/theme.js';
import { HOUR_MS, START } from '../evaluation/windowed-example.js';
import { pictureExample } from './picture-example.js';

interface Point {
  readonly t: number;
  readonly v: number;
  readonly s: number;
}

/** The parts of a spec that are looked at here. */
interface Layer {
  readonly mark: { readonly type: string };
  readonly data: { readonly values: readonly object[] };
  readonly encoding: { readonly color?: { readonly datum: string } };
}

interface Panel {
  readonly title?: { readonly text: string };
  readonly layer: readonly Layer[];
}

interface Spec {
  readonly title: { readonly text: string; readonly subtitle: readonly string[] };
  readonly columns: number;
  readonly concat: readonly Panel[];
}

function json(spec: ChartSpec): Spec {
  return JSON.parse(JSON.stringify(spec)) as Spec;
}

function lines(panel: Panel): { actual: readonly Point[]; forecast: readonly Point[] } {
  const points = (name: string) =>
    panel.layer.find(({ mark, encoding }) => mark.type === 'line' && encoding.color?.datum === name)!.data
      .values as readonly Point[];
  return { actual: points('actual'), forecast: points('forecast') };
}

describe('forecastSpec', () => {
  it('shades large gaps, and draws the probability of gaps in a strip under each panel', async () => {
    const whole = await pictureExample({});
    const hourOf = (time: number): number => new Date(time).getUTCHours();
    const observed = Uint8Array.from(whole.data.times, (time) => (hourOf(time) < 8 ? 0 : 1));
    const data = { ...whole.data, targets: { ...whole.data.targets, observed: [observed] } };
    const fitted = { ...whole.fitted, smallGapRows: 5 };
    const training = trainGapClassifier(data, fitted, whole.parts, 1);
    let step = training.next();
    while (step.done !== true) step = training.next();
    const { classifier, evaluations } = step.value!;
    const picture = { ...whole, data, fitted, gaps: classifier, report: { ...whole.report, gaps: evaluations } };
    const spec = json(forecastSpec(picture));
    expect(spec.concat).toHaveLength(4);
    expect(spec.title.subtitle.at(-1)).toBe(
      'Grey: gaps of more than 5 rows, masked and never scored. P(gap): probability that a row is missing (AUC 1.00), grey where it was.',
    );
    const [panel, strip] = spec.concat;
    const nights = panel!.layer.filter(({ mark }) => mark.type === 'rect')[1]!.data.values;
    expect(nights).toHaveLength(41);
    expect(nights[0]).toEqual({ t: START + 23.5 * HOUR_MS, end: START + 31.5 * HOUR_MS });
    const [missing, probability] = strip!.layer;
    expect(missing!.data.values).toHaveLength(41);
    const points = probability!.data.values as readonly Point[];
    expect(points).toHaveLength(400);
    expect(points.filter(({ t, v }) => v > 0.5 !== hourOf(t) < 8)).toEqual([]);
  });

  it('shows all data and, below, the last forecasts apart from each other', async () => {
    const picture = await pictureExample({});
    const spec = json(forecastSpec(picture));
    const [overview, detail] = spec.concat;
    expect(spec.columns).toBe(1);
    const all = lines(overview!);
    expect(all.actual).toHaveLength(1_000);
    expect(all.actual[0]).toEqual({ t: START, v: expect.closeTo(20, 6) as number, s: 0 });
    // 200 rows each: eight forecasts of 24 rows in each part, validation ends at 799
    expect(all.forecast).toHaveLength(16 * 24);
    expect(all.forecast.at(-1)!.t).toBe(START + 999 * HOUR_MS);
    const last = lines(detail!);
    // 96 rows and a quarter before them
    expect(last.actual).toHaveLength(120);
    expect(new Set(last.forecast.map(({ s }) => s)).size).toBe(5);
    const origins = detail!.layer.find(({ mark }) => mark.type === 'rule')!.data.values;
    expect(origins).toEqual([903, 927, 951, 975].map((row) => ({ t: START + row * HOUR_MS })));
  });

  it('shades the parts without a seam', async () => {
    const picture = await pictureExample({});
    const [overview] = json(forecastSpec(picture)).concat;
    const at = (row: number): number => START + row * HOUR_MS;
    expect(overview!.layer[0]!.data.values).toEqual([
      { part: 'train', t: at(0), end: at(600) },
      { part: 'validation', t: at(600), end: at(800) },
      { part: 'test', t: at(800), end: at(999) },
    ]);
  });

  it('says in the title what the model is worth', async () => {
    const picture = await pictureExample({});
    const { skill, model, naive, seasonalNaive } = picture.report.test!;
    expect(picture.report.test!.hasSkill).toBe(true);
    const title = json(forecastSpec(picture)).title;
    const percent = (value: number | null): string => `${Math.round(100 * value!)} %`;
    expect(title.text).toBe(
      `Two-day mean: skill ${percent(skill.naive.mae)} against naive, ${percent(skill.seasonalNaive.mae)} against seasonal naive`,
    );
    const mae = [model, naive, seasonalNaive].map(({ original }) => Number(original.mae.toPrecision(3)));
    expect(title.subtitle[0]).toBe(
      `Test 2024-02-03 to 2024-02-11, 177 windows, look-back 48 rows, horizon 24 rows: ` +
        `MAE ${mae[0]} (naive ${mae[1]}, seasonal naive ${mae[2]})`,
    );
    const poor = { ...picture.report.test!, hasSkill: false, skill: { ...skill, naive: { mae: -0.126, rmse: null } } };
    const without = json(forecastSpec({ ...picture, report: { ...picture.report, test: poor } }));
    expect(without.title.text).toMatch(/^Two-day mean has no skill: −13 % against naive, /);
  });

  it('shows six of many assets and says how many more there are', async () => {
    const spec = json(forecastSpec(await pictureExample({ assets: 9, rows: 300, horizon: 4 })));
    expect(spec.columns).toBe(2);
    expect(spec.concat).toHaveLength(12);
    expect(spec.concat.map((panel) => panel.title?.text).filter((text) => text)).toEqual(
      [1, 2, 3, 4, 5, 6].map((asset) => `sensor-${asset} · value`),
    );
    expect(spec.title.text).toMatch(/\(6 assets shown, and 3 more\)$/);
    expect(spec.title.subtitle[0]).toMatch(/ in scaled units$/);
  });

  it('keeps lines below 2,000 points however long the data is, extremes included', async () => {
    const picture = await pictureExample({
      rows: 6_000,
      horizon: 1,
      change: (value, row) => (row === 1_234 ? 999 : row === 5_432 ? -999 : value),
    });
    const spec = json(forecastSpec(picture));
    const { actual, forecast } = lines(spec.concat[0]!);
    expect(actual.length).toBeGreaterThan(1_500);
    expect(actual.length).toBeLessThanOrEqual(2_000);
    expect(forecast.length).toBeLessThanOrEqual(2_000);
    expect(Math.max(...actual.map(({ v }) => v))).toBe(999);
    expect(Math.min(...actual.map(({ v }) => v))).toBe(-999);
    expect(JSON.stringify(spec).length).toBeLessThan(250_000);
  });

  it('draws observed values only, and no line across a hole', async () => {
    const picture = await pictureExample({ change: (value, row) => (row >= 200 && row < 260 ? NaN : value) });
    // imputed: there is a value, but nobody saw it
    picture.data.targets.observed[0]!.fill(0, 300, 320);
    const { actual } = lines(json(forecastSpec(picture)).concat[0]!);
    expect(actual).toHaveLength(1_000 - 60 - 20);
    expect(new Set(actual.map(({ s }) => s)).size).toBe(3);
    const bridged = await pictureExample({ change: (value, row) => (row >= 200 && row < 202 ? NaN : value) });
    expect(new Set(lines(json(forecastSpec(bridged)).concat[0]!).actual.map(({ s }) => s)).size).toBe(1);
  });

  it('has UTC scales on every time axis', async () => {
    const text = JSON.stringify(forecastSpec(await pictureExample({ assets: 2, rows: 300, horizon: 4 })));
    const times = text.match(/"type":"temporal"[^}]*\}/g)!;
    expect(times.length).toBeGreaterThan(10);
    expect(times.every((time) => time.includes('"scale":{"type":"utc"'))).toBe(true);
  });

  it('shows the overview alone when nothing was forecast', async () => {
    const picture = await pictureExample({});
    const nothing = { ...picture, traces: [], report: { ...picture.report, validation: null, test: null } };
    const spec = json(forecastSpec(nothing));
    expect(spec.concat).toHaveLength(1);
    expect(spec.title.text).toBe('Two-day mean: not scored');
  });
});

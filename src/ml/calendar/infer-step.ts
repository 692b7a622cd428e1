const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Steps that clocks and people use; an estimate this close to one of them is meant to be it. */
const NATURAL_STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 20, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR_MS),
  ...[1, 7].map((days) => days * DAY_MS),
];
const NATURAL_TOLERANCE = 0.02;
/** A grid of which less is filled is not the data's: a burst of rows sets the mode then, not the rhythm. */
const MINIMUM_FILL = 0.05;
/** Reports that keep less together than this around one phase of the step have none. */
const MINIMUM_CONCENTRATION = 0.8;
/** Share of the reports that a period's end waits for. */
const ON_TIME_SHARE = 0.975;

/**
 * The step that times would have if they kept to one, in milliseconds: for data whose differences jitter, burst and have
 * holes. `times`: milliseconds UTC, strictly ascending, at least two.
 *
 * The half-sample mode of the logarithms of the differences (Bickel & Frühwirth, "On a fast, robust estimator of the
 * mode", CSDA 50, 2006): where differences lie densest, whatever the holes; unlike the smallest difference, one early
 * report does not move it, and unlike the median, neither do holes in half of the data. Refined to the median of the
 * differences within a quarter of it, and rounded to a natural step within 2 %. A step whose grid the rows would fill
 * to less than a twentieth comes from bursts: the median difference is tried then, and the mean one is taken last.
 */
export function inferStep(times: Float64Array): number {
  if (times.length < 2) throw new Error(`a step cannot be inferred from ${times.length} times`);
  const differences = times
    .subarray(1)
    .map((time, row) => time - times[row]!)
    .sort();
  const span = times[times.length - 1]! - times[0]!;
  const fills = (step: number): boolean => times.length >= MINIMUM_FILL * (span / step + 1);
  const mode = halfSampleMode(differences);
  const near = differences.filter((difference) => Math.abs(difference - mode) <= mode / 4);
  const candidates = [middle(near.length > 0 ? near : differences), middle(differences)];
  return naturalStep(candidates.find(fills) ?? span / differences.length);
}

/**
 * Where in the step reports come, as the end of the periods that catch them: periods end at `offset` + k·step, and the
 * value of one is made of what came in it. Milliseconds, 0 ≤ offset < step.
 *
 * Reports that keep together around one phase (resultant length of at least 0.8 on the circle of the step) would fall
 * to either side of a border that runs through them; the border is put behind 97.5 % of them, and reports without
 * jitter keep their own times. Others have no phase, and their periods end at whole steps since 1970.
 */
export function inferOffset(times: Float64Array, stepMs: number): number {
  let [cosine, sine] = [0, 0];
  for (const time of times) {
    const angle = (2 * Math.PI * modulo(time, stepMs)) / stepMs;
    cosine += Math.cos(angle);
    sine += Math.sin(angle);
  }
  if (Math.hypot(cosine, sine) < MINIMUM_CONCENTRATION * times.length) return 0;
  const phase = Math.round((Math.atan2(sine, cosine) / (2 * Math.PI)) * stepMs);
  const late = times.map((time) => modulo(time - phase + stepMs / 2, stepMs) - stepMs / 2).sort();
  return modulo(phase + late[Math.ceil(ON_TIME_SHARE * (late.length - 1))]!, stepMs);
}

/** `sorted`: positive, ascending. The narrower half again and again; of equally narrow ones the smaller values. */
function halfSampleMode(sorted: Float64Array): number {
  let [start, end] = [0, sorted.length];
  while (end - start > 2) {
    const half = Math.ceil((end - start) / 2);
    let [best, width] = [start, Infinity];
    for (let at = start; at + half <= end; at++) {
      const between = Math.log(sorted[at + half - 1]! / sorted[at]!);
      if (between < width) [best, width] = [at, between];
    }
    [start, end] = [best, best + half];
  }
  return sorted[start]!;
}

/** The lower one of an even number, so that it occurs. */
function middle(sorted: Float64Array): number {
  return sorted[(sorted.length - 1) >> 1]!;
}

function naturalStep(stepMs: number): number {
  const natural = NATURAL_STEPS_MS.find((step) => Math.abs(stepMs - step) <= NATURAL_TOLERANCE * step);
  return natural ?? Math.max(1, Math.round(stepMs));
}

function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}

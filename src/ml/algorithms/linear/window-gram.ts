import { openWorkspace } from './dot-products.js';

/** Origins first, first + spacing, …, first + (count − 1)·spacing. */
export interface OriginRun {
  readonly first: number;
  readonly count: number;
  readonly spacing: number;
}

/** Ascending origins cut into runs of equal spacing: gaps and strides both end up as runs. */
export function originRuns(origins: Int32Array): OriginRun[] {
  const runs: OriginRun[] = [];
  for (let at = 0; at < origins.length;) {
    const first = origins[at]!;
    const spacing = at + 1 < origins.length ? origins[at + 1]! - first : 1;
    let count = 1;
    while (at + count < origins.length && origins[at + count]! - origins[at + count - 1]! === spacing) count++;
    runs.push({ first, count, spacing });
    at += count;
  }
  return runs;
}

/** A series, and what every value of it loses; it keeps the sums small where what follows does not depend on the level. */
export interface WindowSeries {
  readonly values: Float64Array;
  readonly centre: number;
}

/**
 * Gram matrix of sliding windows, G[i][j] = Σ over windows of v[a + i]·v[a + j], where `a` is a window's first row:
 * row-major [length, length], symmetric. Windows of a run overlap, so that with spacing s, first window a₀ and last a₁
 *
 *   G[i][j] = G[i − s][j − s] − v[a₀ + i − s]·v[a₀ + j − s] + v[a₁ + i]·v[a₁ + j]
 *
 * and only the first s rows are summed: O(s·n·length + length²) for a run of n windows instead of O(n·length²).
 * Of several series it is the sum of their matrices.
 */
export function windowGram(
  series: readonly WindowSeries[],
  origins: Int32Array,
  lookBack: number,
  horizon: number,
): Float64Array {
  const length = lookBack + horizon;
  const gram = new Float64Array(length * length);
  const ofRun = new Float64Array(length * length);
  const runs = originRuns(origins);
  for (const { values, centre } of series) {
    for (const run of runs) {
      const start = run.first - lookBack + 1;
      const rows = (run.count - 1) * run.spacing + length;
      addRun(gram, ofRun, lessCentre(values.subarray(start, start + rows), centre), run, length);
    }
  }
  mirror(gram, length);
  return gram;
}

function lessCentre(values: Float64Array, centre: number): Float64Array {
  const shifted = new Float64Array(values.length);
  for (let row = 0; row < shifted.length; row++) shifted[row] = values[row]! - centre;
  return shifted;
}

/** Upper triangle only; `ofRun` is scratch space. */
function addRun(gram: Float64Array, ofRun: Float64Array, values: Float64Array, run: OriginRun, length: number): void {
  const { spacing, count } = run;
  const last = (count - 1) * spacing;
  for (let i = 0; i < length; i++) {
    const row = i * length;
    if (i === 0 && spacing === 1 && count >= FEW) {
      ofRun.set(laggedProducts(values, count, length));
      addRow(gram, ofRun, row, row + length);
    } else if (i < spacing) {
      sumProducts(ofRun, row, values, i, length, last, spacing);
      addRow(gram, ofRun, row + i, row + length);
    } else {
      addMoved(gram, ofRun, row, values, i, length, last, spacing);
    }
  }
}

/** Row i of the Gram matrix from j = i on, by the recurrence from the row `spacing` above it; added to `gram`, too. */
function addMoved(
  gram: Float64Array,
  into: Float64Array,
  row: number,
  values: Float64Array,
  i: number,
  length: number,
  last: number,
  spacing: number,
): void {
  const before = row - spacing * length - spacing;
  const leaving = values[i - spacing]!;
  const entering = values[last + i]!;
  for (let j = i; j < length; j++) {
    const product = into[before + j]! - leaving * values[j - spacing]! + entering * values[last + j]!;
    into[row + j] = product;
    gram[row + j]! += product;
  }
}

function addRow(into: Float64Array, from: Float64Array, start: number, end: number): void {
  for (let at = start; at < end; at++) into[at]! += from[at]!;
}

/** Windows, for which a plain sum is as fast. */
const FEW = 64;

/**
 * Σ over a < count of v[a]·v[a + j] for each j < length. With lags of v for the rows of two matrices, v[a − r] and v[a + 4s],
 * their product has the lags j = 4s + r; it sums a from 4 on to a multiple of four, and what remains at both ends is added.
 */
function laggedProducts(values: Float64Array, count: number, length: number): Float64Array {
  const groups = 2 * Math.ceil(length / 8);
  const summed = count - 4 - (count % 4);
  const size = Math.max(values.length, 4 * groups + summed);
  const workspace = openWorkspace(size + 4 * groups);
  workspace.values.set(values);
  // Backwards, r = 3 first: rows are then steps forward.
  const sums = { offset: size, stride: groups };
  workspace.dots({ offset: 1, stride: 1 }, 4, { offset: 4, stride: 4 }, groups, summed, sums);
  const products = new Float64Array(length);
  for (let j = 0; j < length; j++) {
    const r = j % 4;
    let sum = workspace.values[size + (3 - r) * groups + (j - r) / 4]!;
    for (let a = 0; a < 4 - r; a++) sum += values[a]! * values[a + j]!;
    for (let a = 4 - r + summed; a < count; a++) sum += values[a]! * values[a + j]!;
    products[j] = sum;
  }
  return products;
}

/** Row i of the Gram matrix from j = i on, summed plainly; four columns at once, since one sum waits for itself. */
function sumProducts(
  into: Float64Array,
  row: number,
  values: Float64Array,
  i: number,
  length: number,
  last: number,
  spacing: number,
): void {
  let j = i;
  for (; j + 4 <= length; j += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let a = 0; a <= last; a += spacing) {
      const value = values[a + i]!;
      s0 += value * values[a + j]!;
      s1 += value * values[a + j + 1]!;
      s2 += value * values[a + j + 2]!;
      s3 += value * values[a + j + 3]!;
    }
    into[row + j] = s0;
    into[row + j + 1] = s1;
    into[row + j + 2] = s2;
    into[row + j + 3] = s3;
  }
  for (; j < length; j++) {
    let sum = 0;
    for (let a = 0; a <= last; a += spacing) sum += values[a + i]! * values[a + j]!;
    into[row + j] = sum;
  }
}

/**
 * `windowGram` with a weight for each window, G[i][j] = Σ w·v[a + i]·v[a + j]. Weights break what makes runs cheap, so
 * this is the plain sum, O(n·length²).
 */
export function weightedWindowGram(
  series: readonly WindowSeries[],
  origins: Int32Array,
  weights: Float64Array,
  lookBack: number,
  horizon: number,
): Float64Array {
  const length = lookBack + horizon;
  const gram = new Float64Array(length * length);
  const window = new Float64Array(length);
  for (const { values, centre } of series) {
    for (let at = 0; at < origins.length; at++) {
      const start = origins[at]! - lookBack + 1;
      for (let i = 0; i < length; i++) window[i] = values[start + i]! - centre;
      for (let i = 0; i < length; i++) {
        const weighted = weights[at]! * window[i]!;
        const row = i * length;
        for (let j = i; j < length; j++) gram[row + j]! += weighted * window[j]!;
      }
    }
  }
  mirror(gram, length);
  return gram;
}

/**
 * Σ over windows of a[t − lookBack + 1 + i]·b[t + h], row-major [lookBack, horizon] with h from 1: how a window of one
 * series goes with the forecast rows of another. The recurrence of `windowGram` goes along its diagonals too; with
 * `weights`, one for each origin, it is the plain sum.
 */
export function crossGram(
  a: Float64Array,
  b: Float64Array,
  origins: Int32Array,
  lookBack: number,
  horizon: number,
  weights?: Float64Array,
): Float64Array {
  const gram = new Float64Array(lookBack * horizon);
  if (weights) {
    origins.forEach((origin, at) => {
      const start = origin - lookBack + 1;
      for (let i = 0; i < lookBack; i++) {
        const weighted = weights[at]! * a[start + i]!;
        for (let h = 0; h < horizon; h++) gram[i * horizon + h]! += weighted * b[origin + 1 + h]!;
      }
    });
    return gram;
  }
  const ofRun = new Float64Array(lookBack * horizon);
  for (const { first, count, spacing } of originRuns(origins)) {
    const start = first - lookBack + 1;
    const last = (count - 1) * spacing;
    for (let i = 0; i < lookBack; i++) {
      for (let h = 0; h < horizon; h++) {
        const [rowA, rowB] = [start + i, first + 1 + h];
        let sum = 0;
        if (i < spacing || h < spacing) {
          for (let step = 0; step <= last; step += spacing) sum += a[rowA + step]! * b[rowB + step]!;
        } else {
          sum = ofRun[(i - spacing) * horizon + h - spacing]! - a[rowA - spacing]! * b[rowB - spacing]!;
          sum += a[rowA + last]! * b[rowB + last]!;
        }
        ofRun[i * horizon + h] = sum;
        gram[i * horizon + h]! += sum;
      }
    }
  }
  return gram;
}

/** Squares of the matrix that stay in the cache while they are turned. */
const TILE = 32;

/** Copies the upper triangle to the lower one. */
function mirror(gram: Float64Array, length: number): void {
  for (let top = 0; top < length; top += TILE) {
    const bottom = Math.min(length, top + TILE);
    for (let left = 0; left <= top; left += TILE) {
      for (let i = top; i < bottom; i++) mirrorRow(gram, length, i, left, Math.min(i, left + TILE));
    }
  }
}

function mirrorRow(gram: Float64Array, length: number, i: number, left: number, right: number): void {
  for (let j = left; j < right; j++) gram[i * length + j] = gram[j * length + i]!;
}

/**
 * The Gram matrix after each window has lost its value at position `anchor`: w′ = w − w[anchor]·1 is linear, so
 * G′[i][j] = G[i][j] − G[i][anchor] − G[anchor][j] + G[anchor][anchor]. Row and column `anchor` become 0.
 */
export function anchorGram(gram: Float64Array, length: number, anchor: number): Float64Array {
  const anchored = new Float64Array(length * length);
  const corner = gram[anchor * length + anchor]!;
  for (let i = 0; i < length; i++) {
    anchorRow(anchored, gram, i * length, anchor * length, length, corner - gram[i * length + anchor]!);
  }
  return anchored;
}

function anchorRow(
  into: Float64Array,
  gram: Float64Array,
  row: number,
  anchorRow: number,
  length: number,
  shift: number,
): void {
  for (let j = 0; j < length; j++) into[row + j] = gram[row + j]! - gram[anchorRow + j]! + shift;
}

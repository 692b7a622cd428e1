import { openWorkspace, type Block, type Workspace } from './dot-products.js';
import { TRIANGLE } from './triangle-functions.js';

/** Rows and columns of a block; matrices are filled up to a multiple of it. */
const BLOCK = TRIANGLE;
/** Below it copying to and fro costs more than is won; above it the memory would be hundreds of MB. */
const SMALLEST = 64;
const LARGEST = 4096;

/** Whether the functions of this file are for matrices of this size. */
export const isForBlocks = (size: number): boolean => size >= SMALLEST && size <= LARGEST;

const filledUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

/** As `cholesky`. */
export function blockedCholesky(matrix: Float64Array, size: number): Float64Array | null {
  const n = filledUp(size, BLOCK);
  const workspace = openWorkspace(n * n + n * BLOCK);
  loadTriangle(workspace, matrix, size);
  if (!factorise(workspace, n)) return null;
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) factor.set(workspace.values.subarray(i * n, i * n + i + 1), i * size);
  return factor;
}

/** As `solveCholesky`. */
export function blockedSolve(factor: Float64Array, size: number, right: Float64Array, count: number): Float64Array {
  const workspace = openWorkspace(solvingSize(size, count));
  loadTriangle(workspace, factor, size);
  return substitute(workspace, size, right, count);
}

/** As `solvePositiveDefinite`, without the factor ever leaving the workspace. */
export function blockedSolvePositiveDefinite(
  matrix: Float64Array,
  diagonal: Float64Array,
  size: number,
  right: Float64Array,
  count: number,
): Float64Array | null {
  const n = filledUp(size, BLOCK);
  const workspace = openWorkspace(solvingSize(size, count));
  loadTriangle(workspace, matrix, size);
  for (let i = 0; i < size; i++) workspace.values[i * n + i]! += diagonal[i]!;
  return factorise(workspace, n) ? substitute(workspace, size, right, count) : null;
}

function solvingSize(size: number, count: number): number {
  const n = filledUp(size, BLOCK);
  return n * n + Math.max(n * BLOCK, filledUp(count, 4) * (n + BLOCK));
}

/** Puts a lower triangle at the beginning of the workspace, filled up by an identity, which no row reaches. */
function loadTriangle({ values }: Workspace, matrix: Float64Array, size: number): void {
  const n = filledUp(size, BLOCK);
  for (let i = 0; i < size; i++) values.set(matrix.subarray(i * size, i * size + i + 1), i * n);
  for (let i = size; i < n; i++) values[i * n + i] = 1;
}

/**
 * Cholesky's factor in place of its matrix [n, n], a column of blocks at a time: what the columns before it take off a
 * column of blocks is one product of matrices, and only the last few terms of each element remain.
 */
function factorise(workspace: Workspace, n: number): boolean {
  const taken: Block = { offset: n * n, stride: BLOCK };
  for (let from = 0; from < n; from += BLOCK) {
    const rows: Block = { offset: from * n, stride: n };
    workspace.dots(rows, n - from, rows, BLOCK, from, taken);
    const diagonal: Block = { offset: from * n + from, stride: n };
    if (!factoriseDiagonal(workspace.values, diagonal, taken)) return false;
    const below: Block = { offset: diagonal.offset + BLOCK * n, stride: n };
    const sums: Block = { offset: taken.offset + BLOCK * BLOCK, stride: BLOCK };
    workspace.substituteForward(below, n - from - BLOCK, sums, diagonal);
  }
  return true;
}

/** The factor of a block on the diagonal, less what the columns before it take off. */
function factoriseDiagonal(values: Float64Array, { offset, stride }: Block, taken: Block): boolean {
  for (let i = 0; i < BLOCK; i++) {
    const row = offset + i * stride;
    for (let j = 0; j <= i; j++) {
      const other = offset + j * stride;
      let sum = values[row + j]! - values[taken.offset + i * BLOCK + j]!;
      for (let m = 0; m < j; m++) sum -= values[row + m]! * values[other + m]!;
      if (j < i) values[row + j] = sum / values[other + j]!;
      else if (sum > 0) values[row + j] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** Solutions for the factor at the beginning of the workspace, whose blocks above the diagonal become its transpose. */
function substitute(workspace: Workspace, size: number, right: Float64Array, count: number): Float64Array {
  const { values } = workspace;
  const n = filledUp(size, BLOCK);
  const rows = filledUp(count, 4);
  const x: Block = { offset: n * n, stride: n };
  const taken: Block = { offset: n * n + rows * n, stride: BLOCK };
  mirrorBlocks(values, n);
  values.fill(0, x.offset, x.offset + rows * n);
  for (let c = 0; c < count; c++) values.set(right.subarray(c * size, (c + 1) * size), x.offset + c * n);
  for (let from = 0; from < n; from += BLOCK) {
    workspace.dots(x, rows, { offset: from * n, stride: n }, BLOCK, from, taken);
    const diagonal: Block = { offset: from * n + from, stride: n };
    workspace.substituteForward({ offset: x.offset + from, stride: n }, count, taken, diagonal);
  }
  for (let from = n - BLOCK; from >= 0; from -= BLOCK) {
    const after = from + BLOCK;
    const above: Block = { offset: from * n + after, stride: n };
    workspace.dots({ offset: x.offset + after, stride: n }, rows, above, BLOCK, n - after, taken);
    const diagonal: Block = { offset: from * n + from, stride: n };
    workspace.substituteBackward({ offset: x.offset + from, stride: n }, count, taken, diagonal);
  }
  const solutions = new Float64Array(count * size);
  for (let c = 0; c < count; c++) solutions.set(values.subarray(x.offset + c * n, x.offset + c * n + size), c * size);
  return solutions;
}

/** Copies what lies below the blocks on the diagonal to above them, block by block, since whole columns miss the cache. */
function mirrorBlocks(values: Float64Array, n: number): void {
  for (let top = BLOCK; top < n; top += BLOCK) {
    for (let left = 0; left < top; left += BLOCK) {
      mirrorBlock(values, n, top, left);
    }
  }
}

function mirrorBlock(values: Float64Array, n: number, top: number, left: number): void {
  for (let i = top; i < top + BLOCK; i++) {
    for (let j = left; j < left + BLOCK; j++) values[j * n + i] = values[i * n + j]!;
  }
}

/** As `sumOfQuadraticForms`: twice what lies left of the blocks on the diagonal, and these. */
export function blockedQuadraticForms(
  matrix: Float64Array,
  size: number,
  vectors: Float64Array,
  count: number,
): number {
  const n = filledUp(size, BLOCK);
  const rows = filledUp(count, 4);
  const workspace = openWorkspace(n * n + rows * (n + BLOCK) + 1);
  const { values } = workspace;
  const x: Block = { offset: n * n, stride: n };
  const products: Block = { offset: n * n + rows * n, stride: BLOCK };
  loadTriangle(workspace, matrix, size);
  for (let v = 0; v < count; v++) values.set(vectors.subarray(v * size, (v + 1) * size), x.offset + v * n);
  const total = products.offset + rows * BLOCK;
  for (let from = 0; from < n; from += BLOCK) {
    workspace.dots(x, rows, { offset: from * n, stride: n }, BLOCK, from, products);
    const diagonal: Block = { offset: from * n + from, stride: n };
    workspace.quadraticForms({ offset: x.offset + from, stride: n }, count, products, diagonal, total);
  }
  return values[total]!;
}

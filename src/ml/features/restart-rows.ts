/**
 * The row from which a step that remembers `reach` rows besides the current one can begin anew for `row`, when its
 * rolling windows cut their blocks from the first row on: a multiple of each of `windows`, so that the blocks fall as
 * they fall over the whole series and the bytes are the same. 0 where no later row fits.
 */
export function restartOnBlocks(row: number, reach: number, ...windows: readonly number[]): number {
  const blocks = windows.reduce(leastCommonMultiple, 1);
  return Math.floor(Math.max(0, row - reach) / blocks) * blocks;
}

function leastCommonMultiple(left: number, right: number): number {
  let [divisor, rest] = [left, right];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return (left / divisor) * right;
}

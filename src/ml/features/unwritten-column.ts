/**
 * A column whose rows hold whatever the memory held before: the caller writes every one of them. Clearing a million rows
 * first takes half as long as an exponential average of them, which is why the indicators' kernels begin with this.
 */
export function unwrittenColumn(length: number): Float64Array {
  return new Float64Array(Buffer.allocUnsafeSlow(length * Float64Array.BYTES_PER_ELEMENT).buffer);
}

/** The last season of a window over and over, ŷ[t + h] = y[t − S + 1 + ((h − 1) mod S)]; S = 1 repeats the last value. */
export function repeatSeason(window: Float64Array, seasonLength: number, out: Float64Array): void {
  const first = window.length - seasonLength;
  for (let h = 0; h < out.length; h++) out[h] = window[first + (h % seasonLength)]!;
}

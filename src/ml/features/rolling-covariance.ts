/** Joint moments of the trailing window of every row; NaN during warm-up and over missing values of either series. */
export interface RollingCovariance {
  /** Σ(x − mean_x)² / window, and of y. */
  readonly xVariances: Float64Array;
  readonly yVariances: Float64Array;
  /** Σ(x − mean_x)(y − mean_y) / window. */
  readonly covariances: Float64Array;
}

/** Sums of a piece of a block, measured from an anchor that the piece contains. */
interface Piece {
  xMean: number;
  yMean: number;
  xSquares: number;
  ySquares: number;
  products: number;
}

/** Numbers that describe a tail: the fields of `Piece`, in this order. */
const FIELDS = 5;

/**
 * Variances and covariance of rows t − window + 1 … t of two series for every t, in O(n), by the scheme of
 * `rollingMoments`: blocks as long as the window, heads and tails accumulated separately (Welford 1962), joined by the
 * formula of Chan, Golub & LeVeque (1983), for the products C = C_t + C_h + δx·δy·nt·nh / n with δ = mean_h − mean_t.
 * Nothing is ever subtracted from a running sum, so neither an offset nor a spike that has left the window costs digits,
 * and a NaN of either series spoils exactly the windows that contain it. A constant window has variance and covariance 0
 * exactly. Blocks count from row 0.
 */
export function rollingCovariance(x: Float64Array, y: Float64Array, window: number): RollingCovariance {
  const length = x.length;
  const xVariances = new Float64Array(length).fill(NaN);
  const yVariances = new Float64Array(length).fill(NaN);
  const covariances = new Float64Array(length).fill(NaN);
  // Of the previous block: rows `offset` … last, measured from its last values.
  const tails = new Float64Array(window * FIELDS);
  let xTailAnchor = 0;
  let yTailAnchor = 0;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const blockEnd = Math.min(blockStart + window, length);
    const xAnchor = x[blockStart]!;
    const yAnchor = y[blockStart]!;
    const head: Piece = emptyPiece();
    for (let row = blockStart; row < blockEnd; row++) {
      const heads = row - blockStart + 1;
      extend(head, x[row]! - xAnchor, y[row]! - yAnchor, heads);
      if (row < window - 1) continue;
      if (heads === window) {
        write(row, head.xSquares, head.ySquares, head.products);
        continue;
      }
      const at = heads * FIELDS;
      const xDelta = xAnchor - xTailAnchor + (head.xMean - tails[at]!);
      const yDelta = yAnchor - yTailAnchor + (head.yMean - tails[at + 1]!);
      const share = ((window - heads) * heads) / window;
      write(
        row,
        tails[at + 2]! + head.xSquares + xDelta * xDelta * share,
        tails[at + 3]! + head.ySquares + yDelta * yDelta * share,
        tails[at + 4]! + head.products + xDelta * yDelta * share,
      );
    }
    // The last block of the series may be shorter; no window begins in it and ends after it.
    if (blockEnd - blockStart < window) break;
    xTailAnchor = x[blockEnd - 1]!;
    yTailAnchor = y[blockEnd - 1]!;
    const tail = emptyPiece();
    for (let offset = window - 1; offset > 0; offset--) {
      extend(tail, x[blockStart + offset]! - xTailAnchor, y[blockStart + offset]! - yTailAnchor, window - offset);
      tails.set([tail.xMean, tail.yMean, tail.xSquares, tail.ySquares, tail.products], offset * FIELDS);
    }
  }
  return { xVariances, yVariances, covariances };

  function write(row: number, xSquares: number, ySquares: number, products: number): void {
    // A NaN of either series is in the products.
    if (Number.isNaN(products)) return;
    xVariances[row] = xSquares / window;
    yVariances[row] = ySquares / window;
    covariances[row] = products / window;
  }
}

function emptyPiece(): Piece {
  return { xMean: 0, yMean: 0, xSquares: 0, ySquares: 0, products: 0 };
}

/** Takes the `count`-th pair of values into a piece. */
function extend(piece: Piece, x: number, y: number, count: number): void {
  const xStep = x - piece.xMean;
  const yStep = y - piece.yMean;
  piece.xMean += xStep / count;
  piece.yMean += yStep / count;
  piece.xSquares += xStep * (x - piece.xMean);
  piece.ySquares += yStep * (y - piece.yMean);
  piece.products += xStep * (y - piece.yMean);
}

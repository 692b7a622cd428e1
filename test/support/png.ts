import { unzlibSync } from 'fflate';

/** Red, green, blue and alpha of each pixel, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels in the box whose channels differ from the colour by less than a tenth. */
export function countPixels(pixels: Pixels, colour: readonly [number, number, number], box?: Box): number {
  const { x, y, width, height } = box ?? { x: 0, y: 0, width: pixels.width, height: pixels.height };
  const { data } = pixels;
  const [red, green, blue] = colour;
  const isNear = (difference: number): boolean => difference < 25 && difference > -25;
  let count = 0;
  for (let row = y; row < y + height; row++) {
    const end = (row * pixels.width + x + width) * 4;
    for (let at = end - width * 4; at < end; at += 4) {
      if (isNear(data[at]! - red) && isNear(data[at + 1]! - green) && isNear(data[at + 2]! - blue)) count += 1;
    }
  }
  return count;
}

/** Reads the PNG files that resvg writes: 8 bits, RGBA, not interlaced. Source: PNG specification, sections 5 and 9. */
export function decodePng(png: Uint8Array): Pixels {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (view.getUint32(0) !== 0x89504e47) throw new Error('not a PNG file');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  if (png[24] !== 8 || png[25] !== 6 || png[28] !== 0) throw new Error('not 8-bit RGBA without interlacing');
  const chunks: Uint8Array[] = [];
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x49444154) chunks.push(png.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const filtered = unzlibSync(Buffer.concat(chunks));
  const stride = width * 4;
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const left = x < 4 ? 0 : data[y * stride + x - 4]!;
      const up = y === 0 ? 0 : data[(y - 1) * stride + x]!;
      const upLeft = x < 4 || y === 0 ? 0 : data[(y - 1) * stride + x - 4]!;
      data[y * stride + x] = filtered[y * (stride + 1) + 1 + x]! + predicted(filter, left, up, upLeft);
    }
  }
  return { width, height, data };
}

function predicted(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const byLeft = up > upLeft ? up - upLeft : upLeft - up;
  const byUp = left > upLeft ? left - upLeft : upLeft - left;
  const sum = left + up - 2 * upLeft;
  const byUpLeft = sum > 0 ? sum : -sum;
  return byLeft <= byUp && byLeft <= byUpLeft ? left : byUp <= byUpLeft ? up : upLeft;
}

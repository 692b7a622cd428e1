import { Resvg } from '@resvg/resvg-js';
import type { ChartSpec } from '../../ml/plots/theme.js';
import { ChartThread } from './chart-thread.js';
import { checkPictureFont, PICTURE_FONT, resvgOptions } from './picture-font.js';

const charts = new ChartThread();
let hasFont = false;

/** For a host that has nothing to draw yet: loads what draws, beside what it does. */
export function expectPictures(): void {
  charts.open();
}

/**
 * Draws a chart to PNG: to SVG in a thread of its own, and from there to pixels in this one. Equal specs give equal
 * bytes, in any time zone and whatever fonts the machine has.
 */
export async function renderPicture(spec: ChartSpec): Promise<Uint8Array> {
  if (!hasFont) checkPictureFont();
  hasFont = true;
  const svg = await charts.draw(spec);
  const png = new Resvg(svg, resvgOptions(PICTURE_FONT, '#ffffff')).render().asPng();
  // A copy: the renderer's memory is not JavaScript's, and Node 22 refuses to move it to another thread.
  return Uint8Array.from(png);
}

import { readFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import type { ChartSpec } from '../../ml/plots/theme.js';
import { FontWidths } from './font-widths.js';
import { checkPictureFont, PICTURE_FONT, resvgOptions, type PictureFont } from './picture-font.js';

/**
 * Draws a chart to PNG, without a browser: Vega-Lite → Vega → SVG → PNG. Equal specs give equal bytes, in any time
 * zone and whatever fonts the machine has. What the compiler only warns of is a mistake in the spec, and fails.
 */
export async function renderPicture(spec: ChartSpec): Promise<Uint8Array> {
  checkPictureFont();
  measureTextWith(PICTURE_FONT);
  const svg = await renderSvg(spec);
  const png = new Resvg(svg, resvgOptions(PICTURE_FONT, '#ffffff')).render().asPng();
  // A copy: the renderer's memory is not JavaScript's, and Node 22 refuses to move it to another thread.
  return Uint8Array.from(png);
}

async function renderSvg(spec: ChartSpec): Promise<string> {
  const logger = strictLogger();
  const view = new vega.View(vega.parse(compile(spec, { logger }).spec), { renderer: 'none', logger });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** The part of a text item that its width depends on. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
  /** Pixels after which it is cut. */
  readonly limit?: number;
}

interface TextMetrics {
  /** `text` is what a label holds: a string, a number or nothing. */
  width(item: TextItem, text: string | number | null | undefined): number;
}

/**
 * Vega lays text out with this function, which its typings leave out. Its own ones either guess or depend on whether
 * somebody installed the package `canvas`.
 */
function measureTextWith(font: PictureFont): void {
  const { textMetrics } = vega as unknown as { textMetrics: TextMetrics };
  const regular = FontWidths.read(readFileSync(font.regular));
  const bold = FontWidths.read(readFileSync(font.bold));
  textMetrics.width = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
    const isBold = fontWeight === 'bold' || Number(fontWeight) >= 600;
    const width = (isBold ? bold : regular).width(String(text ?? ''), fontSize);
    return limit > 0 ? Math.min(width, limit) : width;
  };
}

function strictLogger(): vega.LoggerInterface {
  const fail = (...messages: readonly unknown[]): never => {
    throw new Error(`chart specification: ${messages.map(String).join(' ')}`);
  };
  const logger: vega.LoggerInterface = {
    level: (value?: number) => (value === undefined ? vega.Warn : logger),
    error: fail,
    warn: fail,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

import { readFileSync } from 'node:fs';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import type { ChartSpec } from '../../ml/plots/theme.js';
import { FontWidths } from './font-widths.js';
import { PICTURE_FONT, type PictureFont } from './picture-font.js';

/**
 * Draws a chart to SVG, without a browser: Vega-Lite → Vega → SVG. Equal specs give equal texts, in any time zone. What
 * the compiler only warns of is a mistake in the spec, and fails.
 */
export async function drawSvg(spec: ChartSpec): Promise<string> {
  measureText ??= measureTextWith(PICTURE_FONT);
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

/** `text` is what a label holds: a string, a number or nothing. */
type MeasureText = (item: TextItem, text: string | number | null | undefined) => number;

let measureText: MeasureText | null = null;

/**
 * Vega lays text out with this function, which its typings leave out. Its own ones either guess or depend on whether
 * somebody installed the package `canvas`.
 */
function measureTextWith(font: PictureFont): MeasureText {
  const { textMetrics } = vega as unknown as { textMetrics: { width: MeasureText } };
  const regular = FontWidths.read(readFileSync(font.regular));
  const bold = FontWidths.read(readFileSync(font.bold));
  textMetrics.width = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
    const isBold = fontWeight === 'bold' || Number(fontWeight) >= 600;
    const width = (isBold ? bold : regular).width(String(text ?? ''), fontSize);
    return limit > 0 ? Math.min(width, limit) : width;
  };
  return textMetrics.width;
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

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js';
import { parse, View, type LoggerInterface } from 'vega';
import { compile } from 'vega-lite';
import { TrainyardError } from '../../common/errors/index.js';
import type { ChartSpec } from '../../ml/plots/theme.js';

const FAMILY = 'DejaVu Sans';
const FONT_FILES: readonly string[] = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
  createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}`),
);

/**
 * Draws a chart to PNG, without a browser: Vega-Lite → Vega → SVG → PNG. Equal specs give equal bytes, in any time
 * zone. What the compiler only warns of is a mistake in the spec, and fails.
 */
export async function renderPicture(spec: ChartSpec): Promise<Uint8Array> {
  checkPictureFonts();
  const svg = await renderSvg(spec);
  const png = new Resvg(svg, resvgOptions(FONT_FILES)).render().asPng();
  return new Uint8Array(png.buffer, png.byteOffset, png.byteLength);
}

async function renderSvg(spec: ChartSpec): Promise<string> {
  const logger = strictLogger();
  const view = new View(parse(compile(spec, { logger }).spec), { renderer: 'none', logger });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * Draws a word and looks for its pixels: without a usable font resvg draws charts without text and says nothing.
 * `FONT_UNAVAILABLE` names the files. Costs a few milliseconds.
 */
export function checkPictureFonts(files: readonly string[] = FONT_FILES): void {
  const missing = files.filter((file) => !existsSync(file));
  const probe = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30"><text x="5" y="20" font-family="${FAMILY}">Trainyard</text></svg>`;
  if (missing.length === 0 && new Resvg(probe, resvgOptions(files)).render().pixels.some((byte) => byte !== 0)) return;
  throw new TrainyardError(
    'FONT_UNAVAILABLE',
    missing.length > 0
      ? `pictures need the font file ${missing.join(', ')}, which is not there: install the package dejavu-fonts-ttf`
      : `no text can be drawn with the font files ${files.join(', ')}: install the package dejavu-fonts-ttf again`,
    { files, missing },
  );
}

function resvgOptions(fontFiles: readonly string[]): ResvgRenderOptions {
  return {
    background: '#ffffff',
    // The fonts of the machine would make the same picture differ from one machine to the next.
    font: { fontFiles: [...fontFiles], loadSystemFonts: false, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
  };
}

function strictLogger(): LoggerInterface {
  const fail = (...messages: readonly unknown[]): never => {
    throw new Error(`chart specification: ${messages.map(String).join(' ')}`);
  };
  const logger: LoggerInterface = {
    level: (() => logger) as LoggerInterface['level'],
    error: fail,
    warn: fail,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

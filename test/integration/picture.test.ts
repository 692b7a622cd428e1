import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { forecastSpec } from '#src/ml/plots/forecast-spec.js';
import { lossSpec } from '#src/ml/plots/loss-spec.js';
import type { ChartSpec } from '#src/ml/plots/theme.js';
import { FontWidths } from '#src/training/worker/font-widths.js';
import { checkPictureFont } from '#src/training/worker/picture-font.js';
import { countPixels, decodePng } from '../support/png.js';
import { pictureExample } from '../unit/ml/plots/picture-example.js';

// Real here: Vega-Lite, Vega, resvg and the font files. Charts are drawn in a process of their own, as in a worker:
// inside the test's own context Vega is many times slower.

const require = createRequire(import.meta.url);
const REGULAR = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const INK = [31, 36, 48] as const;
const FORECAST = [213, 94, 0] as const;
const TITLE = { x: 20, y: 20, width: 900, height: 26 };

/** The PNG of each spec, or the message of its error. */
function draw<Name extends string>(specs: Record<Name, ChartSpec>, timeZone: string): Record<Name, Buffer | string> {
  const module = pathToFileURL(join(process.cwd(), 'dist/training/worker/picture.js')).href;
  const script = `
    import { readFileSync } from 'node:fs';
    const { renderPicture } = await import(${JSON.stringify(module)});
    const specs = Object.entries(JSON.parse(readFileSync(0, 'utf8')));
    const drawn = {};
    for (const [name, spec] of specs) {
      drawn[name] = await renderPicture(spec).then(
        (png) => ({ png: Buffer.from(png).toString('base64') }),
        (error) => ({ error: error.message }),
      );
    }
    process.stdout.write(JSON.stringify(drawn));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    input: JSON.stringify(specs),
    env: { ...process.env, NODE_OPTIONS: '', TZ: timeZone },
    maxBuffer: 64 * 1024 * 1024,
  });
  const drawn = JSON.parse(output.toString()) as Record<Name, { png: string } | { error: string }>;
  return Object.fromEntries(
    Object.entries<{ png: string } | { error: string }>(drawn).map(([name, result]) => [
      name,
      'png' in result ? Buffer.from(result.png, 'base64') : result.error,
    ]),
  ) as Record<Name, Buffer | string>;
}

describe('renderPicture', () => {
  let drawn: Record<'single' | 'untitled' | 'double' | 'again' | 'loss' | 'wrong', Buffer | string>;
  let elsewhere: Record<'double', Buffer | string>;

  beforeAll(async () => {
    const single = forecastSpec(await pictureExample({}));
    const double = forecastSpec(await pictureExample({ assets: 2, rows: 400 }));
    const epochs = Array.from({ length: 30 }, (_, at) => ({
      epoch: at + 1,
      epochs: 30,
      loss: Math.exp(-at / 5),
      validationLoss: Math.exp(-at / 5) + 0.1,
      durationMs: 1,
    }));
    const specs = {
      single,
      untitled: { ...single, title: { text: ' ', subtitle: [' ', ' '] } } as ChartSpec,
      double,
      again: double,
      loss: lossSpec({ algorithm: 'LSTM', epochs, bestEpoch: 30 }),
      wrong: {
        data: { values: [{ a: 1 }] },
        mark: 'point',
        encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'log', zero: true } } },
      } as ChartSpec,
    };
    drawn = draw(specs, 'UTC');
    elsewhere = draw({ double }, 'Pacific/Auckland');
  }, 240_000);

  it('draws a forecast of about 1600 × 900 with title, labels, lines and shades', () => {
    const pixels = decodePng(drawn.single as Buffer);
    expect(pixels.width).toBeGreaterThan(1_540);
    expect(pixels.width).toBeLessThan(1_660);
    expect(pixels.height).toBeGreaterThan(860);
    expect(pixels.height).toBeLessThan(940);
    expect(countPixels(pixels, INK, TITLE)).toBeGreaterThan(1_000);
    expect(countPixels(pixels, FORECAST)).toBeGreaterThan(2_000);
    // Shades of validation and test, blended with white.
    expect(countPixels(pixels, [217, 235, 247])).toBeGreaterThan(50_000);
    expect(countPixels(pixels, [252, 239, 203])).toBeGreaterThan(50_000);
    expect([...pixels.data.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
  });

  it('really draws text: without it, ink is missing in its place', () => {
    const [titled, untitled] = [decodePng(drawn.single as Buffer), decodePng(drawn.untitled as Buffer)];
    expect(titled.height).toBe(untitled.height);
    expect(countPixels(titled, INK, TITLE)).toBeGreaterThan(1_000);
    expect(countPixels(untitled, INK, TITLE)).toBe(0);
  });

  it('gives the same bytes again, in another process and in another time zone', () => {
    expect(drawn.double).toBeInstanceOf(Buffer);
    expect((drawn.again as Buffer).equals(drawn.double as Buffer)).toBe(true);
    expect((elsewhere.double as Buffer).equals(drawn.double as Buffer)).toBe(true);
  });

  it('draws a loss curve', () => {
    const pixels = decodePng(drawn.loss as Buffer);
    expect(countPixels(pixels, FORECAST)).toBeGreaterThan(1_000);
    expect(countPixels(pixels, [0, 114, 178])).toBeGreaterThan(1_000);
    expect(countPixels(pixels, INK, TITLE)).toBeGreaterThan(300);
  });

  it('fails on what the compiler only warns of', () => {
    expect(drawn.wrong).toMatch(/^chart specification: x-scale's "zero" is dropped/);
  });
});

describe('checkPictureFont', () => {
  it('passes with the fonts of the package', () => {
    expect(checkPictureFont()).toBeUndefined();
  });

  it('names a font file that is not there', () => {
    expect(() => checkPictureFont({ regular: '/nowhere/DejaVuSans.ttf', bold: BOLD })).toThrow(
      expect.objectContaining({
        code: 'FONT_UNAVAILABLE',
        message:
          'pictures need the font /nowhere/DejaVuSans.ttf, which is not there: install the package dejavu-fonts-ttf',
        details: { files: ['/nowhere/DejaVuSans.ttf', BOLD], missing: ['/nowhere/DejaVuSans.ttf'] },
      }) as Error,
    );
  });

  it('refuses files that no text can be drawn with', () => {
    const notFont = require.resolve('dejavu-fonts-ttf/package.json');
    expect(() => checkPictureFont({ regular: notFont, bold: notFont })).toThrow(
      expect.objectContaining({
        code: 'FONT_UNAVAILABLE',
        message: `no text can be drawn with ${notFont} and ${notFont}: install the package dejavu-fonts-ttf again`,
      }) as Error,
    );
  });
});

describe('FontWidths', () => {
  it('reads the advance widths of the font', () => {
    const widths = FontWidths.read(readFileSync(REGULAR));
    // of 2,048 units an em: digits 1,303, space 651, M 1,767, · 651
    expect(widths.width('0', 2_048)).toBeCloseTo(1_303, 3);
    expect(widths.width(' M·', 2_048)).toBeCloseTo(651 + 1_767 + 651, 3);
    expect(widths.width('', 12)).toBe(0);
  });

  it.each([
    ['normal', REGULAR],
    ['bold', BOLD],
  ])('agrees with the renderer on %s text to 3 %%', (weight, file) => {
    const text = 'Ridge regression: skill 42 % against naive, −15 % against seasonal naive';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="60"><text y="40" font-size="20" font-family="DejaVu Sans" font-weight="${weight}">${text}</text></svg>`;
    const font = { fontFiles: [file], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
    const drawn = new Resvg(svg, { font }).getBBox()!.width;
    expect(FontWidths.read(readFileSync(file)).width(text, 20) / drawn).toBeCloseTo(1, 1.5);
  });

  it('says what is wrong with a file that is not a font', () => {
    const file = new TextEncoder().encode('{ "name": "something that is not a font" }');
    expect(() => FontWidths.read(file)).toThrow(/the font has no table head|Offset is outside/);
  });
});

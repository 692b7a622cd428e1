import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js';
import { TrainyardError } from '../../common/errors/index.js';

/** TrueType files; resvg takes no other format. */
export interface PictureFont {
  readonly regular: string;
  readonly bold: string;
}

const FAMILY = 'DejaVu Sans';

/** The font that every picture is drawn with, from the package `dejavu-fonts-ttf`. */
export const PICTURE_FONT: PictureFont = {
  regular: createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};

/** Renders with this font alone: those of the machine would make one picture differ from the next. */
export function resvgOptions({ regular, bold }: PictureFont, background: string): ResvgRenderOptions {
  return {
    background,
    font: {
      fontFiles: [regular, bold],
      loadSystemFonts: false,
      defaultFontFamily: FAMILY,
      sansSerifFamily: FAMILY,
    },
  };
}

/**
 * Draws a word and looks for its pixels: without a usable font resvg draws charts without text and says nothing.
 * `FONT_UNAVAILABLE` names the files. Costs a few milliseconds.
 */
export function checkPictureFont(font: PictureFont = PICTURE_FONT): void {
  const files = [font.regular, font.bold];
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0 && drawsText(font, 'normal') && drawsText(font, 'bold')) return;
  throw new TrainyardError(
    'FONT_UNAVAILABLE',
    missing.length > 0
      ? `pictures need the font ${missing.join(' and ')}, which is not there: install the package dejavu-fonts-ttf`
      : `no text can be drawn with ${files.join(' and ')}: install the package dejavu-fonts-ttf again`,
    { files, missing },
  );
}

function drawsText(font: PictureFont, weight: string): boolean {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30">' +
    `<text x="5" y="20" font-family="${FAMILY}" font-weight="${weight}">Trainyard</text></svg>`;
  return new Resvg(svg, resvgOptions(font, 'rgba(0, 0, 0, 0)')).render().pixels.some((byte) => byte !== 0);
}

/** How wide text is, without a screen to ask: by the widths of a wide typeface, so that a narrower one fits too. */

/** Widths in thousandths of the font size, after DejaVu Sans, the widest of the usual interface fonts. */
const widths: readonly (readonly [string, number])[] = [
  ["ijlI'|", 300],
  [" .,:;!()[]/\\-·`", 395],
  ['frt"{}°', 420],
  ["cksvxyzJ_*^", 560],
  ["abdeghnopquL?0123456789$ETFSXYZ#", 645],
  ["ABCDKPRUVGHNOQ&~=+<>", 775],
  ["mwMW@%→✓✗…–", 1000],
];

const table = new Map(widths.flatMap(([letters, width]) => [...letters].map((letter) => [letter, width] as const)));

export interface Font {
  /** In pixels. */
  readonly size: number;
  readonly bold?: boolean;
}

/** Returns how many pixels a text takes at most. */
export function measure(text: string, { size, bold = false }: Font): number {
  let sum = 0;
  for (const letter of text) sum += table.get(letter) ?? ((letter.codePointAt(0) ?? 0) >= 0x1100 ? 1050 : 700);
  return Math.ceil((sum * size * (bold ? 1.12 : 1)) / 1000);
}

/** Returns the text, cut with an ellipsis where it is wider than `width` pixels. */
export function cut(text: string, width: number, font: Font): string {
  if (measure(text, font) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && measure(`${letters.join("")}…`, font) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** Returns the text in lines of at most `width` pixels, the last one cut where there are more than `most`. */
export function wrap(text: string, width: number, font: Font, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ");
  for (const [index, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || measure(longer, font) <= width) {
      line = longer;
      continue;
    }
    if (lines.length === most - 1) return [...lines, cut(`${line} ${words.slice(index).join(" ")}`, width, font)];
    lines.push(cut(line, width, font));
    line = word;
  }
  return [...lines, cut(line, width, font)];
}

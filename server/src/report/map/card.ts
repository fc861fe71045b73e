/** A node of the picture as a card: its lines of text, where they stand in it, and how large it is. */
import { type Catalogue, type Message, render } from "../../message";
import type { MapNode, MapRow, State, Why } from "./graph";
import { cut, type Font, measure, wrap } from "./measure";
import { kindName } from "./names";

export interface Line {
  readonly kind: "name" | "detail" | "row" | "why";
  /** What fits; `full` says all of it. */
  readonly text: string;
  readonly full: string;
  /** The foot of the letters, from the card's top left corner. */
  readonly x: number;
  readonly y: number;
  /** Set on the first line of a row or reason, before which its sign stands. */
  readonly state?: State;
}

export interface Card {
  readonly node: MapNode;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
  /** Where the head ends and the rows begin; absent without rows. */
  readonly rule: number | undefined;
  /** All that the card says, for whoever cannot see it. */
  readonly label: string;
}

const nameFont: Font = { size: 13, bold: true };
const smallFont: Font = { size: 11 };
const headHeight = 44;
const [least, most] = [150, 292];
/** Left of the text stands the icon in the head, the sign in a row; right of it the sign of the node. */
const [iconSpace, signSpace, rowIndent, pad] = [42, 26, 24, 10];
const [rowHeight, lineHeight] = [19, 14];
/** At most this many routes that no path uses are listed. */
const idleRows = 3;

/** How the picture is worded. */
export interface Wording {
  readonly catalogue: Catalogue;
  /** Nothing is cut, so that names can be replaced in the finished picture. */
  readonly uncut: boolean;
}

/** Returns a node's card. */
export function toCard(node: MapNode, { catalogue, uncut }: Wording): Card {
  const say = (text: Message | string): string => (typeof text === "string" ? text : render(text, catalogue));
  const name = say(node.name);
  const detail = say(node.detail);
  const rows = shownRows(node);
  const texts = rows.map(({ text }) => say(text));
  const whys = node.whys.length > 0 || rows.some(({ whys }) => whys.length > 0);
  const wanted = Math.max(
    whys ? 230 : least,
    iconSpace + signSpace + Math.max(measure(name, nameFont), measure(detail, smallFont)),
    ...texts.map((text) => rowIndent + pad + measure(text, smallFont)),
  );
  const width = uncut ? Math.max(wanted, most) : Math.min(wanted, most);
  const lineCap = uncut ? Number.POSITIVE_INFINITY : 4;
  const inner = width - iconSpace - signSpace;
  const lines: Line[] = [{ kind: "name", text: cut(name, inner, nameFont), full: name, x: iconSpace, y: 20 }];
  const about = wrap(detail, inner, smallFont, Math.min(2, lineCap));
  for (const [index, text] of about.entries()) {
    lines.push({
      kind: "detail",
      text,
      full: about.join(" ") === detail ? text : detail,
      x: iconSpace,
      y: 35 + index * lineHeight,
    });
  }
  const head = headHeight + (about.length - 1) * lineHeight;
  let y = head;
  const explain = (why: Why, signed: boolean): void => {
    const full = say(why.text);
    const parts = wrap(full, width - rowIndent - pad, smallFont, lineCap);
    const isWhole = parts.join(" ") === full;
    for (const [index, text] of parts.entries()) {
      const sign = signed && index === 0 ? { state: why.state } : {};
      lines.push({ kind: "why", text, full: isWhole ? text : full, x: rowIndent, y: y + 11, ...sign });
      y += lineHeight;
    }
    y += 3;
  };
  const hasRows = rows.length > 0 || node.whys.length > 0;
  if (hasRows) y += 6;
  for (const [index, row] of rows.entries()) {
    const full = texts[index] ?? "";
    const text = cut(full, width - rowIndent - pad, smallFont);
    lines.push({ kind: "row", text, full, x: rowIndent, y: y + 13, state: row.state });
    y += rowHeight;
    for (const why of row.whys) explain(why, false);
  }
  for (const why of node.whys) explain(why, true);
  if (hasRows) y += 6;
  const whole = [
    ...rows.flatMap(({ text, whys }) => [text, ...whys.map((why) => why.text)]),
    ...node.whys.map(({ text }) => text),
  ];
  const label = [name, say(kindName(node.kind)), detail, ...whole.map(say)];
  return {
    node,
    width,
    height: y,
    lines,
    rule: hasRows ? head : undefined,
    label: [...new Set(label)].join(". "),
  };
}

/** Rows that a path uses, and of the others as many as there is room for. */
function shownRows({ rows }: MapNode): readonly MapRow[] {
  let idle = 0;
  return rows.filter(({ state }) => (state !== "dim" && state !== "plain") || idle++ < idleRows);
}

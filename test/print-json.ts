/** Prints a syntax tree as a JSON template, and names the places in it, so that the same template in two texts can be compared. */
import { type Entry, type Node, type Span, spanOf } from "../server/src/template/syntax";

/** Returns the tree as JSON; `order` may bring the entries of each map into another order. */
export function toJsonText(
  node: Node,
  order: (entries: readonly Entry[]) => readonly Entry[] = (entries) => entries,
  indent = "",
): string {
  const inner = `${indent}  `;
  switch (node.kind) {
    case "scalar":
      return scalar(node.text, node.quoted);
    case "list":
      return brackets(
        "[",
        node.items.map((item) => inner + toJsonText(item, order, inner)),
        `${indent}]`,
      );
    case "map":
      return brackets(
        "{",
        order(lastOfEach(node.entries)).map(
          ({ key, value }) => `${inner}${JSON.stringify(key.text)}: ${toJsonText(value, order, inner)}`,
        ),
        `${indent}}`,
      );
  }
}

/** Returns the keys and indices that lead to the smallest node around a span; a key itself ends in `#`. */
export function pathOf(root: Node, span: Span): string {
  const steps: string[] = [];
  let node: Node | undefined = root;
  while (node !== undefined) {
    const next: Child | undefined = children(node).find((child) => covers(child.at, span));
    if (next === undefined) break;
    steps.push(next.step);
    node = next.node;
  }
  return steps.join("/");
}

interface Child {
  readonly step: string;
  readonly at: Span;
  /** Absent for a key. */
  readonly node?: Node;
}

function children(node: Node): Child[] {
  switch (node.kind) {
    case "scalar":
      return [];
    case "list":
      return node.items.map((item, index) => ({ step: String(index), at: spanOf(item), node: item }));
    case "map":
      return node.entries.flatMap(({ key, value }) => [
        { step: `${key.text}#`, at: spanOf(key) },
        { step: key.text, at: spanOf(value), node: value },
      ]);
  }
}

function covers(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function lastOfEach(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.key.text, entry])).values()];
}

function brackets(open: string, rows: readonly string[], close: string): string {
  return rows.length === 0 ? `${open}${close.trim()}` : `${open}\n${rows.join(",\n")}\n${close}`;
}

/** Numbers keep their digits as they are written; what JSON does not know as a number becomes a string. */
function scalar(text: string, quoted: boolean): string {
  if (quoted) return JSON.stringify(text);
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return "null";
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase();
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? text : JSON.stringify(text);
}

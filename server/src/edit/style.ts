/** How a document is written, so that what is added looks as if its author had written it. */
import { once } from "../template/once";
import { type Document, intrinsic, type MapNode, type Node, spanOf } from "../template/syntax";
import { columnOf, itemExtents, ownIndent } from "./extent";
import { isFlow, isTagged } from "./site";

export interface Style {
  /** JSON's quotes and keys: a JSON document, or a YAML document that is one pair of brackets. */
  readonly json: boolean;
  readonly newline: "\n" | "\r\n";
  /** White space of one level. */
  readonly unit: string;
  /** Columns from a key to the dashes of its list. */
  readonly dash: number;
  readonly quote: '"' | "'";
  /** `!Ref A` and not `Ref: A`. */
  readonly shortTags: boolean;
  /** Small values on one line: in YAML lists as `[a, b]`, in JSON intrinsic calls and lists of plain values. */
  readonly compact: boolean;
  /** False for a JSON text of one line. */
  readonly pretty: boolean;
  /** What stands between a JSON key and its value. */
  readonly colon: string;
  readonly comma: string;
  /** What stands inside the brackets of a map and of a list. */
  readonly mapPadding: string;
  readonly listPadding: string;
}

/** The short forms that CloudFormation knows; `Fn::Length`, `Fn::ToJsonString` and `Fn::ForEach` have none. */
export const shortNames: ReadonlyMap<string, string> = new Map([
  ["Ref", "!Ref"],
  ["Condition", "!Condition"],
  ...["And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Not", "Or"].map(
    (name): [string, string] => [`Fn::${name}`, `!${name}`],
  ),
  ...["Select", "Split", "Sub", "Transform"].map((name): [string, string] => [`Fn::${name}`, `!${name}`]),
]);

/** Returns the style that most of a document is written in; a lint asks for it once for every fix. */
export const styleOf = once((document: Document): Style => measure(document));

/** Returns the document's style with the indentation of a map's own entries, where they show one. */
export function styleNear(document: Document, map: Node): Style {
  const style = styleOf(document);
  if (map.kind !== "map" || style.json) return style;
  const habits = emptyHabits();
  noteIndents(document, map, habits);
  return { ...style, unit: most(habits.units, style.unit), dash: most(habits.dashes, style.dash) };
}

/** What was seen of each habit, one item for each time. */
interface Habits {
  readonly units: string[];
  readonly dashes: number[];
  readonly quotes: ('"' | "'")[];
  readonly shortTags: boolean[];
  readonly compact: boolean[];
  readonly colons: string[];
  readonly mapPaddings: string[];
  readonly listPaddings: string[];
}

function emptyHabits(): Habits {
  return {
    units: [],
    dashes: [],
    quotes: [],
    shortTags: [],
    compact: [],
    colons: [],
    mapPaddings: [],
    listPaddings: [],
  };
}

function measure(document: Document): Style {
  const { text, root, language } = document;
  const json = language === "json" || (root !== undefined && isFlow(root));
  const habits = emptyHabits();
  const waiting: Node[] = root === undefined ? [] : [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    note(document, node, json, habits);
    if (node.kind === "list") for (const item of node.items) waiting.push(item);
    if (node.kind === "map") for (const { value } of node.entries) waiting.push(value);
  }
  const unit = most(habits.units, "  ");
  const colon = json ? most(habits.colons, ": ") : ": ";
  return {
    json,
    newline: /\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n",
    unit,
    dash: most(habits.dashes, unit.length),
    quote: most(habits.quotes, '"'),
    shortTags: most(habits.shortTags, true),
    compact: most(habits.compact, json),
    pretty: text.trim().includes("\n") || text.length < 3,
    colon,
    comma: colon === ":" ? "," : ", ",
    mapPadding: most(habits.mapPaddings, colon === ":" ? "" : " "),
    listPadding: most(habits.listPaddings, ""),
  };
}

function note(document: Document, node: Node, json: boolean, habits: Habits): void {
  const { text } = document;
  const { start, end } = spanOf(node);
  if (node.kind === "scalar") {
    const quote = text[start];
    if (node.quoted && (quote === '"' || quote === "'")) habits.quotes.push(quote);
    return;
  }
  const call = intrinsic(node);
  if (call !== undefined && shortNames.has(call.name)) habits.shortTags.push(isTagged(node));
  if (isFlow(node)) {
    const inside = text.slice(start + 1, end - 1);
    const padding = /^ */.exec(inside)?.[0] ?? "";
    if (inside.trim() !== "" && !inside.includes("\n")) {
      (node.kind === "map" ? habits.mapPaddings : habits.listPaddings).push(padding);
    }
  }
  if (json) noteJson(document, node, habits);
  else if (node.kind === "map" && !node.flow) noteIndents(document, node, habits);
}

function noteJson({ text }: Document, node: Node, habits: Habits): void {
  const { start, end } = spanOf(node);
  const isPlain = node.kind === "list" && node.items.every(({ kind }) => kind === "scalar") && node.items.length > 0;
  if (isPlain || intrinsic(node) !== undefined) habits.compact.push(!text.slice(start, end).includes("\n"));
  const first = node.kind === "map" ? node.entries[0] : undefined;
  if (first === undefined) return;
  const key = spanOf(first.key);
  const colon = text.slice(key.end, spanOf(first.value).start);
  if (/^ *: *$/.test(colon)) habits.colons.push(colon);
  const inner = ownIndent(text, key.start);
  const outer = /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", start) + 1))?.[0] ?? "";
  if (inner?.startsWith(outer) && inner.length > outer.length) habits.units.push(inner.slice(outer.length));
}

function noteIndents({ text }: Document, map: MapNode, habits: Habits): void {
  if (map.flow || isTagged(map)) return;
  for (const { key, value } of map.entries) {
    const column = columnOf(text, spanOf(key).start);
    if (value.kind === "map" && !value.flow && !isTagged(value)) {
      const [first] = value.entries;
      const step = first === undefined ? 0 : columnOf(text, spanOf(first.key).start) - column;
      if (step > 0) habits.units.push(" ".repeat(step));
    }
    if (value.kind !== "list" || value.items.length === 0) continue;
    if (!key.text.startsWith("Fn::")) habits.compact.push(value.flow);
    const dash = value.flow ? -1 : columnOf(text, itemExtents(text, value)[0]?.start ?? 0) - column;
    if (dash >= 0) habits.dashes.push(dash);
  }
}

/** Returns what was seen most often, the first of equals. */
function most<T>(seen: readonly T[], otherwise: T): T {
  const counts = new Map<T, number>();
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1);
  let best = otherwise;
  for (const [one, count] of counts) if (count > (counts.get(best) ?? 0)) best = one;
  return best;
}

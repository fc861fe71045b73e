/** What the author of a template has said: what a function should reach, and which findings are known. */
import type { Edit } from "./edit/edit";
import { removeItem, removeKey } from "./edit/remove";
import type { Intent } from "./rules/rule";
import type { Expectation } from "./settings";
import { once } from "./template/once";
import { textOf } from "./template/read";
import { type Document, get, type MapNode, type Node, type Span, spanOf } from "./template/syntax";
import type { Resource, Template } from "./template/template";

/** Returns what a resource's `Metadata: LambdaEgress: Expect` says it should reach, else what the template's own says. */
export function expectationOf(template: Template, resource: Resource | undefined): Intent | undefined {
  return readExpectation(resource?.metadata) ?? readExpectation(template.metadata);
}

/** Returns the intent that a setting stands for; undefined for `auto`, which leaves it to the evidence. */
export function intentOf(expectation: Expectation): Intent | undefined {
  switch (expectation) {
    case "always":
      return "internet";
    case "never":
      return "none";
    case "aws-services":
      return "aws-services";
    case "auto":
      return undefined;
  }
}

/** One rule that an ignore names: in a comment `lambda-egress-ignore RULE[, RULE]: reason`, or in metadata. */
export interface Ignore {
  readonly rule: string;
  /** The whole comment where it names this rule alone, else the name. */
  readonly span: Span;
  /** What it speaks about; a line by the offsets of its start and end. */
  readonly about:
    | { readonly kind: "line"; readonly line: Span }
    | { readonly kind: "resource"; readonly id: string }
    | { readonly kind: "template" };
  /** The edits that take it away. */
  readonly removal: () => readonly Edit[];
}

/** Returns every rule that a comment or metadata of the template asks to ignore. */
export function ignoresOf(document: Document, template: Template): readonly Ignore[] {
  const comments = document.language === "yaml" ? inComments(document) : [];
  const ofTemplate = inMetadata(document, template.root, template.metadata, { kind: "template" });
  return [...comments, ...ofTemplate, ...inResources(document, template)];
}

function inResources(document: Document, template: Template): readonly Ignore[] {
  // Most templates say nothing to this tool, and a look at the metadata of all resources takes longer than one at the text.
  if (template.includes === undefined && !document.text.includes("LambdaEgress")) return [];
  const ignores: Ignore[] = [];
  for (const { id, node, metadata } of template.resources.values()) {
    const { file } = node.block;
    // What another template ignores, it ignores where it is checked itself.
    if (metadata === undefined || (file !== undefined && template.includes?.has(file) !== true)) continue;
    ignores.push(...inMetadata(document, node, metadata, { kind: "resource", id }));
  }
  return ignores;
}

/**
 * At the end of a line a comment speaks about that line, alone on a line about the next one that is not a
 * comment.
 */
function inComments({ text, root }: Document): readonly Ignore[] {
  // Most templates ignore nothing, and this look takes a hundredth of the time.
  if (!text.includes("lambda-egress-ignore")) return [];
  const matches = [...text.matchAll(/#[ \t]*lambda-egress-ignore[ \t]+([a-z0-9, \t-]+)(:[^\r\n]*)?/g)];
  const texts = quotesOf(root);
  const comments = matches.filter(({ index }) => !texts.some(({ start, end }) => start <= index && index < end));
  let next: Span | undefined;
  return comments.flatMap((match) => {
    const start = match.index;
    const end = start + match[0].trimEnd().length;
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const isAlone = text.slice(lineStart, start).trim() === "";
    // Comments that follow each other speak about the same line.
    if (isAlone && (next === undefined || next.start <= start)) next = nextLine(text, start);
    const line = isAlone && next !== undefined ? next : { start: lineStart, end: lineEnd(text, start) };
    const begin = start + match[0].indexOf(match[1] ?? "", match[0].indexOf("ignore") + "ignore".length);
    const names = [...(match[1] ?? "").matchAll(/[^\s,]+/g)].map((name) => {
      return { rule: name[0], start: begin + name.index, end: begin + name.index + name[0].length };
    });
    const blank = text.slice(lineStart, start).length - text.slice(lineStart, start).trimEnd().length;
    const whole = isAlone
      ? { start: lineStart, end: Math.min(text.length, lineEnd(text, start) + 1) }
      : { start: start - blank, end };
    return names.map(({ rule, ...name }, index): Ignore => {
      // A name goes with the comma that parts it from the name before, the first with the one behind.
      const before = names[index - 1];
      const piece =
        before === undefined
          ? { start: name.start, end: names[1]?.start ?? name.end }
          : { start: before.end, end: name.end };
      const gone = names.length === 1 ? whole : piece;
      const span = names.length === 1 ? { start, end } : name;
      return { rule, span, about: { kind: "line", line }, removal: () => [{ span: gone, text: "" }] };
    });
  });
}

/** Returns the values and keys of a text that hold such words themselves, as a script in a template may: no comments. */
function quotesOf(root: Node | undefined): readonly Span[] {
  const found: Span[] = [];
  const seen = new Set<Node>();
  const left: Node[] = root === undefined ? [] : [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    // An alias shares the nodes of its anchor.
    if (seen.has(node) || node.block.file !== undefined) continue;
    seen.add(node);
    if (node.kind === "scalar" && node.text.includes("lambda-egress-ignore")) found.push(spanOf(node));
    else if (node.kind === "list") for (const item of node.items) left.push(item);
    else if (node.kind === "map") for (const { key, value } of node.entries) left.push(key, value);
  }
  return found;
}

function inMetadata(
  document: Document,
  owner: MapNode,
  metadata: Node | undefined,
  about: Ignore["about"],
): readonly Ignore[] {
  const own = get(metadata, "LambdaEgress");
  const node = get(own, "Ignore");
  const items = node?.kind === "list" ? node.items : node === undefined ? [] : [node];
  return items.flatMap((item): Ignore[] => {
    const rule = textOf(item);
    if (rule === undefined) return [];
    const removal = () =>
      node?.kind === "list" && items.length > 1
        ? removeItem(document, node, item)
        : removeWithEmpty(document, [
            [owner, "Metadata"],
            [metadata, "LambdaEgress"],
            [own, "Ignore"],
          ]);
    return [{ rule, span: spanOf(item), about, removal }];
  });
}

/** Removes the last key of a path, or the first one under which nothing else would stay. */
function removeWithEmpty(document: Document, path: readonly (readonly [Node | undefined, string])[]): readonly Edit[] {
  const last = path.findLastIndex(([map], index) => index === 0 || (map?.kind === "map" && map.entries.length > 1));
  const [map, key] = path[last] ?? [];
  return map?.kind === "map" && key !== undefined ? removeKey(document, map, key) : [];
}

function nextLine(text: string, from: number): Span {
  let start = lineEnd(text, from) + 1;
  while (start < text.length && /^[ \t]*(?:#[^\n]*)?\r?$/.test(text.slice(start, lineEnd(text, start)))) {
    start = lineEnd(text, start) + 1;
  }
  return { start, end: lineEnd(text, start) };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Tells whether an ignore speaks about a place. */
export function covers(template: Template, { about }: Ignore, span: Span): boolean {
  switch (about.kind) {
    case "template":
      return true;
    case "line":
      return span.start >= about.line.start && span.start <= about.line.end;
    case "resource":
      return resourceAt(template, span.start)?.id === about.id;
  }
}

/** Returns the resource whose text holds a place, undefined outside of Resources. */
export function resourceAt(template: Template, offset: number): Resource | undefined {
  const written = writtenIn(template);
  let low = 0;
  let high = written.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(written[middle]) <= offset) low = middle + 1;
    else high = middle;
  }
  const start = startOf(written[low - 1]);
  // A loop makes several resources of one text.
  while (low > 1 && startOf(written[low - 2]) === start) low--;
  const resource = written[low - 1];
  return resource !== undefined && offset <= endOf(resource) ? resource : undefined;
}

/** The resources that stand in the document's own text, in its order. */
const writtenIn = once(({ resources }: Template): readonly Resource[] =>
  [...resources.values()]
    .filter(({ at, generatedBy }) => generatedBy === undefined && at.block.file === undefined)
    .sort((left, right) => startOf(left) - startOf(right)),
);

function startOf(resource: Resource | undefined): number {
  return resource === undefined ? -1 : resource.at.block.start + resource.at.from;
}

function endOf({ at, node }: Resource): number {
  const last = node.block.file === undefined ? node : at;
  return last.block.start + last.to;
}

/** Returns where a resource stands in the text, from its logical id on; of an included one that is where its file is named. */
export function wholeSpan({ at, node }: Resource): Span {
  const span = spanOf(at);
  return span.file === node.block.file ? { ...span, end: spanOf(node).end } : span;
}

function readExpectation(metadata: Node | undefined): Intent | undefined {
  const text = textOf(get(get(metadata, "LambdaEgress"), "Expect"));
  return text === "internet" || text === "none" || text === "aws-services" ? text : undefined;
}

/** What the author of a template has said: what a function should reach, and which findings are known. */
import type { Intent } from "./rules/rule";
import type { Expectation } from "./settings";
import { textOf, textsOf } from "./template/read";
import { type Document, get, type Node, type Span, spanOf } from "./template/syntax";
import type { Resource, Template } from "./template/template";

/** `Metadata: LambdaEgress: { Expect, Ignore }` of a resource, or of the template. */
export interface Wish {
  readonly expect: Intent | undefined;
  readonly ignore: ReadonlySet<string>;
}

/** Returns what the metadata of a resource says, completed by what the template's own says. */
export function wishOf(template: Template, resource: Resource | undefined): Wish {
  const own = readWish(resource?.metadata);
  const all = readWish(template.metadata);
  return { expect: own.expect ?? all.expect, ignore: new Set([...own.ignore, ...all.ignore]) };
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

/** A comment `lambda-egress-ignore RULE[, RULE]: reason` and the line whose findings it silences. */
export interface IgnoreComment {
  readonly span: Span;
  readonly rules: readonly string[];
  /** Start and end offset of the line that the comment speaks about. */
  readonly line: Span;
}

/**
 * Returns the ignore comments of a YAML document. At the end of a line a comment speaks about that
 * line, alone on a line about the next one that is not a comment.
 */
export function ignoreComments(document: Document): readonly IgnoreComment[] {
  const { text } = document;
  const comments: IgnoreComment[] = [];
  for (const match of text.matchAll(/#[ \t]*lambda-egress-ignore[ \t]+([a-z0-9, \t-]+)(:[^\r\n]*)?/g)) {
    const start = match.index;
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const alone = text.slice(lineStart, start).trim() === "";
    const rules = (match[1] ?? "").split(/[\s,]+/).filter((rule) => rule !== "");
    const line = alone ? nextLine(text, start) : { start: lineStart, end: lineEnd(text, start) };
    comments.push({ span: { start, end: start + match[0].trimEnd().length }, rules, line });
  }
  return comments;
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

/** Returns the resource whose text holds a place, undefined outside of Resources. */
export function resourceAt(template: Template, offset: number): Resource | undefined {
  for (const resource of template.resources.values()) {
    if (resource.generatedBy !== undefined) continue;
    const start = spanOf(resource.at).start;
    if (offset >= start && offset <= spanOf(resource.node).end) return resource;
  }
  return undefined;
}

function readWish(metadata: Node | undefined): Wish {
  const wish = get(metadata, "LambdaEgress");
  return { expect: readIntent(textOf(get(wish, "Expect"))), ignore: new Set(textsOf(get(wish, "Ignore"))) };
}

function readIntent(text: string | undefined): Intent | undefined {
  return text === "internet" || text === "none" || text === "aws-services" ? text : undefined;
}

/** A change to a text as plain data, and how changes are applied. */
import type { Span } from "../template/syntax";

/** Replaces the text of `span` by `text`; an empty span inserts. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/**
 * Returns the text after all edits, or undefined when two of them overlap or one lies outside the text.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  let result = "";
  let done = 0;
  for (const { span, text: inserted } of sortEdits(edits)) {
    if (span.start < done || span.end < span.start || span.end > text.length) return undefined;
    result += text.slice(done, span.start) + inserted;
    done = span.end;
  }
  return result + text.slice(done);
}

/**
 * Returns edits in the order of the text; whoever applies them one by one must keep that order.
 *
 * Insertions at one place stand before a replacement that begins there. Among themselves deeper lines come
 * first, as where a list ends the map around it ends too; equals keep their order.
 */
export function sortEdits(edits: readonly Edit[]): Edit[] {
  return [...edits].sort(
    (a, b) => a.span.start - b.span.start || a.span.end - b.span.end || depthOf(b.text) - depthOf(a.text),
  );
}

/**
 * Returns the same edits in the order of the text, those that touch made one: an editor that applies them one by one
 * in an order of its own gets the same text.
 */
export function joinEdits(edits: readonly Edit[]): Edit[] {
  const joined: Edit[] = [];
  for (const one of sortEdits(edits)) {
    const last = joined.at(-1);
    if (last === undefined || last.span.end !== one.span.start) joined.push(one);
    else joined.splice(-1, 1, { span: { ...last.span, end: one.span.end }, text: last.text + one.text });
  }
  return joined;
}

/** A dash is deeper than a key in its column, as it belongs to the key above, but no deeper than what it holds. */
function depthOf(text: string): number {
  const [, indent, dash] = /^(?:\r?\n)+( *)(-?)/.exec(text) ?? [];
  return indent === undefined ? 0 : 1 + indent.length + (dash === "-" ? 0.5 : 0);
}

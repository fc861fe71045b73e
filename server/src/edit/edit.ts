/** A change to a text as plain data, and how changes are applied. */
import type { Span } from "../template/syntax";

/** Replaces the text of `span` by `text`; an empty span inserts. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/**
 * Returns the text after all edits, or undefined when two of them overlap or one lies outside the text.
 *
 * Insertions at one place keep their order, and stand before a replacement that begins there.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let result = "";
  let done = 0;
  for (const { span, text: inserted } of sorted) {
    if (span.start < done || span.end < span.start || span.end > text.length) return undefined;
    result += text.slice(done, span.start) + inserted;
    done = span.end;
  }
  return result + text.slice(done);
}

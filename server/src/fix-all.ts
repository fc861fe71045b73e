/** Every fix that may run unasked, one round after another until nothing changes. */
import { diffLines } from "diff";
import { applyEdits, type Edit } from "./edit/edit";
import { type LintOptions, lint } from "./lint";
import type { Message } from "./message";
import type { Finding, Fix } from "./rules/rule";
import { parse } from "./template/parse";
import type { Document } from "./template/syntax";

export interface FixedText {
  readonly text: string;
  /** The titles of the fixes in the order in which they were made. */
  readonly made: readonly Message[];
}

/** Fixes uncover faults that have fixes of their own; a chain of them is short. */
const mostRounds = 10;

/**
 * Returns the text after all safe fixes. A finding with several of them waits for a person to choose. A round
 * that would leave a fault in the text's syntax is not taken, and is the last.
 */
export function fixAll(document: Document, options: LintOptions = {}): FixedText {
  const made: Message[] = [];
  let current = document;
  const seen = new Set([current.text]);
  for (let round = 0; round < mostRounds; round++) {
    const fixes = apart(lint(current, options).findings);
    const text = applyEdits(
      current.text,
      fixes.flatMap(({ edits }) => edits),
    );
    if (fixes.length === 0 || text === undefined || seen.has(text)) break;
    const next = parse(text);
    if (next.problems.length > document.problems.length) break;
    seen.add(text);
    made.push(...fixes.map(({ title }) => title));
    current = next;
  }
  return { text: current.text, made };
}

/** Returns the safe fixes whose edits do not meet those of an earlier one; the others come in the next round. */
function apart(findings: readonly Finding[]): Fix[] {
  const chosen: Fix[] = [];
  const taken: Edit[] = [];
  for (const { fixes } of findings) {
    const [fix, ...others] = fixes.filter(({ safe }) => safe);
    if (fix === undefined || others.length > 0) continue;
    if (fix.edits.some((one) => one.span.file !== undefined || taken.some((other) => meet(one, other)))) continue;
    chosen.push(fix);
    taken.push(...fix.edits);
  }
  return chosen;
}

/** Edits that only touch meet too: what the one inserts may be meant for the place that the other changes. */
function meet(a: Edit, b: Edit): boolean {
  return a.span.start <= b.span.end && b.span.start <= a.span.end;
}

/** Returns the edits, by whole lines, that make one text of another. */
export function lineEdits(before: string, after: string): Edit[] {
  const edits: Edit[] = [];
  let start = 0;
  let open: { start: number; end: number; text: string } | undefined;
  for (const { value, added, removed } of diffLines(before, after)) {
    if (!added && !removed) {
      if (open !== undefined) edits.push({ span: { start: open.start, end: open.end }, text: open.text });
      open = undefined;
      start += value.length;
      continue;
    }
    open ??= { start, end: start, text: "" };
    if (added) open.text += value;
    else {
      start += value.length;
      open.end = start;
    }
  }
  if (open !== undefined) edits.push({ span: { start: open.start, end: open.end }, text: open.text });
  return edits;
}

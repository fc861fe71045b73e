/**
 * JSON templates, parsed member by member.
 *
 * As with YAML, an edit reads again only the member it touches, so all others keep their nodes, and a fault in one
 * leaves the others standing. A text whose brackets do not match is read whole.
 */
import { cutJson, type RecutText, type Run, type RunText } from "./json-cut";
import { type JsonReading, readJson, readMember } from "./json-tree";
import { hidden } from "./once";
import { Remembered } from "./remembered";
import { type Document, type Entry, type MapNode, type Node, type SyntaxProblem, spanOf } from "./syntax";
import { DUPLICATE_KEY } from "./yaml-problems";

/**
 * Parses a JSON text; never throws, and reads as much of broken JSON as it can. Members whose text stands in
 * `previous` too are taken from it and moved. `bareWords` tells whether it met words that JSON does not know.
 */
export function parseJson(text: string, previous?: Document): { document: Document; bareWords: boolean } {
  const found = cutJson(text, previous && knownOf.get(previous));
  return (found && inMembers(found)) ?? parseJsonWhole(text, previous);
}

/** Parses a JSON text in one run. Of a text without faults the tree is that of `parseJson`. */
export function parseJsonWhole(text: string, previous?: Document): { document: Document; bareWords: boolean } {
  // A byte order mark is no part of JSON.
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const reading = readJson(text.slice(start));
  reading.block.start = start;
  const parsed = finish(text, reading.root, [reading], []);
  // A bracket is missing for a moment, and the members will be there again.
  const known = previous && knownOf.get(previous);
  if (known !== undefined) knownOf.set(parsed.document, known);
  return parsed;
}

/** What documents were cut into, kept for the ones that follow them. */
const knownOf = hidden<Document, RunText>();

function inMembers({ text, open, close, runs, gone }: RecutText) {
  const others = new Remembered(gone);
  const readings: JsonReading[] = [];
  for (const run of runs) {
    const reading = run.reading ?? readRun(text.slice(run.start, run.end), run, others);
    if (reading === undefined) return undefined;
    reading.block.start = run.start;
    run.reading = reading;
    readings.push(reading);
  }
  const problems: SyntaxProblem[] = [];
  const all: Entry[] = [];
  for (let index = 0; index < runs.length; ) {
    const { end, close, reading } = runs[index++] as Run;
    const own = entriesOf(reading);
    if (close === undefined) {
      all.push(...own);
      continue;
    }
    const members: Entry[] = [];
    for (; runs[index]?.depth === 1; index++) members.push(...entriesOf(runs[index]?.reading));
    const value = toMap(end - 1, close, members, problems);
    for (const { key } of own) all.push({ key, value });
  }
  const parsed = finish(text, toMap(open, close, all, problems), readings, problems);
  knownOf.set(parsed.document, { text, open, close, runs });
  return parsed;
}

function readRun(text: string, { depth, close }: Run, others: Remembered<JsonReading>): JsonReading | undefined {
  const other = others.take(text, (reading) => reading.depth === depth);
  // The run of a section ends behind its opening brace.
  return other ?? readMember(text, close === undefined ? "" : "}", depth);
}

function entriesOf(reading: JsonReading | undefined): readonly Entry[] {
  return reading?.root?.kind === "map" ? reading.root.entries : [];
}

/** The objects that hold the members belong to no block and are made anew for every document. */
function toMap(open: number, close: number, entries: readonly Entry[], problems: SyntaxProblem[]): MapNode {
  const seen = new Map<string, Entry>();
  for (const entry of entries) {
    const { key } = entry;
    const first = seen.get(key.text);
    if (first === undefined) seen.set(key.text, entry);
    // Within its run, a key given twice has been found already.
    else if (first.key.block !== key.block) problems.push({ message: DUPLICATE_KEY, span: spanOf(key) });
  }
  return { kind: "map", block: { start: 0 }, from: open, to: close + 1, entries, flow: true };
}

function finish(text: string, root: Node | undefined, readings: readonly JsonReading[], more: SyntaxProblem[]) {
  const problems: SyntaxProblem[] = [];
  let bareWords = false;
  for (const { block, faults, bareWords: has } of readings) {
    bareWords ||= has;
    for (const { message, from, to } of faults) {
      problems.push({ message, span: { start: block.start + from, end: block.start + to }, block });
    }
  }
  problems.push(...more);
  problems.sort((a, b) => a.span.start - b.span.start);
  const document: Document = { text, language: "json", root, problems: problems.slice(0, MOST_PROBLEMS) };
  return { document, bareWords };
}

/** Beyond this nobody reads on: the text is no JSON. */
const MOST_PROBLEMS = 100;

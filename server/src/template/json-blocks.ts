/**
 * JSON templates, parsed member by member.
 *
 * As with YAML, an edit reads again only the member it touches, so all others keep their nodes, and a fault in one
 * leaves the others standing. A text whose brackets do not match is read whole.
 */
import { type Braces, cutJson, type Run } from "./json-cut";
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
  const braces = cutJson(text);
  const cut = braces && inMembers(text, braces, previous);
  return cut ?? parseJsonWhole(text, previous);
}

/** Parses a JSON text in one run. Of a text without faults the tree is that of `parseJson`. */
export function parseJsonWhole(text: string, previous?: Document): { document: Document; bareWords: boolean } {
  // A byte order mark is no part of JSON.
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const reading = readJson(text.slice(start));
  reading.block.start = start;
  const parsed = finish(text, reading.root, [reading], []);
  // A bracket is missing for a moment, and the members will be there again.
  const members = previous && readingsOf.get(previous);
  if (members !== undefined) readingsOf.set(parsed.document, members);
  return parsed;
}

/** What documents were made of, kept for the ones that follow them. */
const readingsOf = hidden<Document, readonly JsonReading[]>();

function inMembers(text: string, braces: Braces, previous: Document | undefined) {
  const runs = flat(braces);
  const memory = new Remembered(text, runs, (previous && readingsOf.get(previous)) ?? []);
  const readings: JsonReading[] = [];
  for (const [index, { start, end, section, depth }] of runs.entries()) {
    const known = memory.find(index, (reading) => reading.depth === depth);
    // A section's own run ends behind its opening brace.
    const reading = known ?? readMember(text.slice(start, end), section === undefined ? "" : "}", depth);
    if (reading === undefined) return undefined;
    memory.take(reading);
    reading.block.start = start;
    readings.push(reading);
  }
  const problems: SyntaxProblem[] = [];
  let next = 0;
  const assemble = ({ open, close, runs }: Braces): MapNode => {
    const entries = runs.flatMap(({ section }): readonly Entry[] => {
      const own = entriesOf(readings[next++]?.root);
      if (section === undefined) return own;
      const value = assemble(section);
      return own.map(({ key }) => ({ key, value }));
    });
    problems.push(...repeated(entries));
    // The objects that hold the members belong to no block and are made anew for every document.
    return { kind: "map", block: { start: 0 }, from: open, to: close + 1, entries, flow: true };
  };
  const root = assemble(braces);
  const parsed = finish(text, root, readings, problems);
  readingsOf.set(parsed.document, readings);
  return parsed;
}

/** The runs in the order of the text, with the depth of the object that they are members of. */
function flat({ runs }: Braces, depth = 0): (Run & { readonly depth: number })[] {
  return runs.flatMap((run) => [{ ...run, depth }, ...(run.section === undefined ? [] : flat(run.section, depth + 1))]);
}

function entriesOf(root: Node | undefined): readonly Entry[] {
  return root?.kind === "map" ? root.entries : [];
}

/** Within its run, a key given twice has been found already. */
function repeated(entries: readonly Entry[]): SyntaxProblem[] {
  const seen = new Map<string, Entry>();
  return entries.flatMap((entry): SyntaxProblem[] => {
    const first = seen.get(entry.key.text);
    if (first === undefined) seen.set(entry.key.text, entry);
    return first === undefined || first.key.block === entry.key.block
      ? []
      : [{ message: DUPLICATE_KEY, span: spanOf(entry.key) }];
  });
}

function finish(text: string, root: Node | undefined, readings: readonly JsonReading[], more: SyntaxProblem[]) {
  const faults = readings.flatMap(({ block, faults }) =>
    faults.map(({ message, from, to }): SyntaxProblem => {
      return { message, span: { start: block.start + from, end: block.start + to }, block };
    }),
  );
  const problems = [...faults, ...more].sort((a, b) => a.span.start - b.span.start).slice(0, MOST_PROBLEMS);
  const document: Document = { text, language: "json", root, problems };
  return { document, bareWords: readings.some(({ bareWords }) => bareWords) };
}

/** Beyond this nobody reads on: the text is no JSON. */
const MOST_PROBLEMS = 100;

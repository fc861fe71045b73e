/**
 * YAML templates, parsed block by block.
 *
 * `yaml` reads about one megabyte a second, which in a large template is more than half a second a
 * keystroke. So a template is cut at its sections and at their entries, each block is read on its
 * own, and an edit reads again only the block it touches; a fault in one block leaves the others
 * standing. Anchors are handed down from block to block, so aliases need no whole parse.
 */
import { type Cut, cut } from "./cut";
import {
  type Block,
  type Document,
  type Entry,
  type MapNode,
  type Node,
  type ScalarNode,
  type SyntaxProblem,
  spanOf,
} from "./syntax";
import type { Anchor } from "./yaml-nodes";
import { DUPLICATE_KEY, type Fault, NO_COLON, NO_KEY, UNEVEN_KEYS } from "./yaml-problems";
import { type Reading, readYaml } from "./yaml-tree";

/**
 * Parses a YAML text; never throws. Blocks whose text stands in `previous` too are taken from it
 * and moved to their new places, so `previous` must not be used afterwards.
 */
export function parseYaml(text: string, previous?: Document): Document {
  const cuts = cut(text);
  if (cuts === undefined) return parseYamlWhole(text, previous);
  const reader = new Reader(text, previous);
  const pieces: Piece[] = [];
  let index = 0;
  for (let first = cuts[index]; first !== undefined; first = cuts[index]) {
    let reading = reader.look(first.start, first.end);
    index++;
    // A quote or bracket open at the end: perhaps the cut went through it.
    for (const more of reading.torn ? [0, 1, 3, 7] : []) {
      const last = cuts[index + more];
      const joined = last && reader.look(first.start, last.end);
      if (!joined?.clean) continue;
      reading = joined;
      index += more + 1;
      break;
    }
    reader.take(reading, first.start);
    pieces.push({ cut: first, reading });
  }
  const assembly = assemble(pieces);
  return remember(text, reader.taken, assembly.root, assembly.problems);
}

/** Parses a YAML text in one block. Of a text without faults the tree is that of `parseYaml`. */
export function parseYamlWhole(text: string, previous?: Document): Document {
  const reader = new Reader(text, previous);
  const reading = reader.look(0, text.length);
  reader.take(reading, 0);
  return remember(text, reader.taken, reading.root, []);
}

interface Piece {
  readonly cut: Cut;
  readonly reading: Reading;
}

/** What documents were made of, kept for the ones that follow them. */
const readingsOf = new WeakMap<Document, readonly Reading[]>();

function remember(
  text: string,
  readings: readonly Reading[],
  root: Node | undefined,
  problems: SyntaxProblem[],
): Document {
  for (const { block, faults } of readings) for (const fault of faults) problems.push(toProblem(block, fault));
  problems.sort((a, b) => a.span.start - b.span.start);
  const document: Document = { text, language: "yaml", root, problems: problems.slice(0, MOST_PROBLEMS) };
  readingsOf.set(document, readings);
  return document;
}

/** Beyond this nobody reads on: the text is no YAML. */
const MOST_PROBLEMS = 100;

/** How many nodes the aliases of a document may stand for. */
const ALIAS_BUDGET = 200_000;

/** Reads the blocks of one text in order, from the previous document where it can. */
class Reader {
  readonly taken: Reading[] = [];
  private readonly known = new Map<string, Reading[]>();
  private readonly anchors = new Map<string, Anchor>();
  private budget = ALIAS_BUDGET;

  constructor(
    private readonly text: string,
    previous: Document | undefined,
  ) {
    for (const reading of (previous && readingsOf.get(previous)) ?? []) {
      const same = this.known.get(reading.text);
      if (same === undefined) this.known.set(reading.text, [reading]);
      else same.push(reading);
    }
  }

  /** Returns the reading of a stretch of the text. */
  look(start: number, end: number): Reading {
    const slice = this.text.slice(start, end);
    const known = this.known.get(slice)?.at(-1);
    if (known !== undefined && this.holds(known)) return known;
    return readYaml(detached(slice), { anchors: this.anchors, budget: this.budget });
  }

  /** Makes a reading part of the new document. */
  take(reading: Reading, start: number): void {
    const same = this.known.get(reading.text);
    if (same?.at(-1) === reading) same.pop();
    reading.block.start = start;
    for (const [name, anchor] of reading.anchors) this.anchors.set(name, anchor);
    this.budget -= reading.spent;
    this.taken.push(reading);
  }

  /** Tells whether a reading would come out the same here: it depends on the anchors above it. */
  private holds({ borrowed, spent }: Reading): boolean {
    for (const [name, anchor] of borrowed) if (this.anchors.get(name) !== anchor) return false;
    return spent <= this.budget;
  }
}

/** Returns a copy that holds on to nothing: a slice would keep the whole text it was cut from alive. */
function detached(slice: string): string {
  return Buffer.from(slice, "utf16le").toString("utf16le");
}

/** Entries with where they stand in the document. */
interface Part {
  readonly entries: readonly Entry[];
  readonly from: number;
  readonly to: number;
}

/** Puts the blocks' entries together to the one map that a template is. */
function assemble(pieces: readonly Piece[]): { root: Node | undefined; problems: SyntaxProblem[] } {
  const problems: SyntaxProblem[] = [];
  const parts: Part[] = [];
  for (let index = 0; index < pieces.length; ) {
    const head = pieces[index++] as Piece;
    const members: Piece[] = [];
    while (pieces[index]?.cut.role === "entry") members.push(pieces[index++] as Piece);
    const part = toPart(head, 0, problems);
    const column = members[0]?.cut.indent ?? 0;
    const value = toMap(
      members.map((member) => toPart(member, column, problems)),
      problems,
    );
    const key = part.entries.at(-1)?.key;
    if (value === undefined || key === undefined) parts.push(part);
    else parts.push({ entries: [{ key, value }], from: part.from, to: value.to });
  }
  return { root: toMap(parts, problems), problems };
}

/** Returns the entries of a block that begins in `column` if it is like its siblings. */
function toPart({ cut, reading }: Piece, column: number, problems: SyntaxProblem[]): Part {
  const { block, root, text } = reading;
  const from = block.start + reading.from;
  const to = block.start + reading.to;
  const fault = (message: string, node: { from: number; to: number }) => {
    const newline = text.indexOf("\n", node.from);
    const end = newline < 0 ? node.to : Math.min(node.to, newline);
    problems.push(toProblem(block, { message, from: node.from, to: end }));
  };
  if (root === undefined) return { entries: [], from, to };
  const foreign = root.block !== block || root.from !== reading.from;
  if (root.kind === "map" && !root.flow && root.tag === undefined && !foreign) {
    const key = root.entries[0]?.key;
    if (cut.indent !== column && key !== undefined) fault(UNEVEN_KEYS, key);
    return { entries: root.entries, from, to };
  }
  if (root.kind === "scalar" && !foreign) {
    fault(NO_COLON, root);
    const value: ScalarNode = { kind: "scalar", block, from: root.to, to: root.to, text: "", quoted: false };
    return { entries: [{ key: root, value }], from, to };
  }
  fault(NO_KEY, reading);
  return { entries: [], from, to };
}

/** Returns one map of the parts that hold entries; undefined if none does. */
function toMap(parts: readonly Part[], problems: SyntaxProblem[]): MapNode | undefined {
  const full = parts.filter(({ entries }) => entries.length > 0);
  const [first] = full;
  if (first === undefined) return undefined;
  const keys = new Set<string>();
  for (const { entries } of full) {
    // Within its block, a key given twice has been found already.
    const twice = entries.filter(({ key }) => keys.has(key.text));
    for (const { key } of twice) problems.push({ message: DUPLICATE_KEY, span: spanOf(key) });
    for (const { key } of entries) keys.add(key.text);
  }
  const to = full.reduce((furthest, part) => Math.max(furthest, part.to), 0);
  // The root and the sections span blocks, so they belong to none and are made anew for every document.
  const block: Block = { start: 0 };
  return { kind: "map", block, from: first.from, to, entries: full.flatMap(({ entries }) => entries), flow: false };
}

function toProblem(block: Block, { message, from, to }: Fault): SyntaxProblem {
  return { message, span: { start: block.start + from, end: block.start + to } };
}

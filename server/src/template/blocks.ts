/**
 * YAML templates, parsed block by block.
 *
 * `yaml` reads about one megabyte a second, which in a large template is more than half a second a
 * keystroke. So a template is cut at its sections and at their entries, each block is read on its
 * own, and an edit reads again only the block it touches; a fault in one block leaves the others
 * standing. Anchors are handed down from block to block, so aliases need no whole parse.
 */
import { type Cut, type CutText, cut } from "./cut";
import { hidden } from "./once";
import { Remembered } from "./remembered";
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
  const known = previous && knownOf.get(previous);
  const found = cut(text, known);
  if (found === undefined) return parseYamlWhole(text, previous);
  const { cuts, gone } = found;
  const reader = new Reader(text, [...gone, ...(known?.joined ?? [])], previous === undefined);
  const pieces: Piece[] = [];
  const joined: Piece[] = [];
  let patience = MOST_JOINS;
  for (let index = 0; index < cuts.length; index++) {
    const first = cuts[index] as Cut;
    first.reading = reader.look(first);
    let piece: Piece = { cut: first, reading: first.reading };
    // A quote or bracket open at the end: perhaps the cut went through it.
    for (const more of first.reading.torn && patience-- > 0 ? [1, 2, 4, 8] : []) {
      const last = cuts[index + more];
      if (last === undefined) break;
      const reading = reader.read(first.start, last.end);
      if (!reading.clean) continue;
      piece = { cut: first, reading };
      joined.push(piece);
      index += more;
      break;
    }
    reader.take(piece.reading, first.start);
    pieces.push(piece);
  }
  const { root, problems } = assemble(pieces);
  const document = finish(text, pieces, root, problems);
  knownOf.set(document, { text, cuts, joined });
  return document;
}

/** Parses a YAML text in one block. Of a text without faults the tree is that of `parseYaml`. */
export function parseYamlWhole(text: string, previous?: Document): Document {
  const reading = new Reader(text, [], previous === undefined).read(0, text.length);
  const document = finish(text, [{ reading }], reading.root, []);
  // The top level is unusual for a moment, and the blocks will be there again.
  const known = previous && knownOf.get(previous);
  if (known !== undefined) knownOf.set(document, known);
  return document;
}

interface Piece {
  readonly cut: Cut;
  readonly reading: Reading;
}

/** What documents were cut into, kept for the ones that follow them. */
const knownOf = hidden<Document, CutText & { readonly joined: readonly Piece[] }>();

function finish(
  text: string,
  pieces: readonly Pick<Piece, "reading">[],
  root: Node | undefined,
  problems: SyntaxProblem[],
): Document {
  for (const { reading } of pieces) {
    if (reading.faults.length > 0) for (const fault of reading.faults) problems.push(toProblem(reading.block, fault));
  }
  problems.sort((a, b) => a.span.start - b.span.start);
  return { text, language: "yaml", root, problems: problems.slice(0, MOST_PROBLEMS) };
}

/** How many torn blocks are tried to be joined to those below; AWS accepts such text, but few people write it. */
const MOST_JOINS = 16;

/** Beyond this nobody reads on: the text is no YAML. */
const MOST_PROBLEMS = 100;

/** How many nodes the aliases of a document may stand for. */
const ALIAS_BUDGET = 200_000;

/** Reads the blocks of one text in order, from what is known where it can. */
class Reader {
  private readonly others: Remembered<Reading>;
  private readonly anchors = new Map<string, Anchor>();
  private budget = ALIAS_BUDGET;

  /** @param isFirst whether no text was read before. */
  constructor(
    private readonly text: string,
    others: readonly Pick<Cut, "reading">[],
    private readonly isFirst: boolean,
  ) {
    this.others = new Remembered(others);
  }

  /** Returns the reading of a cut by itself. */
  look({ start, end, reading }: Cut): Reading {
    return reading !== undefined && this.holds(reading) ? reading : this.read(start, end);
  }

  /** Returns the reading of the text from one place to another. */
  read(start: number, end: number): Reading {
    const slice = this.text.slice(start, end);
    const other = this.others.take(slice, (reading) => this.holds(reading));
    const around = { anchors: this.anchors, budget: this.budget };
    return other ?? readYaml(this.isFirst ? slice : detached(slice), around);
  }

  /** Makes a reading part of the new document. */
  take(reading: Reading, start: number): void {
    reading.block.start = start;
    if (reading.anchors.size > 0) for (const [name, anchor] of reading.anchors) this.anchors.set(name, anchor);
    this.budget -= reading.spent;
  }

  /** Tells whether a reading would come out the same here: it depends on the anchors above it. */
  private holds({ borrowed, spent }: Reading): boolean {
    if (borrowed.size > 0) for (const [name, anchor] of borrowed) if (this.anchors.get(name) !== anchor) return false;
    return spent <= this.budget;
  }
}

/**
 * Returns a copy that stands alone. V8 makes a slice a view of the string it was cut from, so every
 * block read after an edit would keep that edit's whole text in memory.
 */
function detached(slice: string): string {
  return JSON.parse(JSON.stringify(slice));
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
    const inner = members.map((member) => toPart(member, column, problems));
    const value = toMap(inner, problems);
    const key = part.entries.at(-1)?.key;
    if (value === undefined || key === undefined) parts.push(part);
    else parts.push({ entries: [{ key, value }], from: part.from, to: value.to });
  }
  return { root: toMap(parts, problems), problems };
}

/** Returns the entries of a block, which begins in `column` if it is like its siblings. */
function toPart({ cut, reading }: Piece, column: number, problems: SyntaxProblem[]): Part {
  const { block, root } = reading;
  const from = block.start + reading.from;
  const to = block.start + reading.to;
  // The node of an alias stands elsewhere.
  const own = root?.block === block && root.from === reading.from ? root : undefined;
  if (own?.kind === "map" && !own.flow && own.tag === undefined) {
    const key = cut.indent === column ? undefined : own.entries[0]?.key;
    if (key !== undefined) problems.push(toProblem(block, { ...key, message: UNEVEN_KEYS }));
    return { entries: own.entries, from, to };
  }
  if (root === undefined) return { entries: [], from, to };
  const message = own?.kind === "scalar" ? NO_COLON : NO_KEY;
  const line = reading.text.slice(reading.from, reading.to).search(/\r?\n|$/);
  problems.push(toProblem(block, { message, from: reading.from, to: reading.from + line }));
  if (own?.kind !== "scalar") return { entries: [], from, to };
  const value: ScalarNode = { kind: "scalar", block, from: own.to, to: own.to, text: "", quoted: false };
  return { entries: [{ key: own, value }], from, to };
}

/** Returns one map of the parts that hold entries; undefined if none does. */
function toMap(parts: readonly Part[], problems: SyntaxProblem[]): MapNode | undefined {
  const all: Entry[] = [];
  const keys = new Set<string>();
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const part of parts) {
    if (part.entries.length === 0) continue;
    from = Math.min(from, part.from);
    to = Math.max(to, part.to);
    for (const entry of part.entries) {
      // Within its block, a key given twice has been found already.
      if (keys.has(entry.key.text)) problems.push({ message: DUPLICATE_KEY, span: spanOf(entry.key) });
      all.push(entry);
    }
    for (const { key } of part.entries) keys.add(key.text);
  }
  // The root and the sections span blocks, so they belong to none and are made anew for every document.
  return all.length === 0 ? undefined : { kind: "map", block: { start: 0 }, from, to, entries: all, flow: false };
}

function toProblem(block: Block, { message, from, to }: Fault): SyntaxProblem {
  return { message, span: { start: block.start + from, end: block.start + to }, block };
}

/**
 * Where a YAML template may be cut into runs that parse alone.
 *
 * Below a key in column c, YAML lets no line of the value stand in column c or before it, but for
 * comments, closing brackets and the dashes of a list. So every other line in column 0 begins a
 * top-level key, and every other line in the column of a section's first key begins an entry: a
 * look at the start of each line is enough, no quote or bracket has to be followed. Broken text is
 * cut in the same places, which is what keeps a fault from spreading.
 *
 * After an edit, the look at lines begins with the cut that the edit is in and ends where a cut begins as one did before
 * with the same text behind it.
 */
import { sameEnds } from "./remembered";
import type { Reading } from "./yaml-tree";

/** A run of lines that parses alone. */
export interface Cut {
  readonly start: number;
  /** Exclusive; the start of the next cut, or the end of the document. */
  end: number;
  /** `section`: a key whose value is made of the `entry` cuts behind it. */
  role: "top" | "section" | "entry";
  /** The column of the first line. */
  readonly indent: number;
  /** The column of its section's first entry; 0 where it is no entry. */
  readonly column: number;
  /** Whether the first line reads as `key:`; what does not is being typed, or was torn from the cut above. */
  readonly keyed: boolean;
  /** What was read of it, perhaps together with those behind it. */
  reading?: Reading | undefined;
}

/** A text with its cuts. */
export interface CutText {
  readonly text: string;
  readonly cuts: readonly Cut[];
}

/** A text cut after an edit. */
export interface RecutText extends CutText {
  /** The cuts of the text before that are no more. */
  readonly gone: readonly Cut[];
}

/**
 * Returns the cuts of a YAML text in order, covering its first document from the first key on;
 * undefined where the text must be parsed whole: its top level is no plain block map in column 0,
 * or it has more entries than a template can.
 *
 * @param before an earlier text. Cuts with unchanged text keep what was read of them.
 */
export function cut(text: string, before?: CutText): RecutText | undefined {
  const known = before?.cuts ?? [];
  const { front, back } = sameEnds(text, before?.text ?? "");
  const shift = text.length - (before?.text.length ?? 0);
  // The last one that begins with a whole line of before is looked at again; where that is the first, all is.
  const lastLine = text.lastIndexOf("\n", front - 1);
  const last = known.findLastIndex((one) => one.start <= lastLine);
  let kept = Math.max(0, last);
  const first = kept > 0 ? known[kept] : undefined;
  const cuts = known.slice(0, kept);
  // How many of the known cuts begin before the line that is looked at.
  let passed = kept;
  let section: { readonly head: number; readonly column: number } | undefined;
  if (first?.role === "entry") {
    section = { head: cuts.findLastIndex(({ role }) => role === "section"), column: first.column };
  }
  // The last top-level key, as long as it may still turn out to be a section.
  let candidate: Cut | undefined;
  let marked = false;

  const end = (at: number) => {
    const above = cuts.at(-1);
    if (above !== undefined) above.end = at;
  };
  const begin = (start: number, role: Cut["role"], indent: number, keyed: boolean): Cut => {
    end(start);
    const begun: Cut = {
      start,
      end: text.length,
      role,
      indent,
      column: section?.column ?? 0,
      keyed,
      reading: undefined,
    };
    cuts.push(begun);
    return begun;
  };

  let next = first?.start ?? (text.charCodeAt(0) === BOM ? 1 : 0);
  while (next < text.length) {
    const start = next;
    const newline = text.indexOf("\n", start);
    next = newline < 0 ? text.length : newline + 1;

    const deepest = cuts.length === 0 || candidate ? Number.POSITIVE_INFINITY : (section?.column ?? 0);
    let at = start;
    while (at - start <= deepest && text.charCodeAt(at) === SPACE) at++;
    const indent = at - start;
    if (indent > deepest) continue;

    const content = contentAt(text, at, next, indent);
    if (content === "nothing") continue;
    if (content === "bare marker" && cuts.length === 0 && !marked) {
      marked = true;
      continue;
    }
    if (cuts.length === 0 && (indent > 0 || (content !== "key" && content !== "bare key"))) return undefined;
    if (content === "marker" || content === "bare marker") {
      end(start);
      break;
    }

    const keyed = content === "key" || content === "bare key";
    const follows = keyed || cuts.at(-1)?.keyed !== false;
    let begun: Cut | undefined;
    if (content === "continuation") {
      candidate = undefined;
    } else if (indent === 0) {
      if (content === "unusual") return undefined;
      section = undefined;
      if (follows || cuts.at(-1)?.indent !== 0) begun = begin(start, "top", 0, keyed);
      candidate = content === "bare key" ? begun : undefined;
    } else if (candidate !== undefined) {
      if (keyed) {
        candidate.role = "section";
        section = { head: cuts.length - 1, column: indent };
        begun = begin(start, "entry", indent, true);
      }
      candidate = undefined;
    } else if (section !== undefined) {
      if (content === "unusual") {
        const head = cuts[section.head] as Cut;
        cuts.length = section.head;
        cuts.push({ ...head, end: text.length, role: "top", reading: undefined });
        kept = Math.min(kept, section.head);
        section = undefined;
      } else if (follows) {
        begun = begin(start, "entry", indent, keyed);
      }
    }

    if (begun === undefined || start < text.length - back) continue;
    for (let old = known[passed]; old !== undefined && old.start + shift < start; old = known[passed]) passed++;
    if (isSame(begun, known[passed], shift)) {
      cuts.pop();
      for (const old of known.slice(passed)) cuts.push({ ...old, start: old.start + shift, end: old.end + shift });
      return finished(text, cuts, known.slice(kept, passed));
    }
  }
  return finished(text, cuts, known.slice(kept));
}

function finished(text: string, cuts: readonly Cut[], gone: readonly Cut[]): RecutText | undefined {
  return cuts.length === 0 || cuts.length > MOST_CUTS ? undefined : { text, cuts, gone };
}

/** Tells whether an earlier text was cut in this place, too, and all lines behind it mean the same. */
function isSame({ start, column }: Cut, old: Cut | undefined, shift: number): boolean {
  return old?.start === start - shift && old.column === column;
}

type Content =
  /** A blank line or a comment. */
  | "nothing"
  /** `---` or `...`; bare if `---` has nothing behind it. */
  | "marker"
  | "bare marker"
  /** What may stand in its key's column and yet belongs to what is above: a dash, a closing bracket, a line led by a tab. */
  | "continuation"
  /** Explicit keys and merge keys, which speak about more than their own lines. */
  | "unusual"
  | "key"
  /** A key with nothing behind its colon. */
  | "bare key"
  | "other";

function contentAt(text: string, at: number, next: number, indent: number): Content {
  const line = text.slice(at, Math.min(next, at + LONGEST_KEY)).replace(/\r?\n$/, "");
  const first = line[0];
  if (first === undefined || first === "#") return "nothing";
  if (first === "\t") return /^[ \t]*(?:#|$)/.test(line) ? "nothing" : "continuation";
  if (indent === 0 && /^(?:---|\.\.\.)(?:[ \t]|$)/.test(line)) {
    return /^---[ \t]*(?:[ \t]#.*)?$/.test(line) ? "bare marker" : "marker";
  }
  if (first === "]" || first === "}" || /^-(?:[ \t]|$)/.test(line)) return "continuation";
  if (/^[?:](?:[ \t]|$)/.test(line) || line.startsWith("<<")) return "unusual";
  const key = KEY.exec(line);
  if (key === null) return "other";
  return /^[ \t]*(?:[ \t]#.*)?$/.test(line.slice(key[0].length)) ? "bare key" : "key";
}

/** A quoted key, or a plain one without a comment sign or a colon that would end it early. */
const KEY =
  /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=\S))(?:[^#:]|:(?=\S)|(?<=\S)#)*)[ \t]*:(?=[ \t]|$)/;

/** CloudFormation allows 500 resources and 200 each of parameters, outputs and mappings; a block costs time of its own. */
const MOST_CUTS = 10_000;

/** YAML allows a key no more than this on one line; looking no further bounds the work on a line without end. */
const LONGEST_KEY = 1100;

const BOM = 0xfeff;
const SPACE = 32;

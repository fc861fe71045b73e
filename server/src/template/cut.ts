/**
 * Where a YAML template may be cut into runs that parse alone.
 *
 * Below a key in column c, YAML lets no line of the value stand in column c or before it, but for
 * comments, closing brackets and the dashes of a list. So every other line in column 0 begins a
 * top-level key, and every other line in the column of a section's first key begins an entry: a
 * look at the start of each line is enough, no quote or bracket has to be followed. Broken text is
 * cut in the same places, which is what keeps a fault from spreading.
 */

/** A run of lines that parses alone. */
export interface Cut {
  readonly start: number;
  /** Exclusive; the start of the next cut, or the end of the document. */
  end: number;
  /** `section`: a key whose value is made of the `entry` cuts behind it. */
  role: "top" | "section" | "entry";
  /** The column of the first line. */
  readonly indent: number;
  /** Whether the first line reads as `key:`; what does not is being typed, or was torn from the cut above. */
  readonly keyed: boolean;
}

/**
 * Returns the cuts of a YAML text in order, covering its first document from the first key on;
 * undefined where the text must be parsed whole: its top level is no plain block map in column 0,
 * or it has more entries than a template can.
 */
export function cut(text: string): Cut[] | undefined {
  const cuts: Cut[] = [];
  let section: { readonly head: Cut; readonly column: number } | undefined;
  // The last top-level key, as long as it may still turn out to be a section.
  let candidate: Cut | undefined;
  let marked = false;

  const end = (at: number) => {
    const last = cuts.at(-1);
    if (last !== undefined) last.end = at;
  };
  const begin = (start: number, role: Cut["role"], indent: number, keyed: boolean): Cut => {
    end(start);
    const begun: Cut = { start, end: text.length, role, indent, keyed };
    cuts.push(begun);
    return begun;
  };

  let next = text.charCodeAt(0) === BOM ? 1 : 0;
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
    if (content === "continuation") {
      candidate = undefined;
    } else if (indent === 0) {
      if (content === "unusual") return undefined;
      section = undefined;
      const begun = follows || cuts.at(-1)?.indent !== 0 ? begin(start, "top", 0, keyed) : undefined;
      candidate = content === "bare key" ? begun : undefined;
    } else if (candidate !== undefined) {
      if (keyed) {
        candidate.role = "section";
        section = { head: candidate, column: indent };
        begin(start, "entry", indent, true);
      }
      candidate = undefined;
    } else if (section !== undefined) {
      if (content === "unusual") {
        cuts.length = cuts.indexOf(section.head) + 1;
        section.head.role = "top";
        section.head.end = text.length;
        section = undefined;
      } else if (follows) {
        begin(start, "entry", indent, keyed);
      }
    }
  }
  return cuts.length === 0 || cuts.length > MOST_CUTS ? undefined : cuts;
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

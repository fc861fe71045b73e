/** Reads one YAML text, a block or a whole document, with the package `yaml`. */
import { type CST, Lexer, Parser } from "yaml";
import type { Block } from "./syntax";
import { compose } from "./yaml-compose";
import {
  type Conversion,
  convert,
  MAX_DEPTH,
  plainConversion,
  type Surroundings,
  type Tag,
  TOO_DEEP,
} from "./yaml-nodes";
import { plainNodes } from "./yaml-plain";
import { KEY_NO_TEXT, toFaults } from "./yaml-problems";

export interface Reading extends Conversion {
  readonly text: string;
  readonly block: Block;
  /** Whether the text is YAML without a fault. */
  readonly clean: boolean;
  /** Whether a quote or bracket is still open at the end, so that the text may go on below. */
  readonly torn: boolean;
}

/**
 * Reads the first document of a text. Never throws; what cannot be read becomes a fault.
 *
 * The readers that AWS uses ignore indentation within brackets and quotes where `yaml` insists on
 * it. Insisting is what confines a missing bracket, so a text is read that way first, and the
 * other way counts only if it finds no fault at all.
 */
export function readYaml(text: string, around: Surroundings): Reading {
  const strict = read(text, around, false);
  if (strict.clean) return strict;
  const lenient = read(text, around, true);
  return lenient.clean ? lenient : { ...strict, torn: lenient.torn };
}

function read(text: string, around: Surroundings, lenient: boolean): Reading {
  const block: Block = { start: 0 };
  const lexed: Lexed = { tags: [], offset: 0, open: false };
  try {
    const tokens = tokenize(text, lenient, lexed);
    const plain = plainNodes(tokens, text, block);
    if (plain !== undefined) return { ...plainConversion(plain), text, block, clean: true, torn: false };
    const document = compose(tokens, text.length);
    const faults = document === undefined ? [] : toFaults(document.errors, text);
    const clean = faults.length === 0;
    const conversion = convert(document?.contents ?? null, text, block, lexed.tags, around);
    return {
      ...conversion,
      text,
      block,
      clean,
      torn: lexed.open || document?.errors.some(({ message }) => message.startsWith("Missing closing")) === true,
      // In broken text, what stands where a key should is the same fault once more.
      faults: clean
        ? conversion.faults
        : [...faults, ...conversion.faults.filter(({ message }) => message !== KEY_NO_TEXT)],
    };
  } catch {
    // Nesting without end, found below or by the stack itself; nothing else is known to be thrown.
    const fault = { message: TOO_DEEP, from: lexed.offset, to: Math.min(lexed.offset + 1, text.length) };
    const nothing = convert(null, text, block, [], around);
    return { ...nothing, text, block, clean: false, torn: false, faults: [fault] };
  }
}

/** What the lexer has seen so far. */
interface Lexed {
  readonly tags: Tag[];
  offset: number;
  /** Whether a bracket is open. */
  open: boolean;
}

/** Returns the tokens up to a second document, noting the text's tags, and throws when it is nested too deep. */
function tokenize(text: string, lenient: boolean, lexed: Lexed): CST.Token[] {
  const tokens: CST.Token[] = [];
  let documents = 0;
  const lexer = new Lexer();
  const parser = new Parser();
  const inside = lexer as unknown as LexerInside;
  if (lenient) ignoreIndentation(inside);
  let before = "";
  for (const lexeme of lexer.lex(text)) {
    if (lexeme[0] === "!" && before !== SCALAR_NEXT) lexed.tags.push({ offset: parser.offset, source: lexeme });
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "document" && documents++ > 0) return tokens;
    }
    lexed.offset = parser.offset;
    if (parser.stack.length > MAX_DEPTH) throw new RangeError(TOO_DEEP.template);
    before = lexeme;
  }
  lexed.open = inside.flowLevel > 0;
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** The part of the lexer's state that decides whether a line still belongs to what is open; tests hold the pinned version to it. */
interface LexerInside {
  readonly buffer: string;
  readonly pos: number;
  /** How many brackets are open. */
  readonly flowLevel: number;
  /** The indentation the next line needs. */
  indentNext: number;
}

/** Makes a lexer ask for no indentation within brackets and quotes. */
function ignoreIndentation(lexer: LexerInside): void {
  let needed = 0;
  Object.defineProperty(lexer, "indentNext", {
    get: () => (lexer.flowLevel > 0 || /^["']/.test(lexer.buffer.charAt(lexer.pos)) ? 0 : needed),
    set: (indent: number) => {
      needed = indent;
    },
  });
}

/** The lexeme that announces a plain or block scalar. */
const SCALAR_NEXT = "\x1f";

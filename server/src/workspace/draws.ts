/** What a template draws from others, found by a scan of its text: cheap enough for all templates of a workspace. */
import { bestFits } from "../template/exports";
import type { Outline } from "./outline";

export interface Draws {
  /** Names of imports, as written (`${NetworkStack}-PrivateA`). */
  readonly names: readonly string[];
  /** The words near each import whose name is put together in another way. */
  readonly words: readonly (readonly string[])[];
  /** It has a function, or what becomes one. */
  readonly functions: boolean;
}

/** Returns what a text draws from others. */
export function drawsOf(text: string): Draws {
  const functions = functionTypes.test(text);
  const names: string[] = [];
  const words: (readonly string[])[] = [];
  for (const { 0: call, index } of text.matchAll(calls)) {
    const rest = text.slice(index + call.length, index + call.length + reach);
    const [, double, single, plain] = (call === "ImportValue" && written.exec(rest)) || [];
    const name = (double ?? single ?? plain)?.trim();
    if (name === undefined || /^(?:Fn::|Ref\b|Sub\b)/.test(name)) words.push(rest.match(word) ?? []);
    else names.push(name);
  }
  return { names, words, functions };
}

/**
 * Tells whether a template may have something from what another one puts out. A linked template tells for sure; this
 * only saves linking those that cannot.
 */
export function mayImport({ names, words }: Draws, { exports, outputs }: Outline): boolean {
  if (names.some((name) => bestFits({ name, usual: name }, exports).length > 0)) return true;
  if (words.length === 0) return false;
  const wanted = new Set([
    ...exports.flatMap(({ name }) => name.replace(/\$\{[^{}]*\}/g, " ").match(word) ?? []),
    ...outputs,
  ]);
  return words.some((near) => near.some((word) => wanted.has(word)));
}

const functionTypes = /\bAWS::(?:Serverless|Lambda)::Function\b|\bAWS::Synthetics::Canary\b/;

const calls = /\bImportValue\b|\bGetStackOutput\b/g;

/** An import's name, and what leads to it, stand within so many characters. */
const reach = 300;

/** A name that is written as it is, or in a `Sub` without a list. */
const written =
  /^["']?\s*:?\s*(?:\{\s*)?(?:!Sub\s+|["']?Fn::Sub["']?\s*:\s*)?(?:"([^"\n]*)"|'([^'\n]*)'|((?:\$\{[^{}\n]*\}|[^\s"'{}[\],!&*#|>:-])(?:\$\{[^{}\n]*\}|[^\n{}[\],#])*))/;

const word = /[\p{L}\p{N}]+/gu;

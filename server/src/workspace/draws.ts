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
  /** What it has from others may be a part of what it gives on: it has a network of its own, stacks, or puts imports out. */
  readonly handsOn: boolean;
}

/** Returns what a text draws from others. */
export function drawsOf(text: string): Draws {
  const functions = functionTypes.test(text);
  const names: string[] = [];
  const words: (readonly string[])[] = [];
  for (const { 0: call, index } of text.matchAll(calls)) {
    // The default of a parameter may stand before its type.
    const start = call === ofStore ? Math.max(0, index - reach) : index + call.length;
    const rest = text.slice(start, index + call.length + reach);
    const [, double, single, plain] = (call === "ImportValue" && written.exec(rest)) || [];
    const name = (double ?? single ?? plain)?.trim();
    if (name === undefined || /^(?:Fn::|Ref\b|Sub\b)/.test(name)) words.push(rest.match(word) ?? []);
    else names.push(name);
  }
  const outputs = text.search(/\bOutputs\b/);
  const handsOn = networks.test(text) || (outputs >= 0 && /\bImportValue\b/.test(text.slice(outputs)));
  return { names, words, functions, handsOn };
}

/** Which files import by which names. */
export interface Imports {
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly { readonly near: readonly string[]; readonly file: string }[];
}

/** Returns the imports of all files together. */
export function importsIn(files: Iterable<readonly [file: string, draws: Draws]>): Imports {
  const names = new Map<string, string[]>();
  const words: Imports["words"][number][] = [];
  for (const [file, draws] of files) {
    for (const near of draws.words) words.push({ near, file });
    for (const name of draws.names) {
      const same = names.get(name);
      if (same === undefined) names.set(name, [file]);
      else same.push(file);
    }
  }
  return { names, words };
}

/**
 * Returns the files that may have something from what a template puts out. A linked template tells for sure; this only
 * saves linking those that cannot.
 */
export function importersOf({ exports, outputs }: Outline, { names, words }: Imports): readonly string[] {
  const whole = new Set(exports.flatMap(({ name }) => (isOpen(name) ? [] : [name])));
  // Names that meet an open one have all of its texts in them, so most are told apart by the longest.
  const pieces = exports.map((one) => ({ one, piece: isOpen(one.name) ? longestIn(one.name.split(opening)) : "" }));
  const named = [...names].flatMap(([name, files]) => {
    const likely = pieces.filter(({ one, piece }) => name.includes(piece) && (isOpen(one.name) || isOpen(name)));
    const all = likely.map(({ one }) => one);
    return whole.has(name) || bestFits({ name, usual: name }, all).length > 0 ? files : [];
  });
  const wanted = new Set([...exports.flatMap(({ name }) => name.replace(opening, " ").match(word) ?? []), ...outputs]);
  const near = words.flatMap((one) => (one.near.some((word) => wanted.has(word)) ? [one.file] : []));
  return [...named, ...near];
}

function longestIn(texts: readonly string[]): string {
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
}

function isOpen(name: string): boolean {
  return name.includes("${");
}

const opening = /\$\{[^{}]*\}/g;

/** Types that make up a network, beside the groups that each function's template has. */
const networks = /\bAWS::EC2::(?!SecurityGroup)|\bAWS::CloudFormation::Stack\b|\bAWS::Serverless::Application\b/;

const functionTypes = /\bAWS::(?:Serverless|Lambda)::Function\b|\bAWS::Synthetics::Canary\b/;

const calls = /\bImportValue\b|\bGetStackOutput\b|\{\{resolve:ssm:|\bAWS::SSM::Parameter::Value</g;
const ofStore = "AWS::SSM::Parameter::Value<";

/** An import's name, and what leads to it, stand within so many characters. */
const reach = 300;

/** A name that is written as it is, or in a `Sub` without a list. */
const written =
  /^["']?\s*:?\s*(?:\{\s*)?(?:!Sub\s+|["']?Fn::Sub["']?\s*:\s*)?(?:"([^"\n]*)"|'([^'\n]*)'|((?:\$\{[^{}\n]*\}|[^\s"'{}[\],!&*#|>:-])(?:\$\{[^{}\n]*\}|[^\n{}[\],#])*))/;

const word = /[\p{L}\p{N}]+/gu;

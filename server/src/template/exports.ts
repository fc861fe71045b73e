/** Which exported values of other templates an imported name may mean. */
import { createResolver } from "./resolve";
import { get, type Node } from "./syntax";
import type { Template } from "./template";
import { asWritten, filled } from "./value";
import { type Oracle, oracleOf } from "./worlds";

/** A name that deployment may complete. */
export interface OpenName {
  /** As written: `${AWS::StackName}-Vpc`. */
  readonly name: string;
  /** With the parameters that have one at their default. */
  readonly usual: string;
  /** It is a name in the parameter store of SSM, which is no name of an export. */
  readonly stored?: true;
}

export interface Exported extends OpenName {
  /** The output, or the resource that keeps a value in the store. */
  readonly output: string;
}

/**
 * How an exported name answers an imported one: it is the same; it is alike, as what is written in both agrees and
 * deployment decides the rest; or its form alone speaks for it, as no word of it agrees.
 */
export type Match = "same" | "alike" | "weak";

/** Returns the names that a template's outputs export, each with its output, and those under which it stores values. */
export function exportsOf(template: Template): readonly Exported[] {
  const oracle = oracleOf(template.parameters, {}, new Map());
  const resolver = createResolver(template, oracle);
  const open = openName(template, oracle);
  const told = (output: string, node: Node | undefined): readonly Exported[] => {
    if (node === undefined) return [];
    return [{ ...open(asWritten(resolver.value(node, node))), output }];
  };
  const exports = [...template.outputs].flatMap(([output, node]) => told(output, get(get(node, "Export"), "Name")));
  const stored = [...template.resources.values()].flatMap(({ id, type, properties }) =>
    type === storeType ? told(id, get(properties, "Name")).map((one) => ({ ...one, stored: true }) as const) : [],
  );
  return [...exports, ...stored];
}

const storeType = "AWS::SSM::Parameter";

/** Returns what fills the values of parameters into a name as written: bound ones, and those that are a mere default. */
export function openName({ parameters }: Template, { given }: Oracle): (written: string) => OpenName {
  const usualOf = (name: string): string | undefined => {
    const { type = "", default: usual } = parameters.get(name) ?? {};
    // The default of a parameter in the store is its name there.
    return given(name) ?? (type.startsWith("AWS::SSM::") ? undefined : usual);
  };
  return (written) => ({ name: filled(written, given), usual: filled(written, usualOf) });
}

/**
 * Returns those that answer an imported name best, and how: who exports the very name; only where nobody does, who
 * does with the defaults; only where nobody does, who may.
 */
export function bestFits<Of extends OpenName>(
  imported: OpenName,
  among: Iterable<Of>,
): readonly (Of & { readonly match: Match })[] {
  const ranks: Of[][] = matches.map(() => []);
  for (const one of among) ranks[rankOf(imported, one)]?.push(one);
  const best = ranks.findIndex((fits, rank) => rank < matches.length && fits.length > 0);
  const match = matches[best];
  return match === undefined ? [] : (ranks[best] ?? []).map((one) => ({ ...one, match }));
}

/** By rank: the same, alike and the same with the defaults, alike, alike but another one with the defaults, weak. */
const matches: readonly Match[] = ["same", "alike", "alike", "alike", "weak"];

function rankOf(imported: OpenName, exported: OpenName): number {
  if (imported.stored !== exported.stored) return matches.length;
  const [left, right] = [literalsOf(imported.name), literalsOf(exported.name)];
  if (left.length === 1 && right.length === 1) return imported.name === exported.name ? 0 : matches.length;
  const isAnything = [left, right].some((literals) => literals.length > 1 && literals.join("") === "");
  if (isAnything || !answer(left, right)) return matches.length;
  if (!says(left) || !says(right)) return 4;
  const isUsual = [imported.usual, exported.usual].every((name) => literalsOf(name).length === 1);
  if (!isUsual) return 2;
  return imported.usual === exported.usual ? 1 : 3;
}

/** Tells whether two names, of which one is a pattern, may come to the same. */
function answer(left: readonly string[], right: readonly string[]): boolean {
  const [first = ""] = left;
  if (left.length === 1) return fits(first, right);
  if (right.length === 1) return fits(right.join(""), left);
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

/** Marks between the parts are no word: `${Stack}-${Name}` would answer to anything. */
function says(literals: readonly string[]): boolean {
  return /[\p{L}\p{N}]/u.test(literals.join(""));
}

/** What stands around and between the `${…}`: one text where there is none. */
function literalsOf(name: string): readonly string[] {
  return name.split(/\$\{[^{}]*\}/);
}

/** Tells whether a literal name has these texts in this order, with something in each gap. */
function fits(name: string, literals: readonly string[]): boolean {
  const escaped = literals.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".+")}$`, "s").test(name);
}

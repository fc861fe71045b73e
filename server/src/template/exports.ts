/** Which exported values of other templates an imported name may mean. */
import { createResolver } from "./resolve";
import { get } from "./syntax";
import type { Template } from "./template";
import { asWritten } from "./value";
import { oracleOf } from "./worlds";

/** Returns the names that a template's outputs export, as written (`${AWS::StackName}-Vpc`), each with its output. */
export function exportsOf(template: Template): readonly { readonly name: string; readonly output: string }[] {
  const resolver = createResolver(template, oracleOf(template.parameters, {}, new Map()));
  return [...template.outputs].flatMap(([output, node]) => {
    const name = get(get(node, "Export"), "Name");
    return name === undefined ? [] : [{ name: asWritten(resolver.value(name, name)), output }];
  });
}

/**
 * Tells how well an exported name answers an imported one, both as written: 2 for the same literal name, 1 where
 * what is written in both agrees and deployment decides the rest, 0 where they cannot be the same or nothing
 * but the rest speaks for it.
 */
export function rankOf(imported: string, exported: string): 0 | 1 | 2 {
  const [left, right] = [literalsOf(imported), literalsOf(exported)];
  if (left.length === 1 && right.length === 1) return imported === exported ? 2 : 0;
  if (!says(left) || !says(right)) return 0;
  if (left.length === 1) return answers(imported, right) ? 1 : 0;
  if (right.length === 1) return answers(exported, left) ? 1 : 0;
  return left.length === right.length && left.every((text, index) => text === right[index]) ? 1 : 0;
}

/** Returns those that answer an imported name best: who exports the very name, and only where nobody does, who may. */
export function bestFits<Of extends { readonly name: string }>(imported: string, among: Iterable<Of>): readonly Of[] {
  const ranks: [Of[], Of[], Of[]] = [[], [], []];
  for (const one of among) ranks[rankOf(imported, one.name)].push(one);
  return ranks[2].length > 0 ? ranks[2] : ranks[1];
}

/** Marks between the parts are no name: `${Stack}-${Name}` would answer to anything. */
function says(literals: readonly string[]): boolean {
  return /[\p{L}\p{N}]/u.test(literals.join(""));
}

/** What stands around and between the `${…}`: one text where there is none. */
function literalsOf(name: string): readonly string[] {
  return name.split(/\$\{[^{}]*\}/);
}

/** Tells whether a literal name has these texts in this order, with something in each gap. */
function answers(name: string, literals: readonly string[]): boolean {
  const escaped = literals.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".+")}$`, "s").test(name);
}

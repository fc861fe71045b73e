/** What the names of a template stand for in an account, by the stack that was made of it. */
import type { Surroundings } from "../network/from-template";
import type { Fact, Key, Network } from "../network/model";
import type { Template } from "../template/template";
import type { Action } from "./actions";
import type { Stack } from "./stack";

/** The two networks that are compared: one world of a template, and the account. */
export interface Sides {
  readonly template: Template;
  readonly surroundings: Surroundings;
  readonly promised: Network;
  readonly live: Network;
  readonly stack: Stack;
  /** Parameters as the stack has them, with the defaults of those that it lacks. */
  readonly values: Readonly<Record<string, string>>;
  /** The calls that gave no answer: what they would have told is not gone. */
  readonly failed: ReadonlySet<Action>;
}

/** `undeployed`: the template declares a thing that the stack lacks. */
export type Physical =
  | { readonly is: "id"; readonly id: string }
  | { readonly is: "undeployed"; readonly id: string }
  | { readonly is: "unknown" };

const unknown: Physical = { is: "unknown" };

/** Returns what a key of the template stands for. */
export function physical({ template, stack, values }: Sides, key: Key): Physical {
  if (template.resources.has(key)) {
    const resource = stack.resources.get(key);
    if (resource === undefined) return { is: "undeployed", id: key };
    return resource.physicalId === undefined || resource.physicalId === "" ? unknown : of(resource.physicalId);
  }
  if (key.startsWith("literal:")) {
    const text = key
      .slice("literal:".length)
      .replace(/\$\{([\w:]+)\}/g, (whole, name: string) => values[name] ?? whole);
    return text.includes("${") ? unknown : of(text);
  }
  const [, name = "", index] = /^param:([\w:]+)(?:\[(\d+)\])?$/.exec(key) ?? [];
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  const item = index === undefined ? value : value?.split(",")[Number(index)]?.trim();
  return item === undefined || item === "" ? unknown : of(item);
}

/** Returns what a fact stands for; unknown unless the template tells it. */
export function physicalOf(sides: Sides, fact: Fact<Key>): Physical {
  return fact.is === "known" ? physical(sides, fact.value) : unknown;
}

/** Returns the things that one reference stands for: several where it is a list. */
export function physicals(sides: Sides, fact: Fact<Key>, whole: boolean): readonly Physical[] {
  const one = physicalOf(sides, fact);
  return whole && one.is === "id" ? one.id.split(",").map((item) => of(item.trim())) : [one];
}

/** Returns a thing as messages name it: by its logical id and its own, where it has both. */
export function named(key: Key, thing: Physical): string {
  const own = key.replace(/^(?:literal|param):/, "");
  return thing.is === "id" && thing.id !== own ? `${own} (${thing.id})` : own;
}

/** Tells whether a thing in the account is certainly not the one that the template means. */
export function differs(promised: Physical, there: string): boolean {
  switch (promised.is) {
    case "unknown":
      return false;
    case "undeployed":
      return true;
    case "id":
      // A name, an ARN and an id may mean the same thing.
      return promised.id !== there && formOf(promised.id) !== "name" && formOf(promised.id) === formOf(there);
  }
}

/** Tells the ids that AWS gives from names and ARNs. */
export function formOf(text: string): "id" | "arn" | "name" {
  if (text.startsWith("arn:")) return "arn";
  return /^[a-z]+-(?:[0-9a-f]{17}|[0-9a-f]{8})$/.test(text) ? "id" : "name";
}

function of(id: string): Physical {
  return { is: "id", id };
}

/**
 * A template's network with what an account told about the things outside the template.
 *
 * Values that stand for such a thing (`!Ref SubnetId`, `!ImportValue net-A`, a literal id) all become the thing's own
 * id, so that a table which the template associates with `!ImportValue net-A` and a function that names the subnet by
 * a parameter mean the same subnet. What the template says of a thing wins over what the account has: the account
 * shows it as it was before the template is deployed.
 */
import type { Resolver } from "../template/resolve";
import type { Template } from "../template/template";
import { asWritten, filled, type Value } from "../template/value";
import { type AclEntry, type Association, type Key, known, type Network, type Origin, type Route } from "./model";
import { refOf } from "./read";
import { isAsked, pseudo, type Resolved } from "./resolved";
import { canonical } from "./routes";

/** Returns a resolver whose properties name the account's things by their ids. Everything else is as it was. */
export function identifying(resolver: Resolver, template: Template, account: Resolved): Resolver {
  const identify = (value: Value): Value => {
    switch (value.kind) {
      case "list":
        return { ...value, items: value.items.map(identify) };
      case "text":
      case "pattern":
      case "external":
        return identified(value, resolver, template, account);
      case "map":
      case "resource":
      case "nothing":
      case "unknown":
        return value;
    }
  };
  return { ...resolver, property: (of, name) => identify(resolver.property(of, name)) };
}

/** A value that an account may be asked about. */
type Outside = Value & { readonly kind: "text" | "pattern" | "external" };

function identified(value: Outside, resolver: Resolver, template: Template, account: Resolved): Value {
  const source = sourceOf(value, resolver, template);
  if (source === undefined) return value;
  const place = pseudo(account);
  const [key, own] = [source.key, source.text].map((text) => text && filled(text, place));
  const text = key === undefined ? own : account.values.get(key);
  if (text === undefined) {
    const isUnseen = key !== undefined && value.kind === "external" && account.network.unseen?.has(key) === true;
    return isUnseen ? { ...value, key } : value;
  }
  const all = text.split(source.delimiter ?? ",").map((item) => item.trim());
  const wanted = source.index === undefined ? all : all.slice(source.index, source.index + 1);
  const areThings = wanted.length > 0 && wanted.every((item) => isAsked(account, item));
  if (!areThings && key === undefined) return value;
  const ref = refOf(value);
  const items = wanted.map((item, index): Value => {
    const own = { at: value.at, ref: wanted.length > 1 ? `${ref}[${index}]` : ref };
    return areThings ? { ...own, kind: "external", key: item, list: false } : { ...own, kind: "text", text: item };
  });
  const [only] = items;
  const isList = value.kind === "external" && value.list;
  return items.length === 1 && !isList && only !== undefined ? only : { kind: "list", at: value.at, items };
}

/** Where the text of a value comes from: an export or a stored parameter by its key, or the text itself. */
export interface Source {
  readonly key?: string;
  readonly text?: string;
  /** Which item of the text is meant, where it is a list. */
  readonly index?: number;
  readonly delimiter?: string;
}

/**
 * Returns where a value's text comes from in the resolver's world, with `${AWS::Region}` and the like as written;
 * undefined where no account can tell.
 */
export function sourceOf(value: Outside, resolver: Resolver, template: Template): Source | undefined {
  const inWorld = (name: string): string | undefined => textOf(name, value, resolver, template);
  if (value.kind !== "external") return { text: filled(asWritten(value), inWorld) };
  const { parameter, delimiter } = value;
  const [, base = value.key, place] = /^(.*?)(?:\[(\d+)\])?$/s.exec(value.key) ?? [];
  const index = value.index ?? (place === undefined ? undefined : Number(place));
  const part = { ...(index === undefined ? {} : { index }), ...(delimiter === undefined ? {} : { delimiter }) };
  if (base.startsWith("join:")) return undefined;
  if (parameter === undefined)
    return /^(?:import|ssm):/.test(base) || isOfStack(base, template)
      ? { key: filled(base, inWorld), ...part }
      : undefined;
  const text = inWorld(parameter);
  if (text === undefined) return undefined;
  return isStored(template, parameter) ? { key: `ssm:${text}`, ...part } : { text, ...part };
}

/** Tells whether a key is that of another stack's output; what a nested stack puts out, only its template tells. */
function isOfStack(key: string, { resources }: Template): boolean {
  const [, stack] = /^output:([^.]+)\.[^@]+$/.exec(key) ?? [];
  return stack !== undefined && !resources.has(stack);
}

/** The text of a parameter in the resolver's world; of one that is stored in SSM, its name there. */
function textOf(name: string, { at }: Value, resolver: Resolver, template: Template): string | undefined {
  const parameter = template.parameters.get(name);
  if (parameter === undefined) return undefined;
  const key = `param:${name}`;
  const text = resolver.text({ kind: "external", at, key, ref: key, list: false, parameter: name });
  return text ?? (isStored(template, name) ? parameter.default : undefined);
}

function isStored({ parameters }: Template, name: string): boolean {
  return parameters.get(name)?.type.startsWith("AWS::SSM::Parameter::Value<") === true;
}

/** Returns the account's network where some of what is declared names a thing of it. */
export function concerned(declared: unknown, account: Resolved | undefined): Network | undefined {
  if (account === undefined) return undefined;
  const seen = new Set<unknown>();
  const mentions = (value: unknown): boolean => {
    if (typeof value === "string") return isAsked(account, value);
    if (typeof value !== "object" || value === null || seen.has(value)) return false;
    seen.add(value);
    // Nodes of the text lead to all of it.
    return Object.entries(value).some(([name, part]) => name !== "at" && name !== "node" && mentions(part));
  };
  return mentions(declared) ? account.network : undefined;
}

/** Returns a copy to which statements can be added; empty where there is nothing to copy. */
export function copied<T extends object>(things: ReadonlyMap<Key, T> | undefined): Map<Key, T> {
  const copies = new Map<Key, T>();
  for (const [key, thing] of things ?? []) copies.set(key, { ...thing });
  return copies;
}

/** Returns a subnet's associations with one of the template, which takes the place of the account's. */
export function associated(before: readonly Association[], one: Association): readonly Association[] {
  return [...before.filter(isWritten), one];
}

/** Returns a table's routes with one of the template, which takes the place of the account's to the same destination. */
export function routed(before: readonly Route[], one: Route): readonly Route[] {
  const to = known(one.destination);
  const block = to === undefined || before.every(isWritten) ? undefined : canonical(to);
  const isSame = ({ destination }: Route): boolean => canonical(known(destination) ?? "") === block;
  return [...before.filter((route) => isWritten(route) || !isSame(route)), one];
}

/** Returns an ACL's entries with one of the template, which takes the place of the account's with the same number. */
export function entered(before: readonly AclEntry[], one: AclEntry): readonly AclEntry[] {
  const isSame = ({ ruleNumber, egress }: AclEntry): boolean =>
    known(ruleNumber) === known(one.ruleNumber) && known(egress) === known(one.egress);
  return [...before.filter((entry) => isWritten(entry) || !isSame(entry)), one];
}

function isWritten({ at }: { readonly at: Origin }): boolean {
  return at.kind === "text";
}

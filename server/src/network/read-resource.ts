/** Readers of one resource's properties, shared by all types. */
import { message } from "../message";
import type { Resolver } from "../template/resolve";
import type { Resource } from "../template/template";
import type { Value } from "../template/value";
import type * as model from "./model";
import { absent, type Fact, type Key } from "./model";
import { booleanFact, inText, keyOf, textFact } from "./read";

export function keys(resolver: Resolver, value: Value): Fact<readonly Fact<Key>[]> {
  if (value.kind === "nothing") return absent;
  const items = resolver.items(value);
  if (items === undefined) return { is: "unknown", why: message("this value cannot be read"), at: inText(value.at) };
  return { is: "known", value: items.map(keyOf), at: inText(value.at) };
}

export function entity(resource: Resource): model.Entity {
  return { key: resource.id, at: inText(resource.at), external: false };
}

/** Readers of one resource's properties by name. */
export function properties(resource: Resource, resolver: Resolver) {
  const value = (name: string): Value => resolver.property(resource, name);
  return {
    value,
    given: (name: string): boolean => value(name).kind !== "nothing",
    key: (name: string): Fact<Key> => keyOf(value(name)),
    text: (name: string): Fact<string> => textFact(resolver, value(name)),
    flag: (name: string): Fact<boolean> => booleanFact(resolver, value(name)),
    items: (name: string): readonly Value[] | undefined => resolver.items(value(name)),
  };
}

/**
 * What an edit leaves as it was.
 *
 * The analysis of one function looks at its slice, at what the template says of parameters and conditions,
 * and at which names are resources. Resources that an edit did not touch are the same objects afterwards, so
 * a look at the few that changed tells which analyses still hold.
 */
import { bearsOnEgress, isEverywhere, namesIn, ownersOf, type Slice, speaksOfOutside } from "./network/slice";
import type { Subject } from "./subject";
import { referencesIn } from "./template/dependency";
import { givesBack } from "./template/identity";
import { once } from "./template/once";
import { get, type Node } from "./template/syntax";
import type { Resource, Template } from "./template/template";

export interface Unchanged {
  /** Tells whether the analysis of a slice of the earlier text holds for the later one. */
  slice(slice: Slice): boolean;
  /** Tells whether what a resource declares whatever the world is as it was. */
  constant(id: string): boolean;
  /** Whether the whole network is as it was. */
  readonly whole: boolean;
}

/** Returns what of `before` holds for `now`; undefined where nothing does. */
export function unchanged(before: Subject, now: Subject): Unchanged | undefined {
  if (!hasSameFrame(before, now)) return undefined;
  const [old, young] = [before.template.resources, now.template.resources];
  const edited = [...new Set([...old.keys(), ...young.keys()])].filter((id) => old.get(id) !== young.get(id));
  const changed = withReaders(edited, old, young);
  const isChanged = new Set(changed);
  if (!isSameOrder(old, young, new Set(edited))) return undefined;
  // Of a resource outside the slice, an evaluation asks no more than whether it is there and of which type.
  const renamed = edited.filter((id) => old.get(id)?.type !== young.get(id)?.type);
  const arrived = edited.flatMap((id) => young.get(id) ?? []);
  const concernsAll = (one: Resource): boolean =>
    isEverywhere(one) || (now.account !== undefined && speaksOfOutside(now.template, one));
  if (arrived.some(concernsAll)) return undefined;
  const mentions = (id: string): boolean => {
    const resource = young.get(id);
    return resource !== undefined && renamed.some((name) => mentionedBy(resource).has(name));
  };
  return {
    slice: ({ ids, names }) =>
      !changed.some((id) => names.has(id)) &&
      !arrived.some((resource) => [...ownersOf(resource)].some((name) => names.has(name))) &&
      (renamed.length === 0 || ![...ids].some(mentions)),
    constant: (id) => !isChanged.has(id) && (renamed.length === 0 || !mentions(id)),
    whole: renamed.length === 0 && !changed.some((id) => [old.get(id), young.get(id)].some(isPart)),
  };
}

/** Tells whether the network has something of a resource, or the fact that it is not created. */
function isPart(resource: Resource | undefined): boolean {
  return resource !== undefined && (bearsOnEgress(resource.type) || resource.condition !== undefined);
}

/**
 * Adds what an edit changes although it does not touch it: an attribute that gives back a property is read in any
 * resource, and may be handed on from there.
 */
function withReaders(
  edited: readonly string[],
  old: Template["resources"],
  young: Template["resources"],
): readonly string[] {
  const all = new Set(edited);
  // A set is walked to what is added on the way.
  for (const id of all) {
    if (![old.get(id), young.get(id)].some((resource) => resource !== undefined && givesBack(resource.type))) continue;
    for (const [reader, { properties }] of young) if (referencesIn(properties).has(id)) all.add(reader);
  }
  return [...all];
}

/** Every name and text in a resource. */
const mentionedBy = once(({ node, properties }: Resource): ReadonlySet<string> => {
  const names = new Set<string>();
  // What Globals of SAM add to the properties does not stand in the resource itself.
  for (const part of get(node, "Properties") === properties ? [node] : [node, properties]) {
    for (const name of referencesIn(part)) names.add(name);
    namesIn(part, names);
  }
  return names;
});

/** Tells whether all that bears on every function is the same: parameters, conditions and the like. */
function hasSameFrame(before: Subject, now: Subject): boolean {
  const [old, young] = [before.template, now.template];
  return (
    before.destination === now.destination &&
    before.account === now.account &&
    JSON.stringify(before.parameters) === JSON.stringify(now.parameters) &&
    JSON.stringify(before.surroundings.gaps) === JSON.stringify(now.surroundings.gaps) &&
    isSameSet(before.surroundings.exported, now.surroundings.exported) &&
    isSameSet(before.surroundings.handled, now.surroundings.handled) &&
    old.kind === young.kind &&
    isSameMap(old.links?.values, young.links?.values) &&
    (old.links?.units ?? []).every((unit, index) => unit === young.links?.units[index]) &&
    // A name that is computed may name anything.
    !young.transforms.some((name) => name.includes("LanguageExtensions")) &&
    ["Transform", "Parameters", "Mappings", "Conditions", "Rules"].every((section) =>
      isSameSection(get(old.root, section), get(young.root, section)),
    )
  );
}

/** The sections are put together anew for every document, of the same entries. */
function isSameSection(old: Node | undefined, young: Node | undefined): boolean {
  if (old === young) return true;
  if (old?.kind !== "map" || young?.kind !== "map" || old.entries.length !== young.entries.length) return false;
  return old.entries.every((entry, index) => entry === young.entries[index]);
}

function isSameMap(old: ReadonlyMap<string, unknown> = new Map(), young: ReadonlyMap<string, unknown> = new Map()) {
  return old.size === young.size && [...old].every(([key, value]) => young.get(key) === value);
}

function isSameSet(old: ReadonlySet<string>, young: ReadonlySet<string>): boolean {
  return old.size === young.size && [...old].every((name) => young.has(name));
}

/** A slice is in the order of the template, and with it what comes first where several would do. */
function isSameOrder(
  old: ReadonlyMap<string, Resource>,
  young: ReadonlyMap<string, Resource>,
  changed: ReadonlySet<string>,
): boolean {
  const rest = [...young.keys()].filter((id) => !changed.has(id));
  return [...old.keys()].filter((id) => !changed.has(id)).every((id, index) => id === rest[index]);
}

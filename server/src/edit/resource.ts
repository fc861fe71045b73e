/** Edits in the words of templates: properties, dependencies, new resources. */
import { type Document, get, intrinsic, isNull, type MapNode, type Node, spanOf } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Edit } from "./edit";
import { columnOf, entryExtent, followingLine, isAlias, lineAfter, ownEntries, ownEntry } from "./extent";
import { appendItems, insertEntries, setKey } from "./insert";
import { printEntry } from "./print";
import { edit, replaceValue } from "./replace";
import { isFlow, isInFlow, siteOf } from "./site";
import { styleNear } from "./style";
import { nest, type Value } from "./value";

/**
 * Returns the edits that set a property of a resource, with the maps on the way to it that are not there yet.
 *
 * There are none where part of the way is an intrinsic call, or where a transform made the resource.
 */
export function setProperty(document: Document, resource: Resource, path: readonly string[], value: Value): Edit[] {
  const place = walk(document, resource, path);
  if (place === undefined) return [];
  return setKey(document, place.map, place.key, nest(place.rest, value));
}

/**
 * Returns the edits that add items to a list property: an absent one becomes a list, and so does a single
 * value. There are none where part of the way is an intrinsic call.
 */
export function appendToProperty(
  document: Document,
  resource: Resource,
  path: readonly string[],
  values: readonly Value[],
): Edit[] {
  const place = walk(document, resource, path);
  if (place === undefined || values.length === 0) return [];
  const { map, key, rest, value } = place;
  if (value === undefined || isNull(value)) return setKey(document, map, key, nest(rest, values));
  if (value.kind === "list") return appendItems(document, value, values);
  const single = toValue(value);
  return single === undefined ? [] : setKey(document, map, key, [single, ...values]);
}

/** Returns the edits that make a resource wait for others; those it already names are not named again. */
export function addDependsOn(document: Document, resource: Resource, ids: readonly string[]): Edit[] {
  const body = written(document, resource);
  const fresh = [...new Set(ids)].filter((id) => !resource.dependsOn.includes(id));
  const [first, ...others] = fresh;
  if (body === undefined || first === undefined) return [];
  const value: Value = others.length === 0 ? first : fresh;
  const existing = get(body, "DependsOn");
  if (existing === undefined) return insertEntries(document, body, { DependsOn: value }, ownEntry(body, "Type"));
  if (isNull(existing)) return replaceValue(document, existing, value);
  if (existing.kind === "list") return appendItems(document, existing, fresh);
  return existing.kind === "scalar" ? replaceValue(document, existing, [existing.text, ...fresh]) : [];
}

/** Returns the edits that add resources behind the resource `after`, or behind all others. */
export function addResources(
  document: Document,
  template: Template,
  resources: Readonly<Record<string, Value>>,
  after?: string,
): Edit[] {
  const section = get(template.root, "Resources");
  const site = section === undefined ? undefined : siteOf(document, section);
  if (Object.keys(resources).length === 0) return [];
  if (section === undefined) return setKey(document, template.root, "Resources", resources);
  if (site === undefined) return [];
  if (isNull(section)) return replaceValue(document, section, resources);
  if (section.kind !== "map") return [];
  const behind = after === undefined ? undefined : ownEntry(section, after);
  const previous = behind ?? ownEntries(section).at(-1);
  if (previous === undefined || isFlow(section) || isInFlow(document, site)) {
    return insertEntries(document, section, resources, behind);
  }
  const { text } = document;
  const { start, end } = entryExtent(text, previous, section);
  const column = columnOf(text, start);
  const style = styleNear(document, section);
  const blank = isSpaced(text, section) || (section.entries.length < 2 && isSpaced(text, template.root)) ? [""] : [];
  const lines = Object.entries(resources).flatMap(([id, body]) => {
    const [first = "", ...others] = printEntry(id, body, column, style);
    return [...blank, " ".repeat(column) + first, ...others];
  });
  // At the start of the next line, so that edits to the end of the last resource do not meet these.
  const line = lineAfter(text, end, column);
  const at = followingLine(text, line);
  if (at === undefined) return [edit(document, { start: line, end: line }, lines.map((one) => `\n${one}`).join(""))];
  return [edit(document, { start: at, end: at }, lines.map((one) => `${one}\n`).join(""))];
}

/** Returns a logical id that neither the template nor `taken` has: base, base2, base3 … */
export function freshId(template: Template, base: string, taken?: ReadonlySet<string>): string {
  const sections = ["Resources", "Parameters", "Conditions", "Mappings", "Outputs"];
  const isTaken = (id: string) =>
    taken?.has(id) === true ||
    template.resources.has(id) ||
    sections.some((section) => get(get(template.root, section), id) !== undefined);
  let id = base;
  for (let number = 2; isTaken(id); number++) id = base + number;
  return id;
}

/** Tells whether most entries of a block map are set apart by empty lines. */
function isSpaced(text: string, map: MapNode): boolean {
  let spaced = 0;
  let previous: number | undefined;
  for (const one of map.entries) {
    const { start, end } = entryExtent(text, one, map);
    if (previous !== undefined && /\n[ \t\r]*\n/.test(text.slice(previous, start))) spaced++;
    previous = end;
  }
  return spaced > 0 && spaced * 2 >= map.entries.length - 1;
}

/** The resource's body as it is in the text: a transform may have put other properties in its place. */
function written(document: Document, resource: Resource): MapNode | undefined {
  return resource.generatedBy === undefined ? siteOf(document, resource.node)?.node : undefined;
}

/** As much of the way to a property as is written. */
interface Place {
  readonly map: MapNode;
  /** The key to look up, or to add, in the map. */
  readonly key: string;
  /** What is left of the path below the key. */
  readonly rest: readonly string[];
  readonly value: Node | undefined;
}

/** Follows a path as far as it is written; undefined where an intrinsic call or an alias bars the way. */
function walk(document: Document, resource: Resource, path: readonly string[]): Place | undefined {
  let map = written(document, resource);
  let [key = "", ...rest] = ["Properties", ...path];
  while (map !== undefined) {
    const own = ownEntry(map, key);
    const value = own?.value;
    // What an alias stands for is written elsewhere, and meant for others too.
    if (own !== undefined && isAlias(own.value, spanOf(own.key).end)) return undefined;
    if (rest.length === 0 || value === undefined || isNull(value)) return { map, key, rest, value };
    map = value.kind === "map" && intrinsic(value) === undefined ? value : undefined;
    [key = "", ...rest] = rest;
  }
  return undefined;
}

/** Returns a plain value or a call such as `!Ref A` as a value to write again, undefined for anything bigger. */
export function toValue(node: Node): Value | undefined {
  if (node.kind === "scalar") {
    const isPlain = !node.quoted && /^(?:true|false|-?(?:0|[1-9]\d{0,14}))$/.test(node.text);
    return isPlain ? (JSON.parse(node.text) as number | boolean) : node.text;
  }
  const call = intrinsic(node);
  if (call === undefined) return undefined;
  const { name, argument } = call;
  if (name !== "Ref" && name !== "Fn::GetAtt" && name !== "Fn::Sub" && name !== "Fn::ImportValue") return undefined;
  const value = argument.kind === "list" ? argument.items.map(toValue) : toValue(argument);
  if (value === undefined || (Array.isArray(value) && value.includes(undefined))) return undefined;
  return { [name]: value as Value };
}

/** Returns a call, whatever it is nested in, as a value to write again. */
export function copyOf(node: Node): Value {
  switch (node.kind) {
    case "scalar":
      return toValue(node) ?? node.text;
    case "list":
      return node.items.map(copyOf);
    case "map":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, copyOf(value)]));
  }
}

/** Reads the sections of a template out of a syntax tree. */
import { expandLoops } from "./for-each";
import { once } from "./once";
import { type Document, type Entry, entry, get, intrinsic, isNull, type MapNode, type Node, spanOf } from "./syntax";
import type { BrokenResource, Parameter, Resource, Template } from "./template";
import { DUPLICATE_KEY } from "./yaml-problems";

const serverless = "AWS::Serverless-2016-10-31";

/**
 * Returns the template in a document, or undefined when it holds something else.
 *
 * A template has AWSTemplateFormatVersion, a Transform, or a resource of an AWS type; a mere
 * `Resources:` is not enough, as other tools' files have one too. Wrong shapes are left out, never fatal.
 * `given` are parameter values bound by the caller: loops run over them.
 */
export function readTemplate(document: Document, given: Readonly<Record<string, string>> = {}): Template | undefined {
  if (document.root?.kind !== "map") return undefined;
  const parameters = readParameters(get(document.root, "Parameters"));
  const hasLoops = document.text.includes("Fn::ForEach::");
  const root = hasLoops ? expandLoops(document.root, (node) => collectionOf(node, parameters, given)) : document.root;
  const resources = readResources(get(root, "Resources"));
  const transforms = readTransforms(get(root, "Transform"));
  const isTemplate =
    entry(root, "AWSTemplateFormatVersion") !== undefined ||
    transforms.length > 0 ||
    [...resources.values()].some(({ type }) => /^(?:AWS|Custom|Alexa)::/.test(type));
  if (!isTemplate) return undefined;
  const isSam =
    transforms.includes(serverless) || [...resources.values()].some(({ type }) => type.startsWith("AWS::Serverless::"));
  return {
    kind: isSam ? "sam" : "cloudformation",
    root,
    transforms,
    parameters,
    mappings: entriesOf(get(root, "Mappings")),
    conditions: entriesOf(get(root, "Conditions")),
    rules: entriesOf(get(root, "Rules")),
    globals: get(root, "Globals"),
    metadata: get(root, "Metadata"),
    outputs: entriesOf(get(root, "Outputs")),
    resources,
    broken: brokenResources(document),
    incomplete: incompleteMaps(document),
    includes: document.includes,
  };
}

/** A key given twice is a fault, but one that leaves all to be read. */
function brokenResources({ root, problems }: Document): BrokenResource[] {
  if (root?.kind !== "map") return [];
  const { file } = root.block;
  const before = (entries: readonly Entry[], offset: number): Entry | undefined =>
    entries.findLast(({ key }) => key.block.file === file && spanOf(key).start <= offset);
  const broken = new Map<string, BrokenResource>();
  for (const { message, span } of problems) {
    const section = before(root.entries, span.start);
    if (message === DUPLICATE_KEY || section?.key.text !== "Resources" || section.value.kind !== "map") continue;
    const resource = before(section.value.entries, span.start);
    if (resource === undefined) continue;
    const id = resource.key.text;
    broken.set(id, { id, type: textOf(get(resource.value, "Type")) });
  }
  return [...broken.values()];
}

/**
 * Returns the map in which each fault lies: the one around it whose keys begin in its column, the innermost where none
 * do. Only maps of the same block count, for another block's nodes outlive an edit of this one.
 */
function incompleteMaps({ text, root, problems }: Document): Set<Node> {
  const maps = new Set<Node>();
  for (const { message, span, block } of problems) {
    if (message === DUPLICATE_KEY || block === undefined) continue;
    const around: MapNode[] = [];
    let at = root;
    while (at?.kind === "map") {
      if (at.block === block) around.push(at);
      at = at.entries.findLast(({ key }) => spanOf(key).start < span.start)?.value;
    }
    const column = columnOf(text, span.start);
    const exact = around.find((map) => columnOf(text, startOf(map)) === column);
    const found = exact ?? around.at(-1);
    if (found !== undefined) maps.add(found);
  }
  return maps;
}

function startOf({ entries: [first] }: MapNode): number {
  return first === undefined ? -1 : spanOf(first.key).start;
}

function columnOf(text: string, offset: number): number {
  return offset < 0 ? -1 : offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** A loop runs over a written list, or over a list parameter whose value or default is known. */
function collectionOf(
  node: Node,
  parameters: ReadonlyMap<string, Parameter>,
  given: Readonly<Record<string, string>>,
): readonly string[] | undefined {
  const call = intrinsic(node);
  if (call?.name === "Ref") {
    const name = textOf(call.argument) ?? "";
    const value = given[name] ?? parameters.get(name)?.default;
    return value?.split(",").map((item) => item.trim());
  }
  if (node.kind !== "list") return undefined;
  const items = node.items.map((item) =>
    item.kind === "scalar" ? [item.text] : collectionOf(item, parameters, given),
  );
  return items.includes(undefined) ? undefined : items.flatMap((item) => item ?? []);
}

function readResources(section: Node | undefined): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  if (section?.kind !== "map") return resources;
  for (const entry of section.entries) {
    const resource = resourceOf(entry);
    if (resource !== undefined) resources.set(resource.id, resource);
  }
  return resources;
}

/** The same entry gives the same resource, by which later steps see what an edit has left alone. */
const resourceOf = once(({ key, value }: Entry): Resource | undefined => {
  const type = textOf(get(value, "Type"));
  if (value.kind !== "map" || type === undefined) return undefined;
  const properties = get(value, "Properties");
  return {
    id: key.text,
    type,
    at: key,
    node: value,
    properties: isNull(properties) ? undefined : properties,
    condition: textOf(get(value, "Condition")),
    dependsOn: textsOf(get(value, "DependsOn")),
    metadata: get(value, "Metadata"),
  };
});

function readParameters(section: Node | undefined): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  if (section?.kind !== "map") return parameters;
  for (const { key, value } of section.entries) {
    const allowed = get(value, "AllowedValues");
    const byDefault = get(value, "Default");
    parameters.set(key.text, {
      name: key.text,
      at: key,
      type: textOf(get(value, "Type")) ?? "String",
      default: byDefault?.kind === "list" ? textsOf(byDefault).join(",") : textOf(byDefault),
      allowed: allowed?.kind === "list" ? textsOf(allowed) : undefined,
    });
  }
  return parameters;
}

/** `Transform` is a name, a list of names, or a map with a Name (as AWS::Include is written). */
function readTransforms(node: Node | undefined): string[] {
  if (node === undefined) return [];
  if (node.kind === "scalar") return node.text === "" ? [] : [node.text];
  if (node.kind === "map") return textsOf(get(node, "Name"));
  return node.items.flatMap(readTransforms);
}

function entriesOf(node: Node | undefined): Map<string, Node> {
  if (node?.kind !== "map") return new Map();
  return new Map(node.entries.map(({ key, value }) => [key.text, value]));
}

/** Returns a scalar's text, undefined for null and for anything that is no scalar. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === "scalar" && !isNull(node) ? node.text : undefined;
}

/** Returns the texts of a scalar or a list of scalars. */
export function textsOf(node: Node | undefined): string[] {
  if (node?.kind === "list") return node.items.flatMap((item) => textOf(item) ?? []);
  const text = textOf(node);
  return text === undefined ? [] : [text];
}

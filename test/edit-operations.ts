/**
 * Operations on a template as plain data, done twice: on its text by edits, and on its meaning by the few
 * lines here. What reads the meaning is the package `yaml` (or JSON.parse), not the code under test.
 */
import assert from "node:assert/strict";
import * as yaml from "yaml";
import type { Edit } from "../server/src/edit/edit";
import { appendItem, insertFirst, setKey } from "../server/src/edit/insert";
import { removeItem, removeItems, removeKey } from "../server/src/edit/remove";
import { replaceValue } from "../server/src/edit/replace";
import { addDependsOn, addResources, appendToProperty, setProperty } from "../server/src/edit/resource";
import type { Value, ValueMap } from "../server/src/edit/value";
import { readTemplate } from "../server/src/template/read";
import { type Document, get, type ListNode, type MapNode, type Node } from "../server/src/template/syntax";
import type { Resource, Template } from "../server/src/template/template";

export type Path = readonly (string | number)[];

export type Operation =
  | OfResource
  | { readonly replace: Path; readonly value: Value }
  | { readonly set: Path; readonly key: string; readonly value: Value }
  | { readonly first: string; readonly value: string }
  | { readonly append: Path; readonly value: Value }
  | { readonly removeItems: Path; readonly indices: readonly number[] }
  | { readonly removeKey: Path; readonly key: string }
  | { readonly resources: ValueMap; readonly after?: string };

type OfResource =
  | { readonly property: readonly string[]; readonly of: string; readonly value: Value }
  | { readonly appendTo: readonly string[]; readonly of: string; readonly values: readonly Value[] }
  | { readonly dependsOn: readonly string[]; readonly of: string };

/** Returns the edits that do an operation on a document. */
export function editsOf(document: Document, operation: Operation): Edit[] {
  if ("replace" in operation) return replaceValue(document, nodeAt(document.root, operation.replace), operation.value);
  if ("set" in operation) {
    return setKey(document, mapAt(document.root, operation.set), operation.key, operation.value);
  }
  if ("append" in operation) return appendItem(document, listAt(document.root, operation.append), operation.value);
  if ("removeItems" in operation) {
    const list = listAt(document.root, operation.removeItems);
    const items = operation.indices.map((index) => nodeAt(list, [index]));
    const [only] = items;
    return items.length === 1 && only !== undefined
      ? removeItem(document, list, only)
      : removeItems(document, list, items);
  }
  if ("removeKey" in operation) {
    return removeKey(document, mapAt(document.root, operation.removeKey), operation.key);
  }
  if ("first" in operation) return insertFirst(document, mapAt(document.root, []), operation.first, operation.value);
  const template = templateOf(document);
  if ("resources" in operation) return addResources(document, template, operation.resources, operation.after);
  const resource = template.resources.get(operation.of);
  assert.ok(resource);
  return editsOfResource(document, resource, operation);
}

function editsOfResource(document: Document, resource: Resource, operation: OfResource): Edit[] {
  if ("property" in operation) return setProperty(document, resource, operation.property, operation.value);
  if ("appendTo" in operation) return appendToProperty(document, resource, operation.appendTo, operation.values);
  return addDependsOn(document, resource, operation.dependsOn);
}

/** Does an operation on a template's meaning, in place. */
export function doTo(data: Data, operation: Operation): void {
  if ("replace" in operation) {
    const last = operation.replace.at(-1);
    assert.ok(last !== undefined);
    put(at(data, operation.replace.slice(0, -1)), last, operation.value);
  } else if ("set" in operation) put(at(data, operation.set), operation.key, operation.value);
  else if ("first" in operation) put(data, operation.first, operation.value);
  else if ("append" in operation) listIn(at(data, operation.append)).push(normal(operation.value));
  else if ("removeItems" in operation) {
    const list = listIn(at(data, operation.removeItems));
    for (const index of [...operation.indices].sort((a, b) => b - a)) list.splice(index, 1);
  } else if ("removeKey" in operation) delete mapIn(at(data, operation.removeKey))[operation.key];
  else if ("resources" in operation) {
    const root = mapIn(data);
    root.Resources = { ...mapIn(root.Resources ?? {}), ...mapIn(normal(operation.resources)) };
  } else if ("dependsOn" in operation) {
    const resource = mapIn(at(data, ["Resources", operation.of]));
    const before = [resource.DependsOn ?? []].flat() as Data[];
    const now = [...new Set([...before, ...operation.dependsOn])];
    if (now.length > before.length) resource.DependsOn = now.length === 1 ? (now[0] ?? null) : now;
  } else {
    const path = ["Properties", ...("property" in operation ? operation.property : operation.appendTo)];
    const key = path.pop() ?? "";
    let map = mapIn(at(data, ["Resources", operation.of]));
    for (const step of path) {
      map[step] ??= {};
      map = mapIn(map[step]);
    }
    if ("property" in operation) put(map, key, operation.value);
    else map[key] = [[map[key] ?? []], normal(operation.values)].flat(2) as Data[];
  }
}

/** What a template says, free of its layout; calls in their long form. */
export type Data = string | number | boolean | null | Data[] | { [key: string]: Data };

/** Returns what a text says as this version of YAML reads it, or as JSON. */
export function dataOf(text: string, version: "1.1" | "1.2" = "1.2"): Data {
  // YAML in brackets may begin as JSON does.
  if (/^\s*\{\s*"/.test(text) && !/[{,]\s*[A-Za-z]\w*:/.test(text)) return normal(JSON.parse(text));
  const document = yaml.parseDocument(text, { version, logLevel: "error" });
  assert.deepEqual(document.errors, []);
  return normal(toData(document.contents, document));
}

function toData(node: unknown, document: yaml.Document): Data {
  if (yaml.isAlias(node)) return toData(node.resolve(document), document);
  if (!yaml.isNode(node)) return null;
  const tag = node.tag?.match(/^!(\w+)$/)?.[1];
  if (tag === undefined) return toBare(node, document);
  return { [tag === "Ref" || tag === "Condition" ? tag : `Fn::${tag}`]: toBare(node, document) };
}

function toBare(node: yaml.Node, document: yaml.Document): Data {
  if (yaml.isSeq(node)) return node.items.map((item) => toData(item, document));
  if (!yaml.isMap(node)) return (node as yaml.Scalar).value as Data;
  const entries = node.items.map((pair): [string, Data] => [String(pair.key), toData(pair.value, document)]);
  const merged = entries.filter(([key]) => key === "<<").map(([, value]) => mapIn(value));
  return Object.assign({}, ...merged, Object.fromEntries(entries.filter(([key]) => key !== "<<")));
}

/** `!GetAtt A.B` and its list form say the same. */
function normal(value: Value | Data): Data {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value as Data;
  const entries = Object.entries(value).map(([key, item]): [string, Data] => [key, normal(item)]);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "Fn::GetAtt" && Array.isArray(only[1])) {
    return { "Fn::GetAtt": only[1].join(".") };
  }
  return Object.fromEntries(entries);
}

function put(holder: Data, key: string | number, value: Value): void {
  if (Array.isArray(holder)) holder[Number(key)] = normal(value);
  else mapIn(holder)[key] = normal(value);
}

/** Returns what a template says at a path, null for nothing. */
export function at(data: Data, path: Path): Data {
  return path.reduce<Data>(
    (inner, key) => (Array.isArray(inner) ? inner[Number(key)] : mapIn(inner)[key]) ?? null,
    data,
  );
}

function listIn(data: Data): Data[] {
  assert.ok(Array.isArray(data));
  return data;
}

function mapIn(data: Data): { [key: string]: Data } {
  assert.ok(typeof data === "object" && data !== null && !Array.isArray(data));
  return data;
}

export function templateOf(document: Document): Template {
  const template = readTemplate(document);
  assert.ok(template);
  return template;
}

export function nodeAt(root: Node | undefined, path: Path): Node {
  const node = path.reduce<Node | undefined>(
    (inner, key) => (inner?.kind === "list" ? inner.items[Number(key)] : get(inner, String(key))),
    root,
  );
  assert.ok(node, `nothing at ${path.join("/")}`);
  return node;
}

function listAt(root: Node | undefined, path: Path): ListNode {
  const node = nodeAt(root, path);
  assert.equal(node.kind, "list");
  return node as ListNode;
}

function mapAt(root: Node | undefined, path: Path): MapNode {
  const node = nodeAt(root, path);
  assert.equal(node.kind, "map");
  return node as MapNode;
}

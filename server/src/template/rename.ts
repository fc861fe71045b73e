/**
 * A template under other names, so that it can stand beside another one.
 *
 * Every logical id, parameter, condition and mapping gets a prefix, where it is declared and where it is named.
 * The nodes keep their places, which lie in a file of their own.
 */
import { once } from "./once";
import { intrinsic, type MapNode, type Node, type ScalarNode } from "./syntax";
import type { Resource, Template } from "./template";

/** Returns the template with `prefix` before each of its names; the same for the same template and prefix. */
export function renamed(template: Template, prefix: string): Template {
  const made = renamings(template);
  const before = made.get(prefix);
  if (before !== undefined) return before;
  const result = rename(template, prefix);
  made.set(prefix, result);
  return result;
}

const renamings = once((_template: Template) => new Map<string, Template>());

function rename(template: Template, prefix: string): Template {
  const node = (of: Node): Node => renamedNode(of, prefix);
  const keys = <Of>(map: ReadonlyMap<string, Of>, change: (of: Of) => Of): Map<string, Of> =>
    new Map([...map].map(([name, value]) => [prefix + name, change(value)]));
  return {
    ...template,
    parameters: keys(template.parameters, (parameter) => ({ ...parameter, name: prefix + parameter.name })),
    mappings: keys(template.mappings, (mapping) => mapping),
    conditions: keys(template.conditions, node),
    rules: new Map(),
    outputs: keys(template.outputs, node),
    resources: keys(template.resources, (resource) => renamedResource(resource, prefix)),
    broken: template.broken.map((broken) => ({ ...broken, id: prefix + broken.id })),
  };
}

function renamedResource(resource: Resource, prefix: string): Resource {
  const { at, node, properties, condition, dependsOn, generatedBy } = resource;
  const body = renamedNode(node, prefix);
  return {
    ...resource,
    id: prefix + resource.id,
    at: { ...at, text: prefix + at.text },
    node: body.kind === "map" ? body : node,
    properties: properties && renamedNode(properties, prefix),
    condition: condition === undefined ? undefined : prefix + condition,
    dependsOn: dependsOn.map((id) => prefix + id),
    ...(generatedBy === undefined ? {} : { generatedBy: prefix + generatedBy }),
  };
}

/** Returns the expression with the prefix before every name that it refers to. */
function renamedNode(node: Node, prefix: string): Node {
  if (node.kind === "scalar") return node;
  if (node.kind === "list") return { ...node, items: node.items.map((item) => renamedNode(item, prefix)) };
  const call = intrinsic(node);
  switch (call?.name) {
    case "Ref":
    case "Condition":
      return withArgument(node, renamedName(call.argument, prefix));
    case "Fn::GetAtt":
      return withArgument(node, firstRenamed(call.argument, prefix));
    case "Fn::If":
    case "Fn::FindInMap":
      return withArgument(node, firstRenamed(call.argument, prefix));
    case "Fn::Sub":
      return withArgument(node, renamedFormat(call.argument, prefix));
    default:
      return {
        ...node,
        entries: node.entries.map(({ key, value }) => ({ key, value: renamedNode(value, prefix) })),
      };
  }
}

function withArgument(node: MapNode, argument: Node): MapNode {
  return { ...node, entries: node.entries.map(({ key }) => ({ key, value: argument })) };
}

/** AWS's own names are the same in every template, but for those of the stack. */
function renamedName(name: Node, prefix: string): Node {
  if (name.kind !== "scalar") return renamedNode(name, prefix);
  return { ...name, text: prefixed(name.text, prefix) };
}

function prefixed(name: string, prefix: string): string {
  return name.startsWith("AWS::") && !name.startsWith("AWS::Stack") ? name : prefix + name;
}

/** The name stands first: `[Nat, NatGatewayId]`, `[IsProd, a, b]`, `[Map, row, column]`. */
function firstRenamed(argument: Node, prefix: string): Node {
  if (argument.kind !== "list") return renamedName(argument, prefix);
  const [first, ...rest] = argument.items;
  const items = first === undefined ? [] : [renamedName(first, prefix), ...rest.map((one) => renamedNode(one, prefix))];
  return { ...argument, items };
}

function renamedFormat(argument: Node, prefix: string): Node {
  if (argument.kind === "scalar") return renamedText(argument, prefix, new Set());
  if (argument.kind !== "list") return argument;
  const [format, variables, ...rest] = argument.items;
  const own = new Set(variables?.kind === "map" ? variables.entries.map(({ key }) => key.text) : []);
  if (format?.kind !== "scalar") return argument;
  const items = [
    renamedText(format, prefix, own),
    ...(variables === undefined ? [] : [renamedNode(variables, prefix)]),
  ];
  return { ...argument, items: [...items, ...rest] };
}

/** Variables that the call brings along, and `${!Literal}`, are no names of the template. */
function renamedText(format: ScalarNode, prefix: string, own: ReadonlySet<string>): ScalarNode {
  const text = format.text.replace(/\$\{([^!{}][^{}]*)\}/g, (whole, inner: string) => {
    const name = inner.trim();
    return own.has(name) ? whole : `\${${prefixed(name, prefix)}}`;
  });
  return { ...format, text };
}

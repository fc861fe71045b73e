/** Which resources CloudFormation creates before which: those named in DependsOn, and those that properties refer to. */
import { once } from "./once";
import { intrinsic, type Node } from "./syntax";
import type { Resource, Resources, Template } from "./template";

/**
 * Tells whether a resource is created after one of `others`: it names it, or something that waits for it
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html).
 * A reference in any branch of an `Fn::If` counts, so a `false` is certain.
 */
export function waitsFor(
  { resources }: { readonly resources: Resources },
  id: string,
  others: ReadonlySet<string>,
): boolean {
  const seen = new Set<string>([id]);
  const queue = [id];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const resource = resources.get(name);
    if (resource === undefined) continue;
    for (const next of neighboursOf(resource)) {
      if (others.has(next)) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return false;
}

/** Many resources lead to the same few, and are asked about in every world. */
const neighboursOf = once((resource: Resource): readonly string[] => [
  ...resource.dependsOn,
  ...referencesIn(resource.properties),
]);

/** Returns the resources whose properties refer to this one, in the order of the template. */
export function referrersOf(template: Template, id: string): readonly Resource[] {
  return referrersIn(template).get(id) ?? [];
}

/** Every function of a template asks for them, in each of its worlds. */
const referrersIn = once((template: Template): ReadonlyMap<string, readonly Resource[]> => {
  const all = new Map<string, Resource[]>();
  for (const resource of template.resources.values()) {
    for (const name of referencesIn(resource.properties)) {
      const list = all.get(name);
      if (list === undefined) all.set(name, [resource]);
      else list.push(resource);
    }
  }
  return all;
});

/** Returns the names that `Ref`, `Fn::GetAtt` and `Fn::Sub` refer to in any branch of an expression. */
export function referencesIn(node: Node | undefined): ReadonlySet<string> {
  return node === undefined ? new Set() : references(node);
}

const references = once((node: Node): ReadonlySet<string> => {
  const names = new Set<string>();
  collect(node, names);
  return names;
});

function collect(node: Node | undefined, names: Set<string>): void {
  if (node === undefined || node.kind === "scalar") return;
  if (node.kind === "list") {
    for (const item of node.items) collect(item, names);
    return;
  }
  const call = intrinsic(node);
  const text = firstText(call?.argument);
  if (text !== undefined) {
    // SAM knows `!Ref Worker.Alias` too.
    if (call?.name === "Ref") names.add(beforeDot(text));
    if (call?.name === "Fn::GetAtt") names.add(beforeDot(text));
    if (call?.name === "Fn::Sub") {
      for (const [, name = ""] of text.matchAll(/\$\{([^!{}][^{}]*)\}/g)) names.add(beforeDot(name.trim()));
    }
  }
  for (const { value } of node.entries) collect(value, names);
}

/** The argument itself, or the first item of a list: `[Nat, NatGatewayId]`, `["${Nat}", {}]`. */
function firstText(argument: Node | undefined): string | undefined {
  const first = argument?.kind === "list" ? argument.items[0] : argument;
  return first?.kind === "scalar" ? first.text : undefined;
}

function beforeDot(text: string): string {
  return text.split(".", 1)[0] ?? text;
}

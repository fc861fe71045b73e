/**
 * What the SAM transform makes of functions, as far as egress depends on it: Globals merged in, and the
 * execution role that SAM generates with its VPC policy.
 * Source: aws/serverless-application-model, translator 1.110 (plugins/globals/globals.py, model/sam_resources.py).
 */
import { textOf, textsOf } from "./read";
import { type Entry, get, intrinsic, isNull, type ListNode, type MapNode, type Node, type ScalarNode } from "./syntax";
import type { Resource, Template } from "./template";

const vpcPolicy = "service-role/AWSLambdaVPCAccessExecutionRole";
const kafkaPolicy = "service-role/AWSLambdaMSKExecutionRole";

/** Returns the template with every AWS::Serverless::Function turned into a Lambda function and its role. */
export function expandSam(template: Template): Template {
  if (template.kind !== "sam") return template;
  const globals = get(template.globals, "Function");
  const resources = new Map<string, Resource>();
  for (const resource of template.resources.values()) {
    if (resource.type !== "AWS::Serverless::Function") resources.set(resource.id, resource);
    else for (const made of expandFunction(resource, globals)) resources.set(made.id, made);
  }
  return { ...template, resources };
}

function expandFunction(resource: Resource, globals: Node | undefined): Resource[] {
  const properties = mergeGlobals(resource, globals);
  const role = get(properties, "Role");
  const generatedId = `${resource.id}Role`;
  const generatedArn = call("Fn::GetAtt", scalar(`${generatedId}.Arn`, resource.at), resource.at);
  const generated = generatedRole(resource, generatedId, properties);
  const made = { ...resource, type: "AWS::Lambda::Function" };
  if (role === undefined || isNull(role)) {
    return [{ ...made, properties: withEntry(properties, "Role", generatedArn, resource.at) }, generated];
  }
  const choice = intrinsic(role);
  if (choice?.name === "Fn::If" && choice.argument.kind === "list") {
    const [condition, yes, no] = choice.argument.items;
    if (condition !== undefined && yes !== undefined && no !== undefined && isNoValue(yes) !== isNoValue(no)) {
      const branches = [condition, isNoValue(yes) ? generatedArn : yes, isNoValue(no) ? generatedArn : no];
      const chosen = call("Fn::If", { ...choice.argument, items: branches }, role);
      return [{ ...made, properties: withEntry(properties, "Role", chosen, role) }, generated];
    }
  }
  return [{ ...made, properties }];
}

/** SAM attaches the VPC policy whenever VpcConfig is truthy in Python: also for empty lists and intrinsics. */
function generatedRole(resource: Resource, id: string, properties: MapNode): Resource {
  const at = resource.at;
  const vpcConfig = get(properties, "VpcConfig");
  const managed = [scalar("service-role/AWSLambdaBasicExecutionRole", at)];
  if (vpcConfig !== undefined && !isNull(vpcConfig) && !(vpcConfig.kind === "map" && vpcConfig.entries.length === 0)) {
    managed.push(scalar(vpcPolicy, vpcConfig));
  }
  const events = get(properties, "Events");
  if (events?.kind === "map" && events.entries.some(({ value }) => textOf(get(value, "Type")) === "MSK")) {
    managed.push(scalar(kafkaPolicy, events));
  }
  const attached: Node[] = [...managed];
  const inline: Node[] = [];
  const policies = get(properties, "Policies");
  const entries: readonly Node[] =
    policies?.kind === "list" ? policies.items : policies === undefined ? [] : [policies];
  for (const policy of entries) {
    if (policy.kind === "map" && get(policy, "Statement") !== undefined) inline.push(asInline(policy));
    else if (policy.kind === "map" && intrinsic(policy) === undefined) inline.push(...policyTemplates(policy));
    else attached.push(policy);
  }
  const boundary = get(properties, "PermissionsBoundary");
  const role = map(
    [
      ["ManagedPolicyArns", list(attached, at)],
      ["Policies", list(inline, at)],
      ...(boundary === undefined ? [] : [["PermissionsBoundary", boundary] as const]),
    ],
    at,
  );
  return {
    id,
    type: "AWS::IAM::Role",
    at,
    node: map([["Properties", role]], at),
    properties: role,
    condition: resource.condition,
    dependsOn: [],
    metadata: undefined,
    generatedBy: resource.id,
  };
}

function asInline(document: Node): Node {
  return map([["PolicyDocument", document]], document);
}

/** Of SAM's policy templates only VPCAccessPolicy touches network interfaces. */
function policyTemplates(policy: MapNode): Node[] {
  if (get(policy, "VPCAccessPolicy") === undefined) return [];
  const actions = ["Create", "Delete", "Describe", "Detach"].map((verb) =>
    scalar(`ec2:${verb}NetworkInterface${verb === "Describe" ? "s" : ""}`, policy),
  );
  const statement = map(
    [
      ["Effect", scalar("Allow", policy)],
      ["Action", list(actions, policy)],
      ["Resource", scalar("*", policy)],
    ],
    policy,
  );
  return [asInline(map([["Statement", list([statement], policy)]], policy))];
}

function mergeGlobals(resource: Resource, globals: Node | undefined): MapNode {
  const local =
    resource.properties?.kind === "map" && intrinsic(resource.properties) === undefined
      ? resource.properties
      : map([], resource.at);
  if (globals?.kind !== "map") return local;
  const ignored = textsOf(get(resource.node, "IgnoreGlobals"));
  if (ignored.includes("*")) return local;
  const kept = { ...globals, entries: globals.entries.filter(({ key }) => !ignored.includes(key.text)) };
  const merged = merge(kept, local);
  return merged.kind === "map" ? merged : local;
}

/**
 * Maps merge key by key, lists concatenate with the global items first, anything else is replaced by the
 * local value. An intrinsic counts as a plain value, so it replaces and is replaced as a whole.
 */
function merge(global: Node, local: Node): Node {
  if (isPlainMap(global) && isPlainMap(local)) {
    const entries: Entry[] = [...global.entries];
    for (const entry of local.entries) {
      const index = entries.findIndex(({ key }) => key.text === entry.key.text);
      const before = entries[index];
      if (before === undefined) entries.push(entry);
      else entries[index] = { key: entry.key, value: merge(before.value, entry.value) };
    }
    return { ...local, entries };
  }
  if (global.kind === "list" && local.kind === "list") return { ...local, items: [...global.items, ...local.items] };
  return local;
}

function isPlainMap(node: Node): node is MapNode {
  return node.kind === "map" && intrinsic(node) === undefined;
}

function isNoValue(node: Node): boolean {
  const ref = intrinsic(node);
  return ref?.name === "Ref" && textOf(ref.argument) === "AWS::NoValue";
}

/** Nodes that are not in the text stand where the thing that causes them is written. */
function scalar(text: string, at: Node): ScalarNode {
  return { kind: "scalar", text, quoted: true, block: at.block, from: at.from, to: at.to };
}

function list(items: readonly Node[], at: Node): ListNode {
  return { kind: "list", items, flow: true, block: at.block, from: at.from, to: at.to };
}

function map(entries: readonly (readonly [string, Node])[], at: Node): MapNode {
  const made = entries.map(([key, value]) => ({ key: scalar(key, at), value }));
  return { kind: "map", entries: made, flow: true, block: at.block, from: at.from, to: at.to };
}

function call(name: string, argument: Node, at: Node): MapNode {
  return map([[name, argument]], at);
}

function withEntry(node: MapNode, key: string, value: Node, at: Node): MapNode {
  const others = node.entries.filter((entry) => entry.key.text !== key);
  return { ...node, entries: [...others, { key: scalar(key, at), value }] };
}

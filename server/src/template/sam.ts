/**
 * What the SAM transform makes of functions, as far as egress depends on it: Globals merged in, and the
 * execution role that SAM generates with its VPC policy.
 * Source: aws/serverless-application-model, translator 1.110 (plugins/globals/globals.py, model/sam_resources.py).
 */
import { hidden } from "./once";
import { textOf, textsOf } from "./read";
import { type Entry, get, intrinsic, isNull, type ListNode, type MapNode, type Node, type ScalarNode } from "./syntax";
import type { Resource, Template } from "./template";

const basicPolicy = "service-role/AWSLambdaBasicExecutionRole";
const vpcPolicy = "service-role/AWSLambdaVPCAccessExecutionRole";
const kafkaPolicy = "service-role/AWSLambdaMSKExecutionRole";
const operatorPolicy = "AWSLambdaManagedEC2ResourceOperator";

/** Returns the template with every AWS::Serverless function and capacity provider turned into what SAM makes of it. */
export function expandSam(template: Template): Template {
  if (template.kind !== "sam") return template;
  const resources = new Map<string, Resource>();
  for (const resource of template.resources.values()) {
    const kind = globalsOf[resource.type];
    const globals = kind === undefined ? undefined : get(template.globals, kind);
    for (const made of expandOnce(resource, globals)) resources.set(made.id, made);
  }
  return { ...template, resources };
}

/** Which part of Globals each type takes. */
const globalsOf: Readonly<Record<string, string>> = {
  "AWS::Serverless::Function": "Function",
  "AWS::Serverless::CapacityProvider": "CapacityProvider",
};

const expansions = hidden<Resource, { readonly globals: Node | undefined; readonly made: readonly Resource[] }>();

/** The same resource under the same globals gives the same again, by which later steps see what an edit has left alone. */
function expandOnce(resource: Resource, globals: Node | undefined): readonly Resource[] {
  const before = expansions.get(resource);
  if (before !== undefined && before.globals === globals) return before.made;
  const made = expand(resource, globals);
  expansions.set(resource, { globals, made });
  return made;
}

function expand(resource: Resource, globals: Node | undefined): readonly Resource[] {
  const written = resource.properties;
  switch (resource.type) {
    case "AWS::Serverless::Function": {
      const properties = mergeGlobals(resource, globals);
      return expandFunction({ ...resource, type: "AWS::Lambda::Function", written }, properties);
    }
    case "AWS::Serverless::CapacityProvider": {
      const properties = mergeGlobals(resource, globals);
      const made = { ...resource, type: "AWS::Lambda::CapacityProvider", written, properties };
      if (get(properties, "OperatorRole") !== undefined) return [made];
      const operator = [["ManagedPolicyArns", list([scalar(operatorPolicy, resource.at)], resource.at)]] as const;
      return [made, generatedRole(resource, `${resource.id}OperatorRole`, operator)];
    }
    default:
      return [resource];
  }
}

/**
 * A function without Role gets a generated one, and so does one whose Role is an Fn::If with AWS::NoValue in
 * a branch. Any other Role stays as it is, even an empty one, and then Policies count for nothing.
 */
function expandFunction(made: Resource, properties: MapNode): readonly Resource[] {
  const role = get(properties, "Role");
  const id = `${made.id}Role`;
  const arn = call("Fn::GetAtt", scalar(`${id}.Arn`, made.at), made.at);
  const withRole = (value: Node): readonly Resource[] => [
    { ...made, properties: withEntry(properties, "Role", value, value) },
    generatedRole(made, id, rolePolicies(made, properties)),
  ];
  if (role === undefined) return withRole(arn);
  const choice = branches(role);
  if (choice === undefined || !(isNoValue(choice.yes) || isNoValue(choice.no))) return [{ ...made, properties }];
  return withRole(choose(role, (branch) => (isNoValue(branch) ? arn : branch)));
}

/** SAM attaches the VPC policy whenever VpcConfig is truthy in Python: also for empty lists and intrinsics. */
function rolePolicies({ at }: Resource, properties: MapNode): readonly (readonly [string, Node])[] {
  const attached: Node[] = [scalar(basicPolicy, at)];
  const vpcConfig = get(properties, "VpcConfig");
  if (vpcConfig !== undefined && !(vpcConfig.kind === "map" && vpcConfig.entries.length === 0)) {
    attached.push(scalar(vpcPolicy, vpcConfig));
  }
  const events = get(properties, "Events");
  if (events?.kind === "map" && events.entries.some(({ value }) => textOf(get(value, "Type")) === "MSK")) {
    attached.push(scalar(kafkaPolicy, events));
  }
  const policies = get(properties, "Policies");
  if (policies !== undefined) attached.push(...(policies.kind === "list" ? policies.items : [policies]).map(asPolicy));
  const boundary = get(properties, "PermissionsBoundary");
  return [
    ["ManagedPolicyArns", list(attached, at)],
    ...(boundary === undefined ? [] : [["PermissionsBoundary", boundary] as const]),
  ];
}

/** A document or the name of a policy stands for itself, a policy template for the document it is filled into. */
function asPolicy(policy: Node): Node {
  if (policy.kind === "list") return { ...policy, items: policy.items.map(asPolicy) };
  if (branches(policy) !== undefined) return choose(policy, asPolicy);
  if (policy.kind !== "map" || intrinsic(policy) !== undefined || get(policy, "Statement") !== undefined) return policy;
  return map([["Statement", list(templateStatements(policy), policy)]], policy);
}

/** Of SAM's policy templates only VPCAccessPolicy touches network interfaces. */
function templateStatements(policy: MapNode): Node[] {
  if (get(policy, "VPCAccessPolicy") === undefined) return [];
  const actions = ["CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces"];
  const statement = map(
    [
      ["Effect", scalar("Allow", policy)],
      [
        "Action",
        list(
          actions.map((action) => scalar(`ec2:${action}`, policy)),
          policy,
        ),
      ],
      ["Resource", scalar("*", policy)],
    ],
    policy,
  );
  return [statement];
}

/** SAM hands the condition of a resource on to the role that it generates for it. */
function generatedRole(of: Resource, id: string, properties: readonly (readonly [string, Node])[]): Resource {
  const { at, condition } = of;
  const body = map(properties, at);
  return {
    id,
    type: "AWS::IAM::Role",
    at,
    node: map([["Properties", body]], at),
    properties: body,
    condition,
    dependsOn: [],
    metadata: undefined,
    generatedBy: of.id,
  };
}

/** Returns the properties with Globals merged in. An empty local property wins, and then is as good as absent. */
function mergeGlobals(resource: Resource, globals: Node | undefined): MapNode {
  const { properties } = resource;
  const local = properties !== undefined && isPlainMap(properties) ? properties : map([], resource.at);
  const merged = merge(keptGlobals(resource, globals), local);
  const entries = (merged.kind === "map" ? merged : local).entries.filter(({ value }) => !isNull(value));
  return { ...local, entries };
}

/** Returns what `IgnoreGlobals` leaves of the globals of a resource's type. */
export function keptGlobals(resource: Resource, globals: Node | undefined): MapNode {
  const ignored = textsOf(get(resource.node, "IgnoreGlobals"));
  if (globals === undefined || !isPlainMap(globals) || ignored.includes("*")) return map([], resource.at);
  return { ...globals, entries: globals.entries.filter(({ key }) => !ignored.includes(key.text)) };
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

/** Returns the branches of an Fn::If, undefined for anything else. */
function branches(node: Node): { readonly yes: Node; readonly no: Node } | undefined {
  const choice = intrinsic(node);
  if (choice?.name !== "Fn::If" || choice.argument.kind !== "list") return undefined;
  const [, yes, no] = choice.argument.items;
  return yes === undefined || no === undefined ? undefined : { yes, no };
}

/** Returns the same Fn::If with something else made of its branches. */
function choose(node: Node, convert: (branch: Node) => Node): Node {
  const choice = intrinsic(node);
  if (choice?.argument.kind !== "list") return node;
  const [condition, ...both] = choice.argument.items;
  const items = condition === undefined ? [] : [condition, ...both.map(convert)];
  return call(choice.name, { ...choice.argument, items }, node);
}

/** Tells whether a node is `!Ref AWS::NoValue`. */
export function isNoValue(node: Node): boolean {
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

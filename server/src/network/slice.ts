/**
 * Which resources bear on one function: what it names, what is attached to that, and so on. The rest of
 * the template is never evaluated for it, so its conditions cost nothing and cannot blur the verdict.
 */

import { once } from "../template/once";
import type { Node } from "../template/syntax";
import { get, intrinsic } from "../template/syntax";
import type { Resource, Template } from "../template/template";

/** For each type: properties that lead on, and properties by which it belongs to what they name. */
interface Links {
  readonly leads: readonly string[];
  readonly belongsTo?: readonly string[];
}

const links: Readonly<Record<string, Links>> = {
  "AWS::Lambda::Function": { leads: ["VpcConfig", "Role", "CapacityProviderConfig"] },
  "AWS::Synthetics::Canary": { leads: ["VPCConfig", "ExecutionRoleArn"] },
  "AWS::Lambda::CapacityProvider": { leads: ["VpcConfig"] },
  "AWS::EC2::VPC": { leads: [] },
  "AWS::EC2::VPCCidrBlock": { leads: [], belongsTo: ["VpcId"] },
  "AWS::EC2::Subnet": { leads: ["VpcId"] },
  "AWS::EC2::SubnetCidrBlock": { leads: [], belongsTo: ["SubnetId"] },
  "AWS::EC2::RouteTable": { leads: ["VpcId"] },
  "AWS::EC2::Route": {
    leads: [
      "GatewayId",
      "NatGatewayId",
      "InstanceId",
      "NetworkInterfaceId",
      "EgressOnlyInternetGatewayId",
      "TransitGatewayId",
      "VpcPeeringConnectionId",
      "VpcEndpointId",
      "DestinationPrefixListId",
    ],
    belongsTo: ["RouteTableId"],
  },
  "AWS::EC2::VPNGatewayRoutePropagation": { leads: [], belongsTo: ["RouteTableIds"] },
  "AWS::EC2::RouteServerPropagation": { leads: [], belongsTo: ["RouteTableId"] },
  "AWS::EC2::SubnetRouteTableAssociation": { leads: ["RouteTableId"], belongsTo: ["SubnetId"] },
  "AWS::EC2::SubnetNetworkAclAssociation": { leads: ["NetworkAclId"], belongsTo: ["SubnetId"] },
  "AWS::EC2::GatewayRouteTableAssociation": { leads: ["RouteTableId"], belongsTo: ["GatewayId"] },
  "AWS::EC2::InternetGateway": { leads: [] },
  "AWS::EC2::VPCGatewayAttachment": { leads: ["InternetGatewayId"], belongsTo: ["VpcId", "InternetGatewayId"] },
  "AWS::EC2::EgressOnlyInternetGateway": { leads: ["VpcId"] },
  "AWS::EC2::NatGateway": { leads: ["SubnetId", "VpcId", "AllocationId"] },
  "AWS::EC2::EIP": { leads: [], belongsTo: ["InstanceId"] },
  "AWS::EC2::EIPAssociation": { leads: [], belongsTo: ["InstanceId", "NetworkInterfaceId"] },
  "AWS::EC2::Instance": {
    leads: ["SubnetId", "SecurityGroupIds", "NetworkInterfaces"],
    // A route to an interface asks for the machine behind it.
    belongsTo: ["NetworkInterfaces"],
  },
  "AWS::EC2::NetworkInterface": { leads: ["SubnetId", "GroupSet"] },
  "AWS::EC2::NetworkInterfaceAttachment": { leads: ["InstanceId"], belongsTo: ["NetworkInterfaceId"] },
  "AWS::EC2::NetworkAcl": { leads: ["VpcId"] },
  "AWS::EC2::NetworkAclEntry": { leads: [], belongsTo: ["NetworkAclId"] },
  "AWS::EC2::SecurityGroup": { leads: ["VpcId", "SecurityGroupEgress"] },
  "AWS::EC2::SecurityGroupVpcAssociation": { leads: [], belongsTo: ["GroupId"] },
  "AWS::EC2::SecurityGroupEgress": { leads: ["DestinationPrefixListId"], belongsTo: ["GroupId"] },
  "AWS::EC2::SecurityGroupIngress": { leads: [], belongsTo: ["GroupId"] },
  "AWS::EC2::PrefixList": { leads: [] },
  "AWS::EC2::VPCEndpoint": { leads: ["SubnetIds", "SecurityGroupIds"], belongsTo: ["RouteTableIds", "VpcId"] },
  "AWS::NetworkFirewall::Firewall": { leads: ["SubnetMappings"] },
  "AWS::NetworkFirewall::VpcEndpointAssociation": { leads: ["SubnetMapping"] },
  "AWS::EC2::VPCEncryptionControl": { leads: [], belongsTo: ["VpcId"] },
  "AWS::EC2::VPCPeeringConnection": { leads: [] },
  "AWS::IAM::Role": { leads: ["ManagedPolicyArns", "PermissionsBoundary", "RoleName"], belongsTo: ["RoleName"] },
  "AWS::IAM::Policy": { leads: [], belongsTo: ["Roles"] },
  "AWS::IAM::RolePolicy": { leads: [], belongsTo: ["RoleName"] },
  "AWS::IAM::ManagedPolicy": { leads: [], belongsTo: ["Roles"] },
  "AWS::EC2::VPCBlockPublicAccessOptions": { leads: [], belongsTo: [] },
  "AWS::EC2::VPCBlockPublicAccessExclusion": { leads: [], belongsTo: [] },
};

/** Stands for anything, where a property does not tell what it names. */
const anything = "*";

/** Tells whether a resource of this type says something about another one, so that its absence would matter there. */
export function speaksOfOthers(type: string): boolean {
  return links[type]?.belongsTo !== undefined;
}

export interface SliceIndex {
  readonly template: Template;
  readonly belonging: ReadonlyMap<string, readonly Resource[]>;
  /** Resources that may belong to anything, or concern the whole account. */
  readonly everywhere: readonly Resource[];
  /** The resources in the order of the template, and where each stands in it. */
  readonly ids: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

/** Tells whether resources of this type say something about the network or a role. */
export function bearsOnEgress(type: string): boolean {
  return Object.hasOwn(links, type);
}

/**
 * Returns the index from which slices are cut: linear in the template. Where an account tells how things outside the
 * template hang together, whatever speaks of such a thing may bear on everything.
 */
export function indexTemplate(template: Template, account = false): SliceIndex {
  const belonging = new Map<string, Resource[]>();
  const everywhere: Resource[] = [];
  for (const resource of template.resources.values()) {
    const names = ownersOf(resource);
    if (isEverywhere(resource) || (account && speaksOfOutside(template, resource))) everywhere.push(resource);
    for (const name of names) {
      const list = belonging.get(name);
      if (list === undefined) belonging.set(name, [resource]);
      else list.push(resource);
    }
  }
  const ids = [...template.resources.keys()];
  const places = new Map(ids.map((id, index) => [id, index]));
  return { template, belonging, everywhere, ids, places };
}

/** Returns the names of what a resource belongs to. */
export const ownersOf = once((resource: Resource): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const property of links[resource.type]?.belongsTo ?? []) namesIn(get(resource.properties, property), names);
  return names;
});

/** Tells whether a resource may belong to anything, or concerns the whole account. */
export function isEverywhere(resource: Resource): boolean {
  const belongsTo = links[resource.type]?.belongsTo;
  return belongsTo !== undefined && (belongsTo.length === 0 || ownersOf(resource).has(anything));
}

/** Tells whether a resource may say something about a thing that the template does not contain. */
export function speaksOfOutside({ resources }: Template, resource: Resource): boolean {
  return [...ownersOf(resource)].some((name) => !resources.has(name));
}

const leadsOf = once((resource: Resource): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const property of links[resource.type]?.leads ?? []) namesIn(get(resource.properties, property), names);
  return names;
});

export interface Slice {
  /** The resources that bear on the roots, the roots included, in the order of the template. */
  readonly ids: ReadonlySet<string>;
  /** Every name that was followed, resource or not: whatever bears one of them belongs to the slice. */
  readonly names: ReadonlySet<string>;
}

/** Returns what bears on `roots`. */
export function sliceOf(index: SliceIndex, roots: readonly string[]): Slice {
  const { template, belonging, everywhere } = index;
  const names = new Set<string>(roots);
  for (const { id } of everywhere) names.add(id);
  // What is added on the way is followed in its turn.
  for (const name of names) {
    for (const { id } of belonging.get(name) ?? []) names.add(id);
    for (const other of template.links?.names.get(name) ?? []) names.add(other);
    const resource = template.resources.get(name);
    if (resource !== undefined) for (const other of leadsOf(resource)) names.add(other);
  }
  const places: number[] = [];
  for (const name of names) {
    const place = index.places.get(name);
    if (place !== undefined) places.push(place);
  }
  places.sort((left, right) => left - right);
  return { ids: new Set(places.map((place) => index.ids[place] ?? "")), names };
}

/** Collects every name that an expression mentions in any of its branches. */
export function namesIn(node: Node | undefined, into: Set<string>): void {
  if (node === undefined) return;
  if (node.kind === "scalar") {
    const { text } = node;
    into.add(text);
    // An ARN may name a role of the template by its RoleName.
    const role = text.includes(":role/") ? /:role\/(?:.*\/)?([^/]+)$/.exec(text)?.[1] : undefined;
    if (role !== undefined) into.add(role);
    // One parameter of the store is one thing, whatever its version.
    if (text.includes("{{resolve:")) {
      for (const [, name] of text.matchAll(/\{\{resolve:[\w-]+:([^}:]+)/g)) into.add(name ?? "");
    }
    return;
  }
  if (node.kind === "list") {
    for (const item of node.items) namesIn(item, into);
    return;
  }
  const call = intrinsic(node);
  if (call?.name === "Fn::Transform") into.add(anything);
  if (call?.name === "Fn::GetAtt" && call.argument.kind === "scalar") {
    into.add(call.argument.text.split(".", 1)[0] ?? "");
    into.add(call.argument.text);
    return;
  }
  if (call?.name === "Fn::Sub") {
    const format = call.argument.kind === "list" ? call.argument.items[0] : call.argument;
    if (format?.kind === "scalar") {
      for (const [, name] of format.text.matchAll(/\$\{([^!{}][^{}]*)\}/g))
        into.add(name?.trim().split(".", 1)[0] ?? "");
    }
  }
  for (const { value } of node.entries) namesIn(value, into);
}

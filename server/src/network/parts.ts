/** Turns one resource into the parts of the network that it declares, in one world. */

import type { Resolver } from "../template/resolve";
import type { Resource } from "../template/template";
import type { Value } from "../template/value";
import type * as model from "./model";
import type { Fact, Key } from "./model";
import { filters } from "./read-filters";
import { functions } from "./read-function";
import { machines } from "./read-machines";
import { readPolicyResource, readRole } from "./read-role";
import { routing } from "./read-routing";

/** A declaration: a thing of the network, or a statement about another thing (`of`). */
export type Part =
  | { readonly part: "vpc"; readonly is: model.Vpc }
  | { readonly part: "vpc-cidr"; readonly of: Fact<Key>; readonly cidr: Fact<string>; readonly ipv6: Fact<boolean> }
  | { readonly part: "subnet"; readonly is: model.Subnet }
  | { readonly part: "subnet-ipv6"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "table"; readonly is: model.RouteTable }
  | { readonly part: "route"; readonly of: Fact<Key>; readonly is: model.Route }
  | { readonly part: "propagation"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "table-association"; readonly of: Fact<Key>; readonly is: model.Association }
  | { readonly part: "acl-association"; readonly of: Fact<Key>; readonly is: model.Association }
  | { readonly part: "attachment"; readonly of: Fact<Key>; readonly is: model.Attachment }
  | { readonly part: "encryption"; readonly of: Fact<Key>; readonly is: model.EncryptionControl }
  | { readonly part: "internet-gateway"; readonly is: model.InternetGateway }
  | { readonly part: "egress-only-gateway"; readonly is: model.EgressOnlyGateway }
  | { readonly part: "nat"; readonly is: model.NatGateway }
  | { readonly part: "instance"; readonly is: model.Instance }
  | { readonly part: "interface"; readonly is: model.NetworkInterface }
  | { readonly part: "public-address"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "interface-attachment"; readonly of: Fact<Key>; readonly instance: Fact<Key> }
  | { readonly part: "acl"; readonly is: model.NetworkAcl }
  | { readonly part: "acl-entry"; readonly of: Fact<Key>; readonly is: model.AclEntry }
  | { readonly part: "group"; readonly is: model.SecurityGroup }
  | { readonly part: "group-egress"; readonly of: Fact<Key>; readonly is: model.GroupRule }
  | { readonly part: "group-ingress"; readonly of: Fact<Key>; readonly is: model.GroupRule }
  /** The group may be used in a further VPC. */
  | { readonly part: "group-association"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "prefix-list"; readonly is: model.PrefixList }
  | { readonly part: "endpoint"; readonly is: model.Endpoint }
  | { readonly part: "firewall"; readonly is: model.Firewall }
  | { readonly part: "edge"; readonly is: model.EdgeAssociation }
  | { readonly part: "function"; readonly is: model.LambdaFunction }
  | { readonly part: "capacity-provider"; readonly key: Key; readonly vpcConfig: Fact<model.VpcConfig> }
  | { readonly part: "role"; readonly is: model.Role; readonly name: Fact<string> }
  | { readonly part: "policy"; readonly of: readonly Value[]; readonly is: model.AttachedPolicy }
  | { readonly part: "public-access"; readonly is: model.BlockPublicAccess }
  | { readonly part: "public-access-exclusion"; readonly is: model.BlockPublicAccess["exclusions"][number] };

export type Reader = (resource: Resource, resolver: Resolver) => readonly Part[];

/** Returns what a resource declares; nothing for types that do not bear on egress. */
export function partsOf(resource: Resource, resolver: Resolver): readonly Part[] {
  // A type such as `constructor` is no reader of ours.
  return Object.hasOwn(readers, resource.type) ? (readers[resource.type]?.(resource, resolver) ?? []) : [];
}

const readers: Readonly<Record<string, Reader>> = {
  ...routing,
  ...filters,
  ...machines,
  ...functions,
  "AWS::IAM::Role": readRole,
  "AWS::IAM::Policy": readPolicyResource,
  "AWS::IAM::RolePolicy": readPolicyResource,
  "AWS::IAM::ManagedPolicy": readPolicyResource,
};

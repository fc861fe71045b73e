/** Which things a snapshot names without holding them, and which call would tell of them. */
import type { Route } from "@aws-sdk/client-ec2";
import type { Action } from "./actions";
import type { Snapshot } from "./snapshot";

/** Returns the ids of what the snapshot names on the way out and does not hold, of kinds that are asked about. */
export function named(snapshot: Snapshot, groups: readonly string[]): readonly string[] {
  const { routeTables, natGateways, endpoints, interfaces, vpcs, subnets } = snapshot;
  const routes = [...routeTables.values()].flatMap(({ Routes }) => Routes ?? []);
  const ids = new Set<string | undefined>(groups);
  for (const route of routes) {
    ids.add(targetOf(route)?.id);
    ids.add(route.DestinationPrefixListId);
    // The interface decides what passes, the instance whether anybody is at work behind it.
    if (route.NetworkInterfaceId !== undefined) ids.add(route.InstanceId);
  }
  const targets = new Set(routes.map((route) => targetOf(route)?.id));
  for (const nat of natGateways.values()) if (targets.has(nat.NatGatewayId)) ids.add(nat.SubnetId);
  for (const { VpcEndpointId, SubnetIds } of endpoints.values()) {
    if (targets.has(VpcEndpointId)) for (const id of SubnetIds ?? []) ids.add(id);
  }
  for (const { NetworkInterfaceId, SubnetId, Groups } of interfaces.values()) {
    if (!targets.has(NetworkInterfaceId)) continue;
    ids.add(SubnetId);
    for (const { GroupId } of Groups ?? []) ids.add(GroupId);
  }
  const functionVpcs = new Set([...subnets.values()].map(({ VpcId }) => VpcId));
  for (const { VpcId, DhcpOptionsId } of vpcs.values()) if (functionVpcs.has(VpcId)) ids.add(DhcpOptionsId);
  for (const { IpPermissions, IpPermissionsEgress } of snapshot.groups.values()) {
    for (const { PrefixListIds } of [...(IpPermissions ?? []), ...(IpPermissionsEgress ?? [])]) {
      for (const { PrefixListId } of PrefixListIds ?? []) ids.add(PrefixListId);
    }
  }
  return [...ids].filter((id) => id !== undefined).filter((id) => actionFor(id) !== undefined && !holds(snapshot, id));
}

export interface RouteTarget {
  readonly id: string;
  readonly by: keyof Route;
}

/** Returns what a route leads to. One to an instance names the instance and its interface, which decides. */
export function targetOf(route: Route): RouteTarget | undefined {
  for (const by of targetFields) {
    const id = route[by];
    if (typeof id === "string" && id !== "") return { id, by };
  }
  return undefined;
}

const targetFields = [
  "GatewayId",
  "NatGatewayId",
  "NetworkInterfaceId",
  "InstanceId",
  "EgressOnlyInternetGatewayId",
  "TransitGatewayId",
  "VpcPeeringConnectionId",
  "LocalGatewayId",
  "CarrierGatewayId",
  "CoreNetworkArn",
  "OdbNetworkArn",
] as const satisfies readonly (keyof Route)[];

/** Returns the call that tells of a thing, by the prefix of its id; undefined for what is never asked about. */
export function actionFor(id: string): Action | undefined {
  return kinds.find(([prefix]) => id.startsWith(prefix))?.[1];
}

const kinds: readonly (readonly [prefix: string, action: Action, map: keyof Snapshot])[] = [
  ["subnet-", "ec2:DescribeSubnets", "subnets"],
  ["vpce-", "ec2:DescribeVpcEndpoints", "endpoints"],
  ["vpc-", "ec2:DescribeVpcs", "vpcs"],
  ["rtb-", "ec2:DescribeRouteTables", "routeTables"],
  ["nat-", "ec2:DescribeNatGateways", "natGateways"],
  ["igw-", "ec2:DescribeInternetGateways", "internetGateways"],
  ["eigw-", "ec2:DescribeEgressOnlyInternetGateways", "egressOnlyGateways"],
  ["acl-", "ec2:DescribeNetworkAcls", "acls"],
  ["sg-", "ec2:DescribeSecurityGroups", "groups"],
  ["eni-", "ec2:DescribeNetworkInterfaces", "interfaces"],
  ["i-", "ec2:DescribeInstances", "instances"],
  ["pl-", "ec2:DescribeManagedPrefixLists", "prefixLists"],
  ["dopt-", "ec2:DescribeDhcpOptions", "dhcpOptions"],
];

function holds(snapshot: Snapshot, id: string): boolean {
  const map = kinds.find(([prefix]) => id.startsWith(prefix))?.[2];
  return map !== undefined && (snapshot[map] as ReadonlyMap<string, unknown>).has(id);
}

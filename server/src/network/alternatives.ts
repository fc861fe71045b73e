/** Ways out that exist beside a function's own: what a fix may name instead. */
import { message } from "../message";
import { once } from "../template/once";
import { subnetEgress } from "./answer";
import { type Destination, internet, outcomeOf } from "./egress";
import {
  absent,
  type Key,
  known,
  type LambdaFunction,
  type NatGateway,
  type Network,
  type RouteTable,
  type Subnet,
  type VpcConfig,
} from "./model";
import { tableOf } from "./routes";
import type { SubnetEgress } from "./verdict";

/** Returns the subnets of a VPC that reach the internet by IPv4, in the order of the template; only those that `isWanted`. */
export function subnetsWithEgress(
  network: Network,
  vpc: Key,
  isWanted: (subnet: Subnet) => boolean = () => true,
): readonly SubnetEgress[] {
  return subnetsOf(network, vpc)
    .filter(isWanted)
    .map((subnet) => pathOf(network, subnet))
    .filter(({ ipv4 }) => outcomeOf(ipv4.verdict) === "reaches");
}

/** Returns the subnets of a VPC whose table leads to an attached internet gateway: where a NAT gateway belongs. */
export function publicSubnets(network: Network, vpc: Key): readonly Subnet[] {
  return subnetsOf(network, vpc).filter((subnet) => pathOf(network, subnet).ipv4.verdict === "public-subnet");
}

function subnetsOf(network: Network, vpc: Key): readonly Subnet[] {
  return [...network.subnets.values()].filter((subnet) => !subnet.external && known(subnet.vpc) === vpc);
}

const pathsOfNetwork = once((_network: Network) => new Map<Key, SubnetEgress>());

/** Many findings of one template ask for the same alternatives. What is put together by need is of more than one world. */
function pathOf(network: Network, subnet: Subnet): SubnetEgress {
  if (network.glimpse !== undefined) return pathsFrom(network, subnet, internet);
  const paths = pathsOfNetwork(network);
  const before = paths.get(subnet.key);
  if (before !== undefined) return before;
  const path = pathsFrom(network, subnet, internet);
  paths.set(subnet.key, path);
  return path;
}

/** Returns the route tables of a VPC that send public IPv4 to a NAT gateway or instance of the template. */
export function tablesWithNat(network: Network, vpc: Key): readonly RouteTable[] {
  return [...network.routeTables.values()].filter((table) => {
    if (table.external || known(table.vpc) !== vpc) return false;
    return table.routes.some(
      ({ destination, targets }) =>
        known(destination) === "0.0.0.0/0" &&
        targets.some(({ kind }) => kind === "nat-gateway" || kind === "instance" || kind === "network-interface"),
    );
  });
}

/** Returns the route tables of a VPC whose default route leads to an internet gateway attached to it. */
export function publicTables(network: Network, vpc: Key): readonly RouteTable[] {
  const attached = network.vpcs.get(vpc)?.attachments.map(({ gateway }) => known(gateway)) ?? [];
  const edges = new Set(network.edges.map(({ table }) => known(table)));
  return [...network.routeTables.values()].filter((table) => {
    if (table.external || known(table.vpc) !== vpc || edges.has(table.key)) return false;
    return table.routes.some(
      ({ destination, targets }) =>
        known(destination) === "0.0.0.0/0" &&
        targets.some(({ key }) => key.is === "known" && attached.includes(key.value)),
    );
  });
}

/** Returns the public NAT gateways of a VPC that a route from this table may lead to without a loop. */
export function natGatewaysFor(network: Network, vpc: Key, table: RouteTable): readonly NatGateway[] {
  return [...network.natGateways.values()].filter((nat) => {
    if (nat.external || known(nat.connectivity) === "private") return false;
    if (known(nat.vpc) === vpc && known(nat.availability) === "regional") return true;
    const subnet = network.subnets.get(known(nat.subnet) ?? "");
    if (subnet === undefined || known(subnet.vpc) !== vpc) return false;
    const choice = tableOf(network, subnet);
    return choice.kind === "explicit" && choice.table.key !== table.key;
  });
}

/** Returns the way out of a subnet for whatever would stand in it with open security groups. */
export function pathsFrom(network: Network, subnet: Subnet, destination: Destination): SubnetEgress {
  const key = { is: "known", value: subnet.key, at: subnet.at } as const;
  const reference = { at: subnet.at, key, ref: subnet.key, whole: false };
  const config: VpcConfig = {
    at: subnet.at,
    subnets: { is: "known", value: [reference], at: subnet.at },
    groups: absent,
    ipv6Allowed: { is: "known", value: known(subnet.ipv6) === true, at: subnet.at },
  };
  const nobody: LambdaFunction = {
    key: subnet.key,
    at: subnet.at,
    external: false,
    vpcConfig: { is: "known", value: config, at: subnet.at },
    role: { is: "unknown", why: message("no function is asked about") },
    canary: false,
  };
  return subnetEgress(network, nobody, config, reference, destination);
}

/** A way out in words: the names it leads through, what it amounts to, and why it ends. */
import { type Message, message } from "../message";
import { isEmpty } from "../network/address-space";
import { type Destination, outcomeOf } from "../network/egress";
import { absent, known, type Network } from "../network/model";
import type { FunctionEgress, Hop, Path, SubnetEgress } from "../network/verdict";
import { ruleOfFault } from "./source";

/** A subnet's way in the address family that is asked about. */
export function wayOf({ ipv4, ipv6 }: SubnetEgress, destination: Destination): Path {
  return isEmpty(destination.ipv4) ? ipv6 : ipv4;
}

/**
 * Returns the names that a path leads through, from the subnet to where it ends; one chain for each route
 * that carries a part of the traffic. Groups and ACLs are no stations, routes stand as their destinations.
 */
export function chainsOf(network: Network, { reference }: SubnetEgress, path: Path): readonly (readonly string[])[] {
  const table = network.routeTables.get(path.hops.find(({ kind }) => kind === "route-table")?.id ?? "");
  const stem = table === undefined ? [reference.ref] : [reference.ref, table.key];
  const chains: string[][] = [];
  let chain = [...stem];
  let isBehindNat = false;
  for (const hop of path.hops) {
    const route = hop.kind === "route" ? table?.routes.find(({ key }) => key === hop.id) : undefined;
    if (route !== undefined) {
      if (chain.length > stem.length) chains.push(chain);
      const target = known(route.targets[0]?.key ?? absent);
      chain = [...stem, known(route.destination) ?? route.key];
      isBehindNat = false;
      if (hop.status !== "passed" && target !== undefined) chain.push(target);
      continue;
    }
    for (const station of isBehindNat && hop.kind !== "internet-gateway" ? [] : stations(network, hop)) {
      if (!chain.includes(station)) chain.push(station);
    }
    isBehindNat ||= hop.kind === "nat-gateway";
  }
  return [...chains, chain];
}

function stations(network: Network, { kind, id }: Hop): readonly string[] {
  switch (kind) {
    case "function":
    case "security-group":
    case "network-acl":
    case "route":
      return [];
    case "nat-gateway": {
      const home = known(network.natGateways.get(id)?.subnet ?? absent);
      return home === undefined ? [id] : [id, home];
    }
    case "other":
      return id === "?" || network.vpcs.has(id) || id === "VpcBlockPublicAccess" ? [] : [id];
    case "route-table":
    case "nat-instance":
    case "egress-only-gateway":
    case "internet-gateway":
    case "endpoint":
    case "firewall":
    case "peering":
    case "transit-gateway":
      return id === "?" ? [] : [id];
  }
}

/** Returns what a path leaves the VPC by: its NAT gateways, else the gateways at its end. */
export function exitsOf({ hops }: Path): readonly string[] {
  const passed = (...kinds: readonly Hop["kind"][]): readonly string[] => [
    ...new Set(hops.flatMap(({ kind, id, status }) => (status === "passed" && kinds.includes(kind) ? [id] : []))),
  ];
  const nat = passed("nat-gateway", "nat-instance");
  return nat.length > 0 ? nat : passed("egress-only-gateway", "internet-gateway", "endpoint", "firewall");
}

/** Returns what a subnet is, in two or three words: `private → Nat`, `public`, `isolated`. */
export function subnetWords(subnet: SubnetEgress, destination: Destination): Message {
  const path = wayOf(subnet, destination);
  const exits = exitsOf(path).join(", ");
  const also = path.family === "ipv4" && outcomeOf(subnet.ipv6.verdict) === "reaches" ? exitsOf(subnet.ipv6) : [];
  const words = ((): Message => {
    switch (path.verdict) {
      case "nat":
      case "nat-instance":
      case "inspection":
      case "egress-only":
      case "igw":
        return message("private → {0}", exits);
      case "local":
        return message("inside the VPC");
      case "public-subnet":
        return message("public");
      case "isolated":
        return message("isolated");
      case "off":
        return message("IPv6 off");
      case "broken":
        return message("no NAT: {0}", whyOf(path));
      case "no-transit":
        return message("no way out: {0}", whyOf(path));
      case "blocked-security-group":
        return message("blocked by the security group");
      case "blocked-nacl":
        return message("blocked by the network ACL");
      case "blocked-account":
        return message("blocked by an account setting");
      case "partial":
        return message("in part → {0}", exits);
      case "unknown":
        return message("unknown: {0}", whyOf(path));
    }
  })();
  return also.length === 0 ? words : message("{0}, IPv6 → {1}", words, also.join(", "));
}

/** Returns why a path does not lead out, as one phrase: of what failed the first, else what is unknown. */
export function whyOf(path: Path): Message {
  return reasonsOf(path)[0] ?? message("it cannot be read");
}

/** Returns what failed on a path, else what is unknown of it; none where it leads out. */
export function reasonsOf({ hops, unknowns, verdict }: Path): readonly Message[] {
  if (outcomeOf(verdict) === "reaches") return [];
  const failed = hops.flatMap(({ status, why }) => (status === "failed" ? [why] : []));
  return failed.length > 0 ? failed : unknowns;
}

/** Returns why one of a function's subnets fails, in the fewest words that name it. */
export function shortWhy({ reference }: SubnetEgress, path: Path): Message {
  switch (path.verdict) {
    case "isolated":
      return message("{0} has no default route", reference.ref);
    case "public-subnet":
      return message("{0} is a public subnet", reference.ref);
    default:
      return whyOf(path);
  }
}

/** Returns the rules that explain what is wrong with a function's deployment and its paths. */
export function rulesOf({ deployFaults }: Pick<FunctionEgress, "deployFaults">, ...paths: readonly Path[]): string[] {
  const ids = [...deployFaults, ...paths.flatMap(({ faults }) => faults)].map(ruleOfFault);
  return [...new Set(ids.filter((id) => id !== undefined))];
}

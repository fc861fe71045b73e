/** NAT gateways and NAT instances: whether what enters them comes out on the internet. */
import { message } from "../message";
import { passAcl } from "./acl-legs";
import { type AddressSet, isEmpty } from "./address-space";
import { gatewayKind, passGateway, passPublicAccess } from "./gateway";
import { passIngress } from "./group-check";
import { passInspection } from "./inspection";
import {
  type Instance,
  known,
  knownOr,
  type NatGateway,
  type Network,
  type NetworkInterface,
  type Route,
  type RouteTable,
  type Subnet,
  type Target,
} from "./model";
import { whyExternal } from "./read";
import { noRoutes, routingOf, tableOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Question, Status } from "./verdict";

/** What leads into the NAT: the function's subnet, its table, and the route that wins. */
export interface Approach {
  readonly subnet: Subnet;
  readonly table: RouteTable;
  readonly route: Route;
  readonly target: Target;
  /** Keys of the groups that the function wears. */
  readonly groups: readonly string[];
  readonly question: Question;
}

/**
 * Follows a route to a NAT gateway. A zonal one works when it is public, has an address, stands in
 * another subnet whose traffic leaves by an attached internet gateway, and both ACLs let the packets and
 * their answers through (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html).
 */
export function passNatGateway(trail: Trail, network: Network, approach: Approach): Status {
  const { route, target, table } = approach;
  const key = known(target.key);
  const nat = key === undefined ? undefined : network.natGateways.get(key);
  if (nat === undefined) {
    const why = target.key.is === "unknown" ? target.key.why : whyExternal(key ?? "?");
    pass(trail, "nat-gateway", key ?? "?", "unknown", why, target.at);
    return "unknown";
  }
  const connectivity = knownOr(nat.connectivity, "public");
  if (connectivity === "private") {
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "failed",
      message("{0} is a private NAT gateway, which never reaches the internet", nat.key),
      nat.at,
    );
    trail.faults.push({ code: "nat-private", nat, route });
    trail.blocked.add("broken");
    return "failed";
  }
  if (nat.state !== undefined && nat.state !== "available") {
    pass(trail, "nat-gateway", nat.key, "failed", message("{0} is {1}, not available", nat.key, nat.state), nat.at);
    trail.faults.push({ code: "nat-state", nat, route });
    trail.blocked.add("broken");
    return "failed";
  }
  const availability = knownOr(nat.availability, "zonal");
  if (connectivity === undefined || availability === undefined) {
    const fact = connectivity === undefined ? nat.connectivity : nat.availability;
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "unknown",
      fact.is === "unknown" ? fact.why : message("it cannot be read"),
      nat.at,
    );
    return "unknown";
  }
  if (availability === "regional") return passRegional(trail, network, nat, table);
  return passZonal(trail, network, nat, approach);
}

function passRegional(trail: Trail, network: Network, nat: NatGateway, table: RouteTable): Status {
  const vpcKey = known(nat.vpc) ?? known(table.vpc);
  const vpc = vpcKey === undefined ? undefined : network.vpcs.get(vpcKey);
  if (vpc === undefined || vpc.external) {
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "unknown",
      message("the VPC of {0} lies outside this template", nat.key),
      nat.at,
    );
    return "unknown";
  }
  if (vpc.attachments.length > 0) {
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "passed",
      message("{0} is regional and needs no public subnet", nat.key),
      nat.at,
    );
    const gateway = known(vpc.attachments[0]?.gateway ?? { is: "absent" }) ?? "?";
    pass(
      trail,
      "internet-gateway",
      gateway,
      "passed",
      message("{0} is attached to {1}", gateway, vpc.key),
      vpc.attachments[0]?.at,
    );
    return "passed";
  }
  if (network.gaps[0] !== undefined) {
    pass(trail, "nat-gateway", nat.key, "unknown", network.gaps[0], nat.at);
    return "unknown";
  }
  pass(trail, "nat-gateway", nat.key, "failed", message("no internet gateway is attached to {0}", vpc.key), nat.at);
  const at = nat.vpc.is === "known" ? nat.vpc.at : nat.at;
  trail.faults.push({ code: "gateway-not-attached", gateway: nat.key, vpc: vpc.key, at, elsewhere: undefined, nat });
  trail.blocked.add("broken");
  return "failed";
}

function passZonal(trail: Trail, network: Network, nat: NatGateway, approach: Approach): Status {
  const { route, table } = approach;
  if (nat.allocation.is === "absent" && network.source === "template") {
    trail.faults.push({ code: "nat-allocation", nat, reason: "missing" });
  } else if (known(nat.allocation)?.isAddress === true) {
    trail.faults.push({ code: "nat-allocation", nat, reason: "address" });
  }
  const home = known(nat.subnet);
  const subnet = home === undefined ? undefined : network.subnets.get(home);
  if (subnet === undefined) {
    const why =
      nat.subnet.is === "unknown"
        ? nat.subnet.why
        : home === undefined
          ? message("{0} names no subnet", nat.key)
          : whyExternal(home);
    pass(trail, "nat-gateway", nat.key, "unknown", why, nat.at);
    return "unknown";
  }
  if (differ(network, known(subnet.vpc), known(table.vpc))) {
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "failed",
      message("{0} is in another VPC than {1}", nat.key, table.key),
      nat.at,
    );
    trail.faults.push({ code: "nat-other-vpc", nat, route, table });
    trail.blocked.add("broken");
    return "failed";
  }
  pass(
    trail,
    "nat-gateway",
    nat.key,
    "passed",
    message("{0} is a public NAT gateway in {1}", nat.key, subnet.key),
    nat.at,
  );
  const exit = leaveFromNat(trail, network, nat, subnet, approach);
  const access = passPublicAccess(trail, network, subnet, { kind: "nat-gateway", at: nat.at });
  const acl = passAcl(trail, network, subnet, [2, 3, 4, 5], approach.question, approach.subnet);
  return worst(exit, access, acl);
}

/** The NAT's own packets must leave by an attached internet gateway, directly or through a firewall. */
function leaveFromNat(trail: Trail, network: Network, nat: NatGateway, subnet: Subnet, approach: Approach): Status {
  const choice = tableOf(network, subnet);
  const destination = approach.question.addresses;
  if (choice.kind === "unknown") {
    pass(trail, "route-table", subnet.key, "unknown", choice.why, choice.at);
    return "unknown";
  }
  const table = choice.table;
  const routing = table === undefined ? noRoutes(destination) : routingOf(network, table, "ipv4", destination);
  const fail = (reason: "no-association" | "loop" | "no-route" | "no-transit", route?: Route): Status => {
    const why = {
      "no-association": message("{0}, the subnet of {1}, has no route table association", subnet.key, nat.key),
      loop: message("{0} stands in a subnet whose default route leads back to it", nat.key),
      "no-route": message("{0}, the subnet of {1}, has no route to an internet gateway", subnet.key, nat.key),
      "no-transit": message("{0}, the subnet of {1}, routes to a peering connection", subnet.key, nat.key),
    }[reason];
    pass(trail, "route-table", table?.key ?? subnet.key, "failed", why, route?.at ?? table?.at ?? subnet.at);
    trail.faults.push({
      code: "nat-not-public",
      nat,
      subnet,
      reason,
      ...(table === undefined ? {} : { table }),
      ...(route === undefined ? {} : { route }),
    });
    trail.blocked.add("broken");
    return "failed";
  };
  const statuses: Status[] = [];
  for (const [route] of routing.won) {
    const [target] = route.targets;
    if (target === undefined) continue;
    if (route.state === "blackhole") {
      statuses.push(fail("no-route", route));
      continue;
    }
    switch (target.kind) {
      case "internet-gateway":
      case "vpn-gateway":
      case "gateway": {
        const kind = gatewayKind(network, target);
        if (kind === "internet") {
          pass(
            trail,
            "route",
            route.key,
            "passed",
            message("{0} leads from {1} to an internet gateway", route.key, subnet.key),
            route.at,
          );
          statuses.push(passGateway(trail, network, target, subnet.vpc));
        } else if (kind === "local") statuses.push(fail("no-route", route));
        else statuses.push(unknownTarget(trail, route, target));
        break;
      }
      case "nat-gateway":
        statuses.push(
          known(target.key) === undefined
            ? unknownTarget(trail, route, target)
            : fail(known(target.key) === nat.key ? "loop" : "no-route", route),
        );
        break;
      case "peering":
        statuses.push(fail("no-transit", route));
        break;
      case "egress-only-gateway":
        statuses.push(fail("no-route", route));
        break;
      case "endpoint":
        statuses.push(
          passInspection(
            trail,
            network,
            { ...approach, subnet, table: table ?? approach.table, route, target },
            "to-gateway",
          ),
        );
        break;
      default:
        statuses.push(unknownTarget(trail, route, target));
    }
  }
  if (!isEmpty(routing.unrouted)) {
    const [unseen] = routing.unseen;
    if (unseen !== undefined) {
      pass(trail, "route-table", table?.key ?? subnet.key, "unknown", unseen, table?.at);
      statuses.push("unknown");
    } else if (!statuses.includes("failed"))
      statuses.push(fail(choice.kind === "main" ? "no-association" : "no-route"));
  }
  return worst(...statuses);
}

/** A NAT instance is whatever machine the route names; that it forwards packets is taken on trust. */
export function passNatInstance(trail: Trail, network: Network, approach: Approach): Status {
  const { route, target } = approach;
  const key = known(target.key);
  const machine = key === undefined ? undefined : (network.instances.get(key) ?? network.interfaces.get(key));
  if (machine === undefined) {
    pass(
      trail,
      "nat-instance",
      key ?? "?",
      "unknown",
      target.key.is === "unknown" ? target.key.why : whyExternal(key ?? "?"),
      target.at,
    );
    return "unknown";
  }
  const card = cardOf(network, machine);
  const home = known(card.subnet);
  const subnet = home === undefined ? undefined : network.subnets.get(home);
  const fail = (reason: "source-dest-check" | "no-public-address" | "not-public"): Status => {
    const why = {
      "source-dest-check": message("{0} drops forwarded packets: its source/destination check is on", machine.key),
      "no-public-address": message("{0} has no public address", machine.key),
      "not-public": message("the subnet of {0} has no route to an internet gateway", machine.key),
    }[reason];
    pass(trail, "nat-instance", machine.key, "failed", why, machine.at);
    trail.faults.push({ code: "nat-instance", reason, machine, route });
    trail.blocked.add("broken");
    return "failed";
  };
  const statuses: Status[] = [];
  const check = knownOr(card.sourceDestCheck, true);
  if (check === true) statuses.push(fail("source-dest-check"));
  if (subnet === undefined) {
    pass(
      trail,
      "nat-instance",
      machine.key,
      "unknown",
      message("the subnet of {0} lies outside this template", machine.key),
      machine.at,
    );
    return statuses.includes("failed") ? "failed" : "unknown";
  }
  const address = publicAddress(machine, card, subnet);
  if (address === "no") statuses.push(fail("no-public-address"));
  const exits = exitsByGateway(trail, network, subnet, approach.question.addresses);
  if (exits === "failed") statuses.push(fail("not-public"));
  if (statuses.length === 0) {
    const loose = "attached" in machine && !machine.attached;
    if (loose || check === undefined || address === "unknown" || exits === "unknown") {
      const why = loose
        ? message("{0} is attached to an instance only at run time", machine.key)
        : message("whether {0} forwards to the internet cannot be told", machine.key);
      pass(trail, "nat-instance", machine.key, "unknown", why, machine.at);
      statuses.push("unknown");
    } else {
      pass(
        trail,
        "nat-instance",
        machine.key,
        "passed",
        message("{0} can forward, if its software does", machine.key),
        machine.at,
      );
      statuses.push("passed");
    }
  }
  statuses.push(
    passPublicAccess(trail, network, subnet, { kind: "other", at: machine.at }),
    passIngress(trail, network, machine, card, approach),
    passAcl(trail, network, subnet, [2, 3, 4, 5], approach.question, approach.subnet),
  );
  return worst(...statuses);
}

/** The routed interface decides for itself; an instance with one separate interface takes that one's settings. */
function cardOf(network: Network, machine: Instance | NetworkInterface): Instance | NetworkInterface {
  if (!("interfaces" in machine)) return machine;
  const [only] = machine.interfaces;
  return (only === undefined ? undefined : network.interfaces.get(known(only) ?? "")) ?? machine;
}

function publicAddress(
  machine: Instance | NetworkInterface,
  card: Instance | NetworkInterface,
  subnet: Subnet,
): "yes" | "no" | "unknown" {
  if (known(machine.publicAddress) === true || known(card.publicAddress) === true) return "yes";
  if (machine.publicAddress.is === "unknown" || card.publicAddress.is === "unknown") return "unknown";
  const separate = !("interfaces" in card);
  if (separate || known(machine.publicAddress) === false) return separate && !card.attached ? "unknown" : "no";
  const onLaunch = knownOr(subnet.publicIpOnLaunch, false);
  return onLaunch === undefined ? "unknown" : onLaunch ? "yes" : "no";
}

/** Returns whether a subnet's own traffic leaves by an attached internet gateway; adds hops only for faults. */
function exitsByGateway(trail: Trail, network: Network, subnet: Subnet, destination: AddressSet): Status {
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") return "unknown";
  if (choice.table === undefined) return "failed";
  const routing = routingOf(network, choice.table, "ipv4", destination);
  const statuses = [...routing.won.keys()].map((route): Status => {
    const [target] = route.targets;
    if (target === undefined) return "unknown";
    const kind = gatewayKind(network, target);
    if (kind === "internet") return passGateway(trail, network, target, subnet.vpc);
    return target.kind === "gateway" && kind === "unknown" ? "unknown" : "failed";
  });
  if (!isEmpty(routing.unrouted)) statuses.push(routing.unseen.length > 0 ? "unknown" : "failed");
  return worst(...statuses);
}

function unknownTarget(trail: Trail, route: Route, target: Target): Status {
  const key = known(target.key) ?? "?";
  pass(
    trail,
    "route",
    route.key,
    "unknown",
    message("{0} leads to {1}, and what lies behind it is not in this template", route.key, key),
    target.at,
  );
  return "unknown";
}

/** Tells whether two keys certainly name different VPCs: at least one must be in sight. */
export function differ(network: Network, left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined || left === right) return false;
  const inSight = (key: string): boolean => network.vpcs.get(key)?.external === false;
  return network.source === "account" || inSight(left) || inSight(right);
}

/** A failure decides, then what is unknown; only what all pass is passed. */
export function worst(...statuses: readonly Status[]): Status {
  if (statuses.includes("failed")) return "failed";
  return statuses.includes("unknown") ? "unknown" : "passed";
}

/** NAT gateways: whether what enters them comes out on the internet. */
import { type Message, message } from "../message";
import { passAcl } from "./acl-legs";
import { describeAddresses, isEmpty, union } from "./address-space";
import { type Approach, differ, worst } from "./approach";
import { gatewayKind, passGateway, passPublicAccess } from "./gateway";
import { passInspection } from "./inspection";
import {
  absent,
  type Key,
  known,
  knownOr,
  type NatGateway,
  type Network,
  type Route,
  type Subnet,
  type Target,
} from "./model";
import { passRegional } from "./nat-regional";
import { whyBehind, whyOutside } from "./read";
import { deployFaultsOf, noRoutes, routingOf, tableOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Status } from "./verdict";

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
    const why = target.key.is === "unknown" ? target.key.why : whyOutside(network, key ?? "?");
    pass(trail, "nat-gateway", key ?? "?", "unknown", why, target.at);
    return "unknown";
  }
  const connectivity = knownOr(nat.connectivity, "public");
  if (connectivity === "private") {
    const onward = leavesUnseen(network, nat, approach);
    if (onward !== undefined) {
      pass(trail, "nat-gateway", nat.key, "unknown", onward, nat.at);
      return "unknown";
    }
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
  if (availability === "zonal") checkAllocation(trail, nat);
  if (differ(network, vpcOfNat(network, nat), known(table.vpc))) {
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
  if (availability === "regional") return passRegional(trail, network, nat, approach);
  return passZonal(trail, network, nat, approach);
}

/** A public NAT gateway without an address, or with one in the wrong form, is never created. */
function checkAllocation(trail: Trail, nat: NatGateway): void {
  if (nat.allocation.is === "absent" && nat.at.kind === "text") {
    trail.faults.push({ code: "nat-allocation", nat, reason: "missing" });
  } else if (known(nat.allocation)?.isAddress === true) {
    trail.faults.push({ code: "nat-allocation", nat, reason: "address" });
  }
}

/** Returns the VPC of a NAT gateway: its subnet's, or the one that a regional gateway names. */
export function vpcOfNat(network: Network, nat: NatGateway): Key | undefined {
  return known(network.subnets.get(known(nat.subnet) ?? "")?.vpc ?? nat.vpc);
}

/**
 * Returns why a private NAT gateway may still lead out: its traffic goes on to something unseen, such as a
 * transit gateway with a way out behind it. An internet gateway drops it
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html).
 */
function leavesUnseen(network: Network, nat: NatGateway, { question }: Approach): Message | undefined {
  if (nat.subnet.is === "unknown") return nat.subnet.why;
  const home = known(nat.subnet);
  const subnet = network.subnets.get(home ?? "");
  if (subnet === undefined) return home === undefined ? undefined : whyOutside(network, home);
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") return choice.why;
  if (choice.table === undefined) return undefined;
  const { won, unrouted, unseen } = routingOf(network, choice.table, "ipv4", question.addresses);
  for (const route of won.keys()) {
    const [target] = route.targets;
    const named = known(target?.key ?? absent);
    const isDeadEnd =
      target === undefined ||
      target.kind === "peering" ||
      target.kind === "egress-only-gateway" ||
      named === nat.key ||
      ["internet", "local"].includes(gatewayKind(network, target));
    if (!isDeadEnd) return whyBehind(network, route, named ?? "?");
  }
  return isEmpty(unrouted) ? undefined : unseen[0];
}

function passZonal(trail: Trail, network: Network, nat: NatGateway, approach: Approach): Status {
  const home = known(nat.subnet);
  const subnet = home === undefined ? undefined : network.subnets.get(home);
  if (subnet === undefined) {
    const why =
      nat.subnet.is === "unknown"
        ? nat.subnet.why
        : home === undefined
          ? message("{0} names no subnet", nat.key)
          : whyOutside(network, home);
    pass(trail, "nat-gateway", nat.key, "unknown", why, nat.at);
    return "unknown";
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
  trail.faults.push(...deployFaultsOf(choice));
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
        else statuses.push(unknownTarget(trail, network, route, target));
        break;
      }
      case "nat-gateway":
        statuses.push(
          known(target.key) === undefined
            ? unknownTarget(trail, network, route, target)
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
        statuses.push(unknownTarget(trail, network, route, target));
    }
  }
  if (!isEmpty(routing.unrouted)) {
    const [unseen] = routing.unseen;
    if (unseen !== undefined) {
      pass(trail, "route-table", table?.key ?? subnet.key, "unknown", unseen, table?.at);
      statuses.push("unknown");
    } else if (table !== undefined && worst(...statuses) === "passed" && statuses.length > 0) {
      const reached = [...routing.won].map(([route]) => route);
      const shares = union("ipv4", [...routing.won.values()]);
      trail.faults.push({ code: "partial-route", table, reached, lost: [], reachable: describeAddresses(shares) });
      trail.blocked.add("partial");
    } else if (!statuses.includes("failed"))
      statuses.push(fail(choice.kind === "main" ? "no-association" : "no-route"));
  }
  return worst(...statuses);
}

function unknownTarget(trail: Trail, network: Network, route: Route, target: Target): Status {
  const key = known(target.key) ?? "?";
  pass(trail, "route", route.key, "unknown", whyBehind(network, route, key), target.at);
  return "unknown";
}

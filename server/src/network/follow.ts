/** Where the route that wins leads: the target decides whether the traffic gets on. */
import { message } from "../message";
import { type Approach, differ, worst } from "./approach";
import { gatewayKind, passGateway, passPublicAccess } from "./gateway";
import { passInspection } from "./inspection";
import {
  known,
  type LambdaFunction,
  type Network,
  type Route,
  type RouteTable,
  type Subnet,
  type Target,
} from "./model";
import { passNatGateway } from "./nat";
import { passNatInstance } from "./nat-instance";
import { whyBehind } from "./read";
import { pass, type Trail } from "./trail";
import type { Ipv4Verdict, Ipv6Verdict, Status } from "./verdict";

/** What a followed route comes to, and the word for it when it gets out. */
export interface Followed<V> {
  readonly status: Status;
  readonly word?: V;
}

export function followIpv4(trail: Trail, network: Network, approach: Approach): Followed<Ipv4Verdict> {
  const { route, target, subnet, table } = approach;
  const lead = (status: Status, why = message("{0} is the longest match in {1}", route.key, table.key)): void =>
    pass(trail, "route", route.key, status, why, route.at);
  switch (target.kind) {
    case "nat-gateway": {
      const before = trail.hops.length;
      lead("passed");
      const status = passNatGateway(trail, network, approach);
      return { status, word: isInspected(trail, before) ? "inspection" : "nat" };
    }
    case "instance":
    case "network-interface":
      lead("passed");
      return { status: passNatInstance(trail, network, approach), word: "nat-instance" };
    case "endpoint":
      lead("passed");
      return { status: passInspection(trail, network, approach, "to-nat"), word: "inspection" };
    case "peering":
      lead("passed");
      pass(
        trail,
        "peering",
        known(target.key) ?? "?",
        "failed",
        message("a peering connection carries no traffic to the internet"),
        target.at,
      );
      trail.faults.push({ code: "peering", route, table, target });
      trail.blocked.add("no-transit");
      return { status: "failed" };
    case "egress-only-gateway":
      lead("failed", message("{0} sends IPv4 to an egress-only gateway, which carries IPv6 alone", route.key));
      trail.blocked.add("broken");
      return { status: "failed" };
    case "internet-gateway":
    case "vpn-gateway":
    case "gateway":
      switch (gatewayKind(network, target)) {
        case "internet":
          lead("failed", message("{0} leads to an internet gateway, but Lambda has no public IPv4 address", route.key));
          trail.faults.push({ code: "public-subnet", subnet, table, route });
          trail.blocked.add("public-subnet");
          return { status: "failed" };
        case "local":
          lead("failed", message("{0} is a local route", route.key));
          trail.blocked.add("isolated");
          return { status: "failed" };
        default:
          return followUnknown(trail, network, route, target);
      }
    case "transit-gateway":
    case "local-gateway":
    case "carrier-gateway":
    case "core-network":
    case "other":
      return followUnknown(trail, network, route, target);
  }
}

/** A firewall behind the NAT gateway may refuse what its route lets through; other routes' hops are not looked at. */
function isInspected({ hops }: Trail, before: number): boolean {
  return hops
    .slice(before)
    .some(({ kind, status }) => status === "passed" && (kind === "firewall" || kind === "endpoint"));
}

/** Whether AWS gives a capacity provider's instances public addresses in a public subnet is not documented. */
export function followManagedInstance(trail: Trail, fn: LambdaFunction, route: Route): Followed<never> {
  const why = message("whether the instances that run {0} have public addresses is not known", fn.key);
  pass(trail, "route", route.key, "unknown", why, route.at);
  return { status: "unknown" };
}

export function followIpv6(
  trail: Trail,
  network: Network,
  subnet: Subnet,
  route: Route,
  target: Target,
  table: RouteTable,
): Followed<Ipv6Verdict> {
  const key = known(target.key);
  const fail = (why: ReturnType<typeof message>): Followed<Ipv6Verdict> => {
    pass(trail, "route", route.key, "failed", why, route.at);
    trail.blocked.add("broken");
    return { status: "failed" };
  };
  switch (target.kind) {
    case "egress-only-gateway": {
      const gateway = key === undefined ? undefined : network.egressOnlyGateways.get(key);
      if (gateway === undefined) return followUnknown(trail, network, route, target);
      if (differ(network, known(gateway.vpc), known(table.vpc))) {
        trail.faults.push({ code: "egress-only-other-vpc", route, target });
        return fail(message("{0} belongs to another VPC than {1}", gateway.key, table.key));
      }
      pass(
        trail,
        "egress-only-gateway",
        gateway.key,
        "passed",
        message("{0} leads to an egress-only gateway", route.key),
        route.at,
      );
      return {
        status: passPublicAccess(trail, network, subnet, { kind: "egress-only", at: gateway.at }),
        word: "egress-only",
      };
    }
    case "nat-gateway":
      return fail(message("{0} sends IPv6 to a NAT gateway, which carries IPv4 alone", route.key));
    case "peering":
      return fail(message("a peering connection carries no traffic to the internet"));
    case "internet-gateway":
    case "gateway":
      if (gatewayKind(network, target) === "internet") {
        const attached = passGateway(trail, network, target, subnet.vpc);
        return {
          status: worst(attached, passPublicAccess(trail, network, subnet, { kind: "other", at: route.at })),
          word: "igw",
        };
      }
      return followUnknown(trail, network, route, target);
    default:
      return followUnknown(trail, network, route, target);
  }
}

function followUnknown(trail: Trail, network: Network, route: Route, target: Target): Followed<never> {
  const kinds: Partial<Record<Target["kind"], "transit-gateway">> = { "transit-gateway": "transit-gateway" };
  const key = known(target.key);
  const why = target.key.is === "unknown" ? target.key.why : whyBehind(network, route, key ?? "?");
  pass(trail, kinds[target.kind] ?? "other", key ?? "?", "unknown", why, target.at);
  return { status: "unknown" };
}

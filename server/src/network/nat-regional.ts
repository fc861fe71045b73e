/** NAT gateways in regional mode: no subnet of the person's, a route table of AWS's making. */
import { message } from "../message";
import { isEmpty } from "./address-space";
import { type Approach, worst } from "./approach";
import { gatewayKind, passGateway, passPublicAccess } from "./gateway";
import { passInspection } from "./inspection";
import { absent, known, type NatGateway, type Network, type RouteTable, type Vpc } from "./model";
import { whyBehind, whyOutside } from "./read";
import { routingOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Status } from "./verdict";

/**
 * Follows a route to a regional NAT gateway. It needs no public subnet: AWS makes a table for it that leads to the
 * internet gateway of its VPC (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html). In an
 * account that table is in sight, and somebody may have changed it.
 */
export function passRegional(trail: Trail, network: Network, nat: NatGateway, approach: Approach): Status {
  const { table } = approach;
  const vpcKey = known(nat.vpc) ?? known(table.vpc);
  const vpc = vpcKey === undefined ? undefined : network.vpcs.get(vpcKey);
  if (vpc === undefined || vpc.external) {
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "unknown",
      nat.at.kind === "aws"
        ? whyOutside(network, vpcKey ?? nat.key)
        : message("the VPC of {0} lies outside this template", nat.key),
      nat.at,
    );
    return "unknown";
  }
  const [attachment] = vpc.attachments;
  if (attachment?.at.kind === "aws" && attachment.gateway.is === "unknown") {
    pass(trail, "internet-gateway", vpc.key, "unknown", attachment.gateway.why, attachment.at);
    return "unknown";
  }
  const own = network.routeTables.get(known(nat.table ?? absent) ?? "");
  if (vpc.attachments.length > 0) {
    pass(
      trail,
      "nat-gateway",
      nat.key,
      "passed",
      message("{0} is regional and needs no public subnet", nat.key),
      nat.at,
    );
    const place = { key: nat.key, vpc: { is: "known", value: vpc.key, at: vpc.at } } as const;
    const access = () => passPublicAccess(trail, network, place, { kind: "nat-gateway", at: nat.at });
    if (own !== undefined) return worst(leaveByTable(trail, network, nat, vpc, own, approach), access());
    const gateway = known(vpc.attachments[0]?.gateway ?? { is: "absent" }) ?? "?";
    pass(
      trail,
      "internet-gateway",
      gateway,
      "passed",
      message("{0} is attached to {1}", gateway, vpc.key),
      vpc.attachments[0]?.at,
    );
    return access();
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

/** The gateway's packets leave by its own table, directly or through a firewall. */
function leaveByTable(
  trail: Trail,
  network: Network,
  nat: NatGateway,
  vpc: Vpc,
  table: RouteTable,
  approach: Approach,
): Status {
  const routing = routingOf(network, table, "ipv4", approach.question.addresses);
  const fail = (at = table.at): Status => {
    const why = message(
      "{0}, the route table of the regional {1}, does not lead to an internet gateway",
      table.key,
      nat.key,
    );
    pass(trail, "route-table", table.key, "failed", why, at);
    trail.faults.push({ code: "nat-table", nat, table });
    trail.blocked.add("broken");
    return "failed";
  };
  const statuses = [...routing.won.keys()].map((route): Status => {
    const [target] = route.targets;
    if (target === undefined || route.state === "blackhole") return fail(route.at);
    const kind = gatewayKind(network, target);
    if (kind === "internet") {
      const why = message("{0} leads from {1} to an internet gateway", route.key, nat.key);
      pass(trail, "route", route.key, "passed", why, route.at);
      return passGateway(trail, network, target, { is: "known", value: vpc.key, at: vpc.at });
    }
    if (target.kind === "endpoint")
      return passInspection(trail, network, { ...approach, table, route, target }, "to-gateway");
    if (kind === "local" || target.kind === "nat-gateway" || target.kind === "peering") return fail(route.at);
    pass(trail, "route", route.key, "unknown", whyBehind(network, route, known(target.key) ?? "?"), target.at);
    return "unknown";
  });
  if (!isEmpty(routing.unrouted) && !statuses.includes("failed")) {
    const [unseen] = routing.unseen;
    if (unseen === undefined) statuses.push(fail());
    else {
      pass(trail, "route-table", table.key, "unknown", unseen, table.at);
      statuses.push("unknown");
    }
  }
  return worst(...statuses);
}

/** Traffic to private addresses: the local route of the VPC carries it, or nothing that leads to the internet does. */
import { type Message, message } from "../message";
import {
  type AddressSet,
  cidrSet,
  covers,
  describeAddresses,
  intersect,
  isEmpty,
  parseCidr,
  subtract,
  union,
} from "./address-space";
import { isPrivate } from "./destination";
import { gatewayKind } from "./gateway";
import { absent, known, type Network, type Route, type Subnet, type Vpc } from "./model";
import { whyExternal } from "./read";
import { noRoutes, routingOf, tableOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Question, Status } from "./verdict";

/**
 * Leaves a subnet for addresses of its own VPC, public or private, or for private ones elsewhere; returns
 * undefined for a question about the internet. What lies behind a peering connection, a transit gateway
 * or a NAT gateway that private traffic is routed to is not judged.
 *
 * Every route table has a local route for the VPC's blocks
 * (https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html).
 */
export function leavePrivately(
  trail: Trail,
  network: Network,
  subnet: Subnet,
  { addresses }: Question,
): { readonly status: Status; readonly words: readonly "local"[] } | undefined {
  const vpc = network.vpcs.get(known(subnet.vpc) ?? "");
  const own = blocksOf(vpc, addresses.family);
  if (!covers(own, addresses) && !isPrivate(addresses)) return undefined;
  const inside = intersect(addresses, own);
  if (vpc !== undefined && !isEmpty(inside)) {
    const why = message("{0} is in {1}, where the local route leads", describeAddresses(inside), vpc.key);
    pass(trail, "route", "local", "passed", why, vpc.at);
  }
  const rest = subtract(addresses, own);
  const status = isEmpty(rest) ? "passed" : leaveForRest(trail, network, subnet, rest);
  if (status === "passed") return { status, words: ["local"] };
  // Blocks that are not known might hold the rest.
  const complete = vpc !== undefined && !vpc.external && vpc.cidrs.every((fact) => fact.is === "known");
  if (status === "unknown" || !complete) {
    if (!complete) pass(trail, "other", vpc?.key ?? subnet.key, "unknown", whyBlocks(vpc, subnet), subnet.at);
    return { status: "unknown", words: [] };
  }
  trail.blocked.add(isEmpty(inside) ? "isolated" : "partial");
  return isEmpty(inside) ? { status: "failed", words: [] } : { status: "passed", words: ["local"] };
}

/** Private addresses outside the VPC: nothing of the template proves that they are reached. */
function leaveForRest(trail: Trail, network: Network, subnet: Subnet, rest: AddressSet): Status {
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") {
    pass(trail, "route-table", subnet.key, "unknown", choice.why, choice.at);
    return "unknown";
  }
  const { table } = choice;
  const routing = table === undefined ? noRoutes(rest) : routingOf(network, table, trail.family, rest);
  let status: Status = "failed";
  for (const [route] of routing.won) {
    const end = whyDeadEnd(network, route);
    const named = known(route.targets[0]?.key ?? absent) ?? "?";
    const why =
      end ?? message("{0} leads to {1}, and whether that leads on to private addresses is not known", route.key, named);
    pass(trail, "route", route.key, end === undefined ? "unknown" : "failed", why, route.at);
    if (end === undefined) status = "unknown";
  }
  if (isEmpty(routing.unrouted)) return status;
  const [unseen] = routing.unseen;
  const where = { id: table?.key ?? subnet.key, at: table?.at ?? subnet.at };
  const why = unseen ?? message("{0} has no route to {1}", where.id, describeAddresses(routing.unrouted));
  pass(trail, "route-table", where.id, unseen === undefined ? "failed" : "unknown", why, where.at);
  return unseen === undefined ? status : "unknown";
}

function whyDeadEnd(network: Network, { key, targets: [target], state }: Route): Message | undefined {
  if (state === "blackhole") return message("{0} is a black hole: its target is gone", key);
  if (target === undefined || gatewayKind(network, target) !== "internet") return undefined;
  return message("{0} leads to an internet gateway, which drops traffic to private addresses", key);
}

function blocksOf(vpc: Vpc | undefined, family: AddressSet["family"]): AddressSet {
  return union(
    family,
    (vpc?.cidrs ?? []).flatMap((fact) => {
      const cidr = parseCidr(known(fact) ?? "");
      return cidr === undefined ? [] : [cidrSet(cidr)];
    }),
  );
}

function whyBlocks(vpc: Vpc | undefined, subnet: Subnet): Message {
  if (vpc === undefined || vpc.external) return whyExternal(vpc?.key ?? subnet.key);
  return message("the addresses of {0} are not known", vpc.key);
}

/**
 * Firewall and Gateway Load Balancer endpoints in the way: traffic goes on by the route table of the
 * endpoint's own subnet (https://docs.aws.amazon.com/vpc/latest/userguide/middlebox-routing-examples.html).
 * What the firewall's policy does with it is out of sight.
 */
import { message } from "../message";
import { describeAddresses, isEmpty, union } from "./address-space";
import { type Approach, worst } from "./approach";
import { gatewayKind, passGateway } from "./gateway";
import { type Entity, known, knownOr, type Network, type Subnet } from "./model";
import { passNatGateway } from "./nat";
import { passNatInstance } from "./nat-instance";
import { whyBehind, whyOutside } from "./read";
import { routingOf, tableOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Status } from "./verdict";

/** At most this many endpoints are followed one behind the other. */
const depthCap = 4;

/**
 * Follows a route to an endpoint. `to-nat`: the function's traffic still needs a NAT behind it.
 * `to-gateway`: the NAT's traffic needs an internet gateway behind it.
 */
export function passInspection(
  trail: Trail,
  network: Network,
  approach: Approach,
  goal: "to-nat" | "to-gateway",
  depth = 0,
): Status {
  const { route, target } = approach;
  const key = known(target.key);
  const found = key === undefined ? undefined : endpointOf(network, key);
  if (key === undefined || found === undefined || depth === depthCap) {
    const why = target.key.is === "unknown" ? target.key.why : whyOutside(network, key ?? "?");
    pass(trail, "endpoint", key ?? "?", "unknown", why, target.at);
    return "unknown";
  }
  const { entity, kind } = found;
  const endpoint = network.endpoints.get(key);
  if (endpoint?.at.kind === "text" && ["Gateway", "Interface"].includes(knownOr(endpoint.type, "Gateway") ?? "")) {
    const why = message("{0} is no Gateway Load Balancer endpoint, so AWS refuses a route to it", key);
    pass(trail, kind, key, "unknown", why, target.at);
    return "unknown";
  }
  const subnets = nearest(found.subnets, approach.subnet);
  if (subnets.length === 0) {
    pass(trail, kind, entity.key, "unknown", message("the subnet of {0} is not known", entity.key), entity.at);
    return "unknown";
  }
  pass(
    trail,
    kind,
    entity.key,
    "passed",
    message("{0} inspects the traffic, subject to its policy", entity.key),
    entity.at,
  );
  const before = trail.faults.length;
  const outcomes = subnets.map((subnet) => leaveEndpoint(trail, network, approach, entity, subnet, goal, depth));
  const agree = outcomes.every((outcome) => outcome === outcomes[0]);
  const status = agree ? (outcomes[0] ?? "unknown") : "unknown";
  // Which endpoint the traffic meets is not known, so that it ends there is not proved.
  if (!agree) trail.faults.splice(before);
  if (status !== "failed" && goal === "to-gateway" && !hasEdgeRoute(network, key)) {
    trail.faults.push({ code: "inspection-asymmetric", route, endpoint: entity });
  }
  return status;
}

function leaveEndpoint(
  trail: Trail,
  network: Network,
  approach: Approach,
  entity: Entity,
  subnet: Subnet,
  goal: "to-nat" | "to-gateway",
  depth: number,
): Status {
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") {
    pass(trail, "route-table", subnet.key, "unknown", choice.why, choice.at);
    return "unknown";
  }
  const { table } = choice;
  const noExit = (): Status => {
    pass(
      trail,
      "route-table",
      table?.key ?? subnet.key,
      "failed",
      message("nothing leads on from {0} to the internet", subnet.key),
      table?.at ?? subnet.at,
    );
    trail.faults.push({ code: "inspection-no-exit", route: approach.route, endpoint: entity, subnet });
    trail.blocked.add("broken");
    return "failed";
  };
  if (table === undefined) return noExit();
  const routing = routingOf(network, table, "ipv4", approach.question.addresses);
  const statuses: Status[] = [];
  for (const [route] of routing.won) {
    const [target] = route.targets;
    if (target === undefined) continue;
    const next: Approach = { ...approach, table, route, target };
    pass(trail, "route", route.key, "passed", message("{0} leads on from {1}", route.key, subnet.key), route.at);
    const gateway = gatewayKind(network, target);
    const isLoop = target.kind === "endpoint" && known(target.key) === known(approach.target.key);
    if (isLoop) statuses.push(noExit());
    else if (target.kind === "endpoint")
      statuses.push(passInspection(trail, network, { ...next, subnet }, goal, depth + 1));
    else if (goal === "to-nat" && target.kind === "nat-gateway") statuses.push(passNatGateway(trail, network, next));
    else if (goal === "to-nat" && (target.kind === "instance" || target.kind === "network-interface")) {
      statuses.push(passNatInstance(trail, network, next));
    } else if (goal === "to-gateway" && gateway === "internet") {
      statuses.push(passGateway(trail, network, target, subnet.vpc));
    } else if (
      gateway === "internet" ||
      gateway === "local" ||
      target.kind === "peering" ||
      target.kind === "nat-gateway"
    ) {
      statuses.push(noExit());
    } else {
      pass(
        trail,
        "other",
        known(target.key) ?? "?",
        "unknown",
        whyBehind(network, route, known(target.key) ?? "?"),
        target.at,
      );
      statuses.push("unknown");
    }
  }
  if (!isEmpty(routing.unrouted) && !statuses.includes("failed")) {
    const [unseen] = routing.unseen;
    if (unseen !== undefined) {
      pass(trail, "route-table", table.key, "unknown", unseen, table.at);
      statuses.push("unknown");
    } else if (worst(...statuses) === "passed" && statuses.length > 0) {
      const shares = union("ipv4", [...routing.won.values()]);
      const reachable = describeAddresses(shares);
      trail.faults.push({ code: "partial-route", table, reached: [...routing.won.keys()], lost: [], reachable });
      trail.blocked.add("partial");
    } else statuses.push(noExit());
  }
  return worst(...statuses);
}

function endpointOf(
  network: Network,
  key: string,
): { entity: Entity; subnets: readonly Subnet[]; kind: "endpoint" | "firewall" } | undefined {
  const subnetsOf = (keys: readonly { is: string }[]): Subnet[] =>
    keys.flatMap((fact) => {
      const value = "value" in fact && typeof fact.value === "string" ? fact.value : undefined;
      const subnet = value === undefined ? undefined : network.subnets.get(value);
      return subnet === undefined ? [] : [subnet];
    });
  const endpoint = network.endpoints.get(key);
  if (endpoint !== undefined) return { entity: endpoint, subnets: subnetsOf(endpoint.subnets), kind: "endpoint" };
  const dot = key.indexOf(".");
  const firewall = network.firewalls.get(dot < 0 ? key : key.slice(0, dot));
  return firewall === undefined
    ? undefined
    : { entity: firewall, subnets: subnetsOf(firewall.subnets), kind: "firewall" };
}

/** A firewall has an endpoint in each zone; traffic is routed to the one of its own zone. */
function nearest(subnets: readonly Subnet[], from: Subnet): readonly Subnet[] {
  const zone = known(from.zone);
  const same = zone === undefined ? [] : subnets.filter((subnet) => known(subnet.zone) === zone);
  return same.length > 0 ? same : subnets;
}

/** Answers come back through the firewall only if the gateway's own table sends them there. */
function hasEdgeRoute(network: Network, key: string): boolean {
  const firewall = key.split(".", 1)[0];
  return network.edges.some((edge) => {
    const table = network.routeTables.get(known(edge.table) ?? "");
    if (table === undefined) return true;
    return table.routes.some(({ targets }) =>
      targets.some((target) => known(target.key)?.split(".", 1)[0] === firewall),
    );
  });
}

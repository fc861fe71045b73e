/** NAT instances: whether a machine of the template forwards what enters it to the internet. */
import { message } from "../message";
import { passAcl } from "./acl-legs";
import { type AddressSet, isEmpty } from "./address-space";
import { type Approach, differ, worst } from "./approach";
import { gatewayKind, passGateway, passPublicAccess } from "./gateway";
import { passIngress } from "./group-check";
import { absent, type Instance, known, knownOr, type Network, type NetworkInterface, type Subnet } from "./model";
import { whyOutside } from "./read";
import { routingOf, tableOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Status } from "./verdict";

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
      target.key.is === "unknown" ? target.key.why : whyOutside(network, key ?? "?"),
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
  const check = checksAddresses(machine, card);
  if (check === true) statuses.push(fail("source-dest-check"));
  if (subnet !== undefined && differ(network, known(subnet.vpc), known(approach.table.vpc))) {
    const why = message("{0} is in another VPC than {1}", machine.key, approach.table.key);
    pass(trail, "nat-instance", machine.key, "failed", why, target.at);
    trail.blocked.add("broken");
    return "failed";
  }
  if (subnet === undefined) {
    pass(
      trail,
      "nat-instance",
      machine.key,
      "unknown",
      machine.at.kind === "aws"
        ? whyOutside(network, home ?? machine.key)
        : message("the subnet of {0} lies outside this template", machine.key),
      machine.at,
    );
    return statuses.includes("failed") ? "failed" : "unknown";
  }
  const address = publicAddress(network, machine, card, subnet);
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
    passAcl(trail, network, subnet, [2, 3, 4, 5], approach.question, approach.subnet, "instance"),
  );
  return worst(...statuses);
}

/** The routed interface decides for itself; an instance with one separate interface takes that one's settings. */
export function cardOf(network: Network, machine: Instance | NetworkInterface): Instance | NetworkInterface {
  if (!("interfaces" in machine)) return machine;
  const [only] = machine.interfaces;
  return (only === undefined ? undefined : network.interfaces.get(known(only) ?? "")) ?? machine;
}

/**
 * Returns whether the source/destination check is on: an instance's own `false` reaches its single interface too,
 * and an interface from outside has a setting of its own.
 */
function checksAddresses(machine: Instance | NetworkInterface, card: Instance | NetworkInterface): boolean | undefined {
  if (known(machine.sourceDestCheck) === false) return false;
  const isOutside = "interfaces" in card && card.interfaces.length > 0;
  return isOutside ? undefined : knownOr(card.sourceDestCheck, true);
}

function publicAddress(
  network: Network,
  machine: Instance | NetworkInterface,
  card: Instance | NetworkInterface,
  subnet: Subnet,
): "yes" | "no" | "unknown" {
  if (known(machine.publicAddress) === true || known(card.publicAddress) === true) return "yes";
  if (machine.publicAddress.is === "unknown" || card.publicAddress.is === "unknown") return "unknown";
  const separate = !("interfaces" in card);
  // An address given to the instance goes to its first interface.
  const bearers = [...network.instances.values()].filter(
    ({ interfaces }) => separate && known(interfaces[0] ?? absent) === card.key,
  );
  if (bearers.some((instance) => known(instance.publicAddress) === true)) return "yes";
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

import { whenText } from "../findings";
import type { Meaning } from "../lint";
import { type Message, message } from "../message";
import type { Destination } from "../network/egress";
import { roleEgress } from "../network/iam";
import { absent, type Key, known, type Network, type RouteTable } from "../network/model";
import { groupAllows } from "../network/security-group";
import type { SubnetEgress } from "../network/verdict";
import { subnetWords, wayOf } from "../report/way";
import { groupWords } from "./candidates";
import { pathLines, roleLines } from "./hover-function";
import { functionsOf, networkOf, subnetOutcomes, usersOf } from "./usual";

/** At most this many names or worlds are listed. */
const most = 6;

/** Returns what to say of a subnet, `fn` being the function that names it here, if one does. */
export function subnetLines(
  meaning: Meaning,
  network: Network,
  path: SubnetEgress,
  fn?: string,
  told?: ReadonlySet<string>,
): readonly Message[] {
  const { destination } = meaning.subject;
  const others = subnetOutcomes(meaning, path.reference.ref).slice(1, most);
  return [
    subnetTitle(path, destination),
    ...homeLines(network, path.reference.ref),
    ...pathLines(network, path, destination, fn, told),
    ...others.map((other) => message("when {0}: {1}", whenText(other.when), subnetWords(other.path, destination))),
  ];
}

/** A public subnet is the right place for a NAT gateway. */
function homeLines({ natGateways }: Network, id: Key): readonly Message[] {
  const here = [...natGateways.values()].filter(({ subnet }) => known(subnet) === id);
  return here.length === 0 ? [] : [message("NAT gateways in it: {0}", names(here.map(({ key }) => key)))];
}

/** Reasons follow in lines of their own. */
function subnetTitle(subnet: SubnetEgress, destination: Destination): Message {
  const { ref } = subnet.reference;
  switch (wayOf(subnet, destination).verdict) {
    case "unknown":
      return message("**{0}**: unknown", ref);
    case "broken":
    case "no-transit":
      return message("**{0}**: no way out", ref);
    default:
      return message("**{0}**: {1}", ref, subnetWords(subnet, destination));
  }
}

/** Returns what to say of a part of the network or a role; none for what is neither. */
export function resourceLines(meaning: Meaning, id: Key): readonly Message[] {
  const network = networkOf(meaning);
  const { destination } = meaning.subject;
  const lines = ofKind(meaning, network, id, destination);
  return lines.length === 0 ? [] : [...lines, ...users(meaning, id)];
}

function ofKind(meaning: Meaning, network: Network, id: Key, destination: Destination): readonly Message[] {
  const { subnets, routeTables, natGateways, internetGateways, egressOnlyGateways, groups, acls, roles } = network;
  if (subnets.get(id)?.external === false || network.missing.has(id)) {
    const [usual] = subnetOutcomes(meaning, id);
    if (usual !== undefined) return subnetLines(meaning, usual.network, usual.path);
    return network.missing.has(id) ? [message("**{0}** is not created with the usual parameters", id)] : [];
  }
  const table = routeTables.get(id);
  if (table !== undefined) return [message("**{0}**", id), ...routeLines(table), ...subnetsBehind(network, id)];
  for (const { key, routes } of routeTables.values()) {
    const route = routes.find((one) => one.key === id);
    if (route === undefined) continue;
    const target = known(route.targets[0]?.key ?? absent) ?? "?";
    return [
      message("**{0}**: `{1} → {2}` in {3}", id, known(route.destination) ?? "?", target, key),
      ...hopLines(meaning, id),
    ];
  }
  const nat = natGateways.get(id);
  if (nat !== undefined) {
    const isPrivate = known(nat.connectivity) === "private";
    const kind = isPrivate ? message("private NAT gateway") : message("public NAT gateway");
    const home = known(nat.subnet);
    const title =
      home === undefined ? message("**{0}**: {1}", id, kind) : message("**{0}**: {1} in {2}", id, kind, home);
    return [title, ...hopLines(meaning, id)];
  }
  if (internetGateways.has(id)) {
    const homes = [...network.vpcs.values()].filter(({ attachments }) =>
      attachments.some(({ gateway }) => known(gateway) === id),
    );
    const vpcs = homes.map(({ key }) => key).join(", ");
    return [
      vpcs === "" ? message("**{0}**: attached to no VPC", id) : message("**{0}**: internet gateway of {1}", id, vpcs),
    ];
  }
  const egressOnly = egressOnlyGateways.get(id);
  if (egressOnly !== undefined)
    return [message("**{0}**: IPv6 out of {1}, and nothing in", id, known(egressOnly.vpc) ?? "?")];
  const group = groups.get(id);
  if (group !== undefined) {
    const allowed = groupAllows(group, destination, network.prefixLists);
    return [message("**{0}**: {1}", id, groupWords(allowed, destination.port))];
  }
  if (acls.has(id)) return [message("**{0}**: network ACL", id), ...hopLines(meaning, id), ...aclSubnets(network, id)];
  const role = roles.get(id);
  if (role === undefined) return [];
  const own = roleEgress({ is: "known", value: { key: id, ref: id }, at: role.at }, roles);
  return [message("**{0}**: role", id), ...roleLines(own, new Set())];
}

/** Returns where a table's routes lead. */
function routeLines({ routes }: RouteTable): readonly Message[] {
  if (routes.length === 0) return [message("no routes but the local one")];
  return routes.slice(0, most).map(({ destination, targets }) => {
    return message("`{0} → {1}`", known(destination) ?? "?", known(targets[0]?.key ?? absent) ?? "?");
  });
}

function subnetsBehind({ subnets }: Network, id: Key): readonly Message[] {
  const behind = [...subnets.values()].filter(({ tables }) => tables.some(({ target }) => known(target) === id));
  if (behind.length === 0) return [message("no subnet uses it")];
  return [message("Subnets: {0}", names(behind.map(({ key }) => key)))];
}

function aclSubnets({ subnets }: Network, id: Key): readonly Message[] {
  const behind = [...subnets.values()].filter(({ acls }) => acls.some(({ target }) => known(target) === id));
  return behind.length === 0 ? [] : [message("Subnets: {0}", names(behind.map(({ key }) => key)))];
}

/** What paths say at a thing on their way that fails there. */
function hopLines(meaning: Meaning, id: Key): readonly Message[] {
  const hops = functionsOf(meaning).flatMap(({ fn }) =>
    fn.subnets.flatMap(({ ipv4, ipv6 }) => [...ipv4.hops, ...ipv6.hops]),
  );
  const bad = hops.find((hop) => hop.id === id && hop.status === "failed");
  return bad === undefined ? [] : [bad.why];
}

/** Returns the functions that use a thing, in a line; none where there are none. */
export function users(meaning: Meaning, id: Key): readonly Message[] {
  const ids = usersOf(meaning, id);
  return ids.length === 0 ? [] : [message("Functions: {0}", names(ids))];
}

function names(all: readonly string[]): Message {
  const shown = all.slice(0, most).join(", ");
  return all.length > most ? message("{0} and {1} more", shown, all.length - most) : message("{0}", shown);
}

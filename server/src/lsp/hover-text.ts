/** What a hover says, as lines of Markdown: one message a line. */
import { type Analysis, dependences, verdictOf } from "../analysis";
import { whenText } from "../findings";
import type { Meaning } from "../lint";
import { type Message, message } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet, outcomeOf } from "../network/egress";
import { roleEgress } from "../network/iam";
import { absent, type Key, known, type Network, type RouteTable } from "../network/model";
import { groupAllows } from "../network/security-group";
import type { FunctionEgress, FunctionVerdict, Path, RoleEgress, SubnetEgress } from "../network/verdict";
import { sourceOf } from "../report/source";
import { chainsOf, reasonsOf, rulesOf, shortWhy, subnetWords, wayOf } from "../report/way";
import { groupWords } from "./candidates";
import { functionsOf, networkOf, subnetOutcomes, usersOf } from "./usual";

/** At most this many subnets, worlds or names are listed. */
const most = 6;

/** Returns what to say of a function; `told` are the rules whose findings stand at the place, which speak for themselves. */
export function functionLines(meaning: Meaning, analysis: Analysis, told: ReadonlySet<string>): readonly Message[] {
  const { destination } = meaning.subject;
  const found = verdictOf(analysis);
  const fn = found?.leaf.result.fn;
  if (found === undefined || fn === undefined) return [];
  const { network } = found.leaf.result;
  const rows = dependences(analysis).filter(({ leaf }) => leaf !== found.leaf);
  const unknown = fn.fn.vpcConfig.is === "unknown" ? [fn.fn.vpcConfig.why] : [];
  return [
    headline(fn, found.verdict, destination),
    ...unknown,
    ...fn.deployFaults.slice(0, 1).flatMap(() => sources(rulesOf({ deployFaults: fn.deployFaults }), told)),
    ...fn.subnets.slice(0, most).flatMap((subnet) => pathLines(network, subnet, destination, fn.fn.key, told)),
    ...moreThan(fn.subnets.length),
    ...(fn.role === undefined ? [] : roleLines(fn.role, told)),
    ...rows
      .slice(0, most)
      .map(({ when, verdict, leaf }) => world(whenText(when), verdict, leaf.result.fn, destination)),
    ...moreThan(rows.length),
  ];
}

function headline({ fn }: FunctionEgress, verdict: FunctionVerdict, destination: Destination): Message {
  const place = describeDestination(destination);
  switch (verdict) {
    case "internet":
      return message("**{0}** reaches {1}", fn.key, place);
    case "ipv6-only":
      return message("**{0}** reaches {1} over IPv6 only", fn.key, place);
    case "intermittent":
      return message("**{0}** reaches {1} from some of its subnets only, so calls fail now and then", fn.key, place);
    case "partial":
      return message("**{0}** reaches a part of {1} only", fn.key, place);
    case "no-internet":
      return message("**{0}** does not reach {1}", fn.key, place);
    case "deploy-fails":
      return message("**{0}** cannot be deployed", fn.key);
    case "unknown":
      return message("Whether **{0}** reaches {1} cannot be told from the template", fn.key, place);
    case "not-in-vpc":
      return message("**{0}** is not in a VPC: it runs in Lambda's own network, which has internet", fn.key);
  }
}

/** What another world changes: the verdict, and what decides it. */
function world(
  when: Message,
  verdict: FunctionVerdict,
  fn: FunctionEgress | undefined,
  destination: Destination,
): Message {
  const bad = fn?.subnets.find((subnet) => outcomeOf(wayOf(subnet, destination).verdict) === "fails");
  const why = bad === undefined ? undefined : shortWhy(bad, wayOf(bad, destination));
  if (verdict === "not-in-vpc") return message("when {0}: not in a VPC", when);
  if (verdict === "internet") return message("when {0}: reaches {1}", when, describeDestination(destination));
  if (verdict === "deploy-fails") return message("when {0}: cannot be deployed", when);
  if (why === undefined) return message("when {0}: {1}", when, verdict);
  const isAll = verdict === "no-internet";
  if (isAll && destination === internet) return message("when {0}: no internet, because {1}", when, why);
  return isAll
    ? message("when {0}: does not reach it, because {1}", when, why)
    : message("when {0}: not always, because {1}", when, why);
}

/** Returns a subnet's way out, a line for each address family in use; then why it ends, where it does. */
export function pathLines(
  network: Network,
  subnet: SubnetEgress,
  destination: Destination,
  fn?: string,
  told: ReadonlySet<string> = new Set(),
): readonly Message[] {
  const main = wayOf(subnet, destination);
  const also = main === subnet.ipv4 && outcomeOf(subnet.ipv6.verdict) === "reaches" ? [subnet.ipv6] : [];
  return [main, ...also].flatMap((path) => {
    const chains = chainsOf(network, subnet, path).map((chain) =>
      [...(fn === undefined ? [] : [fn]), ...chain].join(" → "),
    );
    const rules = fn === undefined ? [] : rulesOf({ deployFaults: [] }, path);
    // What keeps a function from a public subnet is no fault of the subnet's.
    const isTold = rules.some((rule) => told.has(rule)) || (fn === undefined && path.verdict === "public-subnet");
    const lines = chains.map((chain) => (fn === undefined ? message("`{0}`", chain) : signed(path, chain)));
    return [...lines, ...(isTold ? [] : [...reasonsOf(path).slice(0, most), ...sources(rules, told)])];
  });
}

function signed(path: Path, chain: string): Message {
  switch (outcomeOf(path.verdict)) {
    case "reaches":
      return path.family === "ipv4" ? message("`{0}` ✓", chain) : message("`{0}` ✓ IPv6", chain);
    case "fails":
      return message("`{0}` ✗", chain);
    case "partial":
      return message("`{0}` ✓ in part", chain);
    case "unknown":
      return message("`{0}` ?", chain);
  }
}

/** Where a fault is explained. */
function sources(rules: readonly string[], told: ReadonlySet<string>): readonly Message[] {
  return rules
    .filter((rule) => !told.has(rule))
    .slice(0, 2)
    .map((id) => {
      const { page, aws } = sourceOf(id);
      return aws === undefined ? message("[{0}]({1})", id, page) : message("[{0}]({1}) · [AWS]({2})", id, page, aws);
    });
}

function roleLines({ key, verdict, actions }: RoleEgress, told: ReadonlySet<string>): readonly Message[] {
  const name = key === undefined ? message("Its role") : message("The role {0}", key);
  const of = (word: string) => [...actions].flatMap(([action, { allowed }]) => (allowed === word ? [action] : []));
  switch (verdict) {
    case "granted":
      return [message("{0} may create network interfaces", name)];
    case "missing":
      return [
        message("{0} may not create network interfaces: it lacks {1}", name, of("no").join(", ")),
        ...sources(["missing-eni-permissions"], told),
      ];
    case "unknown":
      return [message("Whether {0} may create network interfaces cannot be told from the template", key ?? "its role")];
  }
}

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
    const [kind, home] = [known(nat.connectivity) ?? "public", known(nat.subnet)];
    const title =
      home === undefined
        ? message("**{0}**: {1} NAT gateway", id, kind)
        : message("**{0}**: {1} NAT gateway in {2}", id, kind, home);
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

function moreThan(count: number): readonly Message[] {
  return count > most ? [message("and {0} more", count - most)] : [];
}

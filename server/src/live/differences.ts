/** Follows a function's way out through a template's network, and tells where the account's is another one. */
import { type Message, message } from "../message";
import type * as model from "../network/model";
import { absent, type Fact, known, type Origin } from "../network/model";
import { canonical } from "../network/routes";
import type { FunctionEgress } from "../network/verdict";
import { compareAcl, compareGroup } from "./compare-filters";
import { differs, formOf, named, type Physical, physical, physicalOf, physicals, type Sides } from "./physical";

export interface Difference {
  /** The same for the same difference, whichever text of the template shows it. */
  readonly key: string;
  /** What in the template promises otherwise. */
  readonly subject: string;
  readonly at: Origin;
  readonly message: Message;
  /** The AWS id of what is there, or of what lacks it. */
  readonly id: string;
}

/** Returns the differences for a function, given what the template promises of it and the account gives it. */
export function differencesOf(
  sides: Sides,
  promised: FunctionEgress,
  key: string,
  there: FunctionEgress,
): readonly Difference[] {
  const found = new Map<string, Difference>();
  const add = (one: Difference): void => {
    if (!found.has(one.key)) found.set(one.key, one);
  };
  const fn = sides.live.functions.get(key);
  if (fn === undefined) return [];
  comparePlacement(sides, promised.fn, fn, add);
  compareRole(sides, promised, there, add);
  const config = known(promised.fn.vpcConfig);
  for (const reference of known(config?.groups ?? absent) ?? []) {
    const own = sides.promised.groups.get(known(reference.key) ?? "");
    const other = liveOf(sides, reference.key, sides.live.groups);
    if (own !== undefined && other !== undefined) compareGroup(sides, own, other, add);
  }
  const subnets = (known(config?.subnets ?? absent) ?? []).flatMap(({ key: subnet }) => known(subnet) ?? []);
  // The list grows by the subnets of the gateways on the way.
  for (let index = 0; index < subnets.length; index++) {
    for (const next of compareSubnet(sides, subnets[index] ?? "", add)) if (!subnets.includes(next)) subnets.push(next);
  }
  return [...found.values()];
}

type Add = (difference: Difference) => void;

/** The function's subnets and groups. */
function comparePlacement(sides: Sides, fn: model.LambdaFunction, there: model.LambdaFunction, add: Add): void {
  if (fn.canary || fn.capacityProvider !== undefined || fn.vpcConfig.is === "unknown") return;
  if (there.capacityProvider !== undefined || there.vpcConfig.is === "unknown") return;
  const [own, live] = [known(fn.vpcConfig), known(there.vpcConfig)];
  const idsOf = (of: Fact<readonly model.Reference[]> | undefined) =>
    (known(of ?? absent) ?? []).flatMap(({ key }) => known(key) ?? []);
  const row = (what: string, wanted: Fact<unknown>, words: Message): void => {
    const at = wanted.is === "known" ? wanted.at : fn.at;
    const id = there.at.kind === "aws" ? there.at.id : there.key;
    add({ key: `function ${what}`, subject: fn.key, at, message: words, id });
  };
  const subnets = placesIn(sides, own?.subnets ?? absent);
  const now = idsOf(live?.subnets);
  if (subnets !== undefined && isOther(subnets, now)) {
    const list = listOf(subnets);
    const wanted = own?.subnets ?? absent;
    if (subnets.length === 0) {
      row(
        "outside",
        fn.vpcConfig,
        message("the template puts {0} into no VPC, and it is in {1}", fn.key, now.join(", ")),
      );
      return;
    }
    if (now.length === 0) {
      row(
        `inside ${list}`,
        wanted,
        message("the template puts {0} into the subnets {1}, and it is in no VPC", fn.key, list),
      );
      return;
    }
    const words = message("the template puts {0} into the subnets {1}, and it is in {2}", fn.key, list, now.join(", "));
    row(`subnets ${list}`, wanted, words);
  }
  const groups = placesIn(sides, own?.groups ?? absent);
  const given = idsOf(live?.groups);
  if (groups !== undefined && groups.length > 0 && isOther(groups, given)) {
    const list = listOf(groups);
    const words = message(
      "the template gives {0} the security groups {1}, and it has {2}",
      fn.key,
      list,
      given.join(", "),
    );
    row(`groups ${list}`, own?.groups ?? absent, words);
  }
}

interface Placed {
  readonly thing: Physical;
  readonly label: string;
}

/** Returns what a list of the template stands for; undefined where the list itself is not known. */
function placesIn(sides: Sides, list: Fact<readonly model.Reference[]>): readonly Placed[] | undefined {
  if (list.is === "unknown") return undefined;
  return (known(list) ?? []).flatMap(({ key, ref, ...more }) => {
    const several = "whole" in more && more.whole === true;
    return physicals(sides, key, several).map((thing) => ({ thing, label: labelOf(ref, key, thing, several) }));
  });
}

/** Tells whether the ids in an account are certainly not the ones that the template means. */
function isOther(wanted: readonly Placed[], now: readonly string[]): boolean {
  const ids = wanted.flatMap(({ thing }) => (thing.is === "id" && formOf(thing.id) === "id" ? [thing.id] : []));
  if (ids.some((id) => !now.includes(id)) || wanted.some(({ thing }) => thing.is === "undeployed")) return true;
  return ids.length === wanted.length && now.some((id) => !ids.includes(id));
}

function listOf(places: readonly Placed[]): string {
  return places.map(({ label }) => label).join(", ");
}

function labelOf(ref: string, key: Fact<string>, thing: Physical, several: boolean): string {
  if (several && thing.is === "id") return thing.id;
  return named(known(key) ?? ref, thing);
}

/** Which role it is, and whether that still has what the template gives it. */
function compareRole(sides: Sides, { fn, role }: FunctionEgress, there: FunctionEgress, add: Add): void {
  const [own, live] = [known(fn.role), known(there.fn.role)];
  if (own === undefined || live === undefined) return;
  const nameOf = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
  const wanted = physical(sides, own.key);
  const at = fn.role.is === "known" ? fn.role.at : fn.at;
  // CloudFormation knows a role by its name, a function by its ARN.
  const isAnother = wanted.is === "undeployed" || (wanted.is === "id" && nameOf(wanted.id) !== nameOf(live.key));
  if (isAnother) {
    const words = message(
      "the template gives {0} the role {1}, and it has {2}",
      fn.key,
      named(own.key, wanted),
      nameOf(live.key),
    );
    add({ key: `function role ${idOf(wanted)}`, subject: fn.key, at, message: words, id: live.key });
  } else if (wanted.is === "id" && role?.verdict === "granted" && there.role?.verdict === "missing") {
    const missing = [...there.role.actions].flatMap(([action, { allowed }]) => (allowed === "no" ? [action] : []));
    const words = message(
      "the template lets role {0} make network interfaces, and it lacks {1}",
      named(own.key, wanted),
      missing.join(", "),
    );
    const declared = sides.promised.roles.get(own.key);
    add({ key: `role ${own.key}`, subject: own.key, at: declared?.at ?? at, message: words, id: live.key });
  }
}

/** A subnet's table, its ACL and what they hold. Returns the subnets of the gateways that its routes lead to. */
function compareSubnet(sides: Sides, key: string, add: Add): readonly string[] {
  const own = sides.promised.subnets.get(key);
  const id = physical(sides, key);
  const there = id.is === "id" ? sides.live.subnets.get(id.id) : undefined;
  if (own === undefined || there === undefined) return [];
  compareAssociation(sides, own, there, "table", add);
  compareAssociation(sides, own, there, "acl", add);
  const acl = target(own.acls[0]);
  const seen = liveOf(sides, acl, sides.live.acls);
  const ownAcl = sides.promised.acls.get(known(acl) ?? "");
  if (ownAcl !== undefined && seen !== undefined) compareAcl(sides, ownAcl, seen, add);
  const table = sides.promised.routeTables.get(known(target(own.tables[0])) ?? "");
  const other = liveOf(sides, target(own.tables[0]), sides.live.routeTables);
  if (table === undefined || other === undefined) return [];
  return table.routes.flatMap((route) => compareRoute(sides, table, route, other, add));
}

function compareAssociation(
  sides: Sides,
  own: model.Subnet,
  there: model.Subnet,
  what: "table" | "acl",
  add: Add,
): void {
  const [association, live] = what === "table" ? [own.tables[0], there.tables[0]] : [own.acls[0], there.acls[0]];
  const wanted = physicalOf(sides, target(association));
  const main = what === "table" ? sides.live.vpcs.get(known(there.vpc) ?? "")?.mainTable : undefined;
  const now = live === undefined ? known(main ?? absent) : known(live.target);
  if (association === undefined || now === undefined || !differs(wanted, now)) return;
  const words = [
    named(own.key, { is: "id", id: there.key }),
    named(known(association.target) ?? "", wanted),
    now,
  ] as const;
  add({
    key: `association ${what} ${own.key} ${idOf(wanted)}`,
    subject: subjectAt(association.at, own.key),
    at: association.at,
    message:
      what === "acl"
        ? message("the template gives subnet {0} the network ACL {1}, and it has {2}", ...words)
        : live === undefined
          ? message("the template gives subnet {0} the route table {1}, and it uses the main table {2}", ...words)
          : message("the template gives subnet {0} the route table {1}, and it uses {2}", ...words),
    id: now,
  });
}

function compareRoute(
  sides: Sides,
  table: model.RouteTable,
  route: model.Route,
  there: model.RouteTable,
  add: Add,
): readonly string[] {
  const destination = destinationOf(sides, route);
  const [only, second] = route.targets;
  if (destination === undefined || only === undefined || second !== undefined) return [];
  // The routes inside the VPC are no way out, and no side has them.
  if (known(only.key) === "literal:local") return [];
  const wanted = physicalOf(sides, only.key);
  const label = named(known(only.key) ?? "?", wanted);
  const row = (what: string, words: Message): void =>
    add({
      key: `route ${route.key} ${what} ${idOf(wanted)}`,
      subject: route.key,
      at: route.at,
      message: words,
      id: there.key,
    });
  const live = there.routes.find((one) => destinationOf(undefined, one) === destination);
  const now = live?.targets[0];
  if (live === undefined) {
    const words = message(
      "the template has the route {0} to {1}, and {2} has none",
      route.key,
      known(route.destination) ?? "?",
      there.key,
    );
    row("gone", words);
  } else if (now !== undefined && now.key.is === "known" && isElsewhere(sides, wanted, now.key.value)) {
    row("target", message("the template leads route {0} to {1}, and it leads to {2}", route.key, label, now.key.value));
  } else if (live.state === "blackhole") {
    row("blackhole", message("the template leads route {0} to {1}, and the route is a black hole", route.key, label));
  }
  return compareGateway(sides, table, known(only.key) ?? "", wanted, add);
}

/** A route to an instance leads to its network interface in an account. */
function isElsewhere({ live }: Sides, wanted: Physical, now: string): boolean {
  if (!differs(wanted, now)) return false;
  if (wanted.is !== "id" || !wanted.id.startsWith("i-") || !now.startsWith("eni-")) return true;
  const instance = live.instances.get(wanted.id);
  return instance !== undefined && !instance.interfaces.some((card) => known(card) === now);
}

/** The gateway that a route of the template leads to: whether it is at work. Returns the subnet that it stands in. */
function compareGateway(sides: Sides, table: model.RouteTable, key: string, id: Physical, add: Add): readonly string[] {
  const { promised, live, failed } = sides;
  const nat = promised.natGateways.get(key);
  if (nat !== undefined) {
    const subnet = known(nat.subnet);
    // Where a table is in sight, so are the gateways of its VPC.
    const isSeen = !failed.has("ec2:DescribeNatGateways");
    const there = id.is === "id" ? live.natGateways.get(id.id) : undefined;
    const state = there === undefined ? "deleted" : (there.state ?? "available");
    if (id.is === "id" && isSeen && state !== "available") {
      const words = message("the template has the NAT gateway {0}, and it is {1}", named(key, id), state);
      add({ key: `nat ${key} ${state}`, subject: key, at: nat.at, message: words, id: id.id });
    }
    return subnet === undefined ? [] : [subnet];
  }
  if (!promised.internetGateways.has(key) || id.is !== "id") return [];
  const vpc = known(table.vpc) ?? "";
  const place = physical(sides, vpc);
  const there = place.is === "id" ? live.vpcs.get(place.id) : undefined;
  const attachment = promised.vpcs.get(vpc)?.attachments.find(({ gateway }) => known(gateway) === key);
  if (there === undefined || attachment === undefined) return [];
  if (there.attachments.some(({ gateway }) => gateway.is !== "known" || gateway.value === id.id)) return [];
  const words = message("the template attaches {0} to {1}, and it is not attached", named(key, id), named(vpc, place));
  add({
    key: `attachment ${key} ${vpc}`,
    subject: subjectAt(attachment.at, key),
    at: attachment.at,
    message: words,
    id: id.id,
  });
  return [];
}

/** Returns a route's destination in one spelling; undefined where it is not known. `sides`: where the route is the template's. */
function destinationOf(sides: Sides | undefined, { destination, family }: model.Route): string | undefined {
  if (destination.is !== "known") return undefined;
  if (family !== "prefix-list") return canonical(destination.value);
  if (sides === undefined) return destination.value;
  const list = physical(sides, destination.value);
  return list.is === "id" ? list.id : undefined;
}

function target(association: model.Association | undefined): Fact<string> {
  return association?.target ?? absent;
}

function liveOf<T>(sides: Sides, key: Fact<string>, among: ReadonlyMap<string, T>): T | undefined {
  const id = physicalOf(sides, key);
  return id.is === "id" ? among.get(id.id) : undefined;
}

function idOf(thing: Physical): string {
  return thing.is === "unknown" ? "?" : thing.id;
}

/** A statement of its own stands at its logical id. */
function subjectAt(at: Origin, otherwise: string): string {
  return at.kind === "text" && at.node.kind === "scalar" ? at.node.text : otherwise;
}

import { offerMove } from "../edit/move";
import { replaceValue } from "../edit/replace";
import { setProperty } from "../edit/resource";
import { offerRemoval } from "../edit/subnets";
import { type Message, message } from "../message";
import { placeOfAcl } from "../network/acl-legs";
import { natGatewaysFor, tablesWithNat } from "../network/alternatives";
import { differ } from "../network/approach";
import { attachmentsOf, gatewayKind } from "../network/gateway";
import { groupOf } from "../network/group-check";
import { type Fact, type Key, known, type Network, type Origin, type RouteTable, type Target } from "../network/model";
import { vpcOfNat } from "../network/nat";
import { namesIn } from "../network/slice";
import type { FunctionEgress } from "../network/verdict";
import { intrinsic, type Node, spanOf } from "../template/syntax";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const vpcMismatch: Rule = {
  id: "vpc-mismatch",
  severity: "error",
  group: "deploy",
  everywhere: true,
  summary: "Parts that must lie in one VPC lie in different ones",
  docs: `## What happens

The stack fails to deploy, or traffic goes nowhere.

A VPC is a network of its own. A function's subnets and security groups must all belong to one; a subnet can
only use a route table and a network ACL of its own VPC; and a route can only lead to gateways and machines
of the route table's VPC
([subnets and groups](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html),
[route tables](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html)). A frequent cause is
a template that was copied, with one reference still naming the old VPC. A security group without a
\`VpcId\` is another: it is created in the account's default VPC.

## How to fix it

Look at the marked reference and the VPC that each side names, and make them agree. Networks that really
are two need a peering connection or a transit gateway, and each its own NAT gateway.

There is no quick fix for what stands in the other VPC with more around it, such as a machine or a NAT gateway where
this VPC has none: it needs one of its own.

## When to silence it

Never, unless the values that the template gets from outside are known to name the same VPC.
`,
  bad: "vpc-mismatch/group-without-vpc.yaml",
  good: "vpc-mismatch/one-vpc.yaml",

  *check(world) {
    const functions = world.functions.map(({ fn }) => fn.key);
    for (const fn of world.functions) {
      for (const { at, words, fixes } of ownMismatches(world, fn)) {
        yield { at, message: words, fixes: fixes ?? (() => []), functions };
      }
    }
    for (const { at, words, notes, fixes } of [...associations(world), ...routes(world)]) {
      yield { at, message: words, notes: notes ?? [], fixes: fixes ?? (() => []), functions };
    }
  },
};

interface Mismatch {
  readonly at: Origin;
  readonly words: Message;
  readonly notes?: readonly DraftNote[];
  readonly fixes?: () => readonly Fix[];
}

/** Subnets and groups of one function, compared with its first subnet whose VPC is known. */
function ownMismatches(world: World, egress: FunctionEgress): Mismatch[] {
  const { network } = world;
  const { fn, subnets } = egress;
  const config = known(fn.vpcConfig);
  const first = subnets.find(({ subnet }) => subnet !== undefined && known(subnet.vpc) !== undefined);
  const vpc = known(first?.subnet?.vpc ?? { is: "absent" });
  if (config === undefined || first === undefined || vpc === undefined) return [];
  const other = subnets.flatMap((one): Mismatch[] => {
    const { reference, subnet } = one;
    const own = known(subnet?.vpc ?? { is: "absent" });
    if (!differ(network, vpc, own)) return [];
    const words = message(
      "{0} cannot be deployed: its subnet {1} belongs to {2}, but {3} to {4}",
      fn.key,
      reference.ref,
      named(own),
      first.reference.ref,
      named(vpc),
    );
    return [{ at: reference.at, words, fixes: () => offerRemoval(world.document, world.template, egress, [one]) }];
  });
  const groups = (known(config.groups) ?? []).flatMap(({ key, at, ref }): Mismatch[] => {
    const group = key.is === "known" ? groupOf(network, key.value, at, "place") : undefined;
    if (group === undefined) return [];
    if (differ(network, vpc, known(group.vpc))) {
      const words = message(
        "{0} cannot be deployed: its security group {1} belongs to {2}, but its subnet {3} to {4}",
        fn.key,
        ref,
        named(known(group.vpc)),
        first.reference.ref,
        named(vpc),
      );
      return [{ at, words, fixes: () => otherGroups(world, fn.key, vpc, at) }];
    }
    if (group.vpc.is !== "absent" || group.external || network.vpcs.get(vpc)?.external !== false) return [];
    const words = message(
      "{0} cannot be deployed: its security group {1} names no VPC and so belongs to the account's default VPC, but its subnet {2} to {3}",
      fn.key,
      ref,
      first.reference.ref,
      named(vpc),
    );
    const fixes = (): Fix[] => {
      const resource = world.resources.get(group.key);
      if (resource === undefined) return [];
      const edits = setProperty(world.document, resource, ["VpcId"], { Ref: vpc });
      return [{ title: message("Create {0} in {1}", group.key, vpc), safe: false, edits }];
    };
    return [{ at, words, fixes }];
  });
  return [...other, ...groups];
}

/**
 * The groups of the right VPC, at most three, or the group itself moved there, where nobody else has it; none where
 * the list is not the function's own.
 */
function otherGroups({ document, template, whole }: World, fn: Key, vpc: Key, at: Origin): Fix[] {
  const resource = template.resources.get(fn);
  if (resource === undefined || at.kind !== "text") return [];
  const [own, place] = [spanOf(resource.node), spanOf(at.node)];
  if (place.start < own.start || place.end > own.end) return [];
  const groups = [...whole().groups.values()].filter(
    (one) => !one.external && !one.isDefault && known(one.vpc) === vpc,
  );
  const named = whole().groups.get(referenceIn(at.node) ?? "");
  const users = [...template.resources.values()].filter(({ properties }) => {
    const names = new Set<string>();
    namesIn(properties, names);
    return named !== undefined && names.has(named.key);
  });
  const moved = named === undefined || users.length > 1 ? undefined : template.resources.get(named.key);
  if (groups.length === 0 && moved !== undefined) {
    const edits = setProperty(document, moved, ["VpcId"], { Ref: vpc });
    return [{ title: message("Create {0} in {1}", moved.id, vpc), safe: false, edits }];
  }
  if (groups.length === 0 && template.resources.has(vpc)) {
    const own = [vpc, "DefaultSecurityGroup"];
    const edits = replaceValue(document, at.node, { "Fn::GetAtt": own });
    return [{ title: message("Use {0}, which is in {1}", own.join("."), vpc), safe: false, edits }];
  }
  return groups.slice(0, 3).map(({ key }) => ({
    title: message("Use {0}, which is in {1}", key, vpc),
    safe: false,
    edits: replaceValue(document, at.node, { Ref: key }),
  }));
}

function referenceIn(node: Node): string | undefined {
  const call = intrinsic(node);
  return call?.name === "Ref" && call.argument.kind === "scalar" ? call.argument.text : undefined;
}

/** A subnet with a route table or a network ACL of another VPC. */
function associations(world: World): Mismatch[] {
  const { network } = world;
  return [...network.subnets.values()].flatMap(({ key: subnet, vpc, tables, acls }) => {
    const own = known(vpc);
    const compare = (target: Fact<Key>, theirs: Fact<Key> | undefined, at: Origin): Mismatch[] => {
      const other = known(theirs ?? { is: "absent" });
      if (target.is !== "known" || !differ(network, own, other)) return [];
      const words = message(
        "{0} belongs to {1}, but {2} to {3}: AWS refuses to associate them",
        target.value,
        named(other),
        subnet,
        named(own),
      );
      const place = target.at;
      if (place.kind !== "text") return [{ at, words }];
      const choices = () => (network.routeTables.has(target.value) ? tablesWithNat(world.whole(), own ?? "") : []);
      const fixes = () => [
        ...choices().map(({ key }) => ({
          title: message("Associate {0} with {1}", subnet, key),
          safe: false,
          edits: replaceValue(world.document, place.node, { Ref: key }),
        })),
        ...offerMove(world.document, world.template, target.value, own),
      ];
      return [{ at: place, words, fixes }];
    };
    return [
      ...tables.flatMap(({ at, target }) => compare(target, network.routeTables.get(known(target) ?? "")?.vpc, at)),
      ...acls.flatMap(({ at, target }) => compare(target, placeOfAcl(network, known(target) ?? "")?.vpc, at)),
    ];
  });
}

/** A route that leads to something of another VPC. An internet gateway is of the VPC that it is attached to. */
function routes(world: World): Mismatch[] {
  const { network } = world;
  return [...network.routeTables.values()].flatMap((table) => {
    const own = known(table.vpc);
    return table.routes.flatMap(({ key: route, targets }) =>
      targets.flatMap((target): Mismatch[] => {
        const other = vpcOfTarget(network, target, own);
        const { key, at } = target;
        if (key.is !== "known" || own === undefined || !differ(network, own, other)) return [];
        const words = message(
          "{0} belongs to {1}, but {2} to {3}: {4} leads nowhere, and calls through it time out",
          key.value,
          named(other),
          table.key,
          named(own),
          route,
        );
        const notes = attachmentsOf(network, key.value).map(({ attachment }) => ({
          at: attachment.at,
          message: message("it is attached to {0}", named(other)),
        }));
        const fixes = (): Fix[] => {
          const others = otherTargets(world.document, world.whole(), table, own, target);
          return others.length > 0 ? others : offerMove(world.document, world.template, key.value, own);
        };
        return [{ at, words, notes, fixes }];
      }),
    );
  });
}

function vpcOfTarget(network: Network, { key: fact }: Target, own: Key | undefined): Key | undefined {
  const key = known(fact) ?? "";
  const homes = attachmentsOf(network, key).map(({ vpc }) => vpc);
  if (homes.length > 0) return homes.find((vpc) => vpc === undefined || vpc === own) ?? homes[0];
  const nat = network.natGateways.get(key);
  if (nat !== undefined) return vpcOfNat(network, nat);
  const gateway = network.egressOnlyGateways.get(key);
  if (gateway !== undefined) return known(gateway.vpc);
  const machine = network.instances.get(key) ?? network.interfaces.get(key);
  const home = known(machine?.subnet ?? { is: "absent" });
  return known(network.subnets.get(home ?? "")?.vpc ?? { is: "absent" });
}

function otherTargets(document: World["document"], whole: Network, table: RouteTable, vpc: Key, target: Target): Fix[] {
  const { kind, at } = target;
  if (at.kind !== "text") return [];
  const nats = kind === "nat-gateway" ? natGatewaysFor(whole, vpc, table).map(({ key }) => key) : [];
  const attached = gatewayKind(whole, target) === "internet" ? (whole.vpcs.get(vpc)?.attachments ?? []) : [];
  const gateways = attached.flatMap(({ gateway }) => known(gateway) ?? []);
  return [...nats, ...gateways.filter((key) => whole.internetGateways.has(key))].map((key) => ({
    title: message("Route through {0}, which is in {1}", key, vpc),
    safe: false,
    edits: replaceValue(document, at.node, { Ref: key }),
  }));
}

/** A VPC as it is written: `Vpc`, `param:VpcId`. */
function named(vpc: Key | undefined): string {
  return vpc?.replace(/^literal:/, "") ?? "?";
}

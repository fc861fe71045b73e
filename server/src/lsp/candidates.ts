/** What fits into a property, the best first, with what this server knows of each. */
import type { Meaning } from "../lint";
import { type Message, message } from "../message";
import { natGatewaysFor, publicTables } from "../network/alternatives";
import { type Destination, outcomeOf } from "../network/egress";
import { absent, type Fact, type Key, known, type Network, type RouteTable } from "../network/model";
import { tableOf } from "../network/routes";
import { groupAllows } from "../network/security-group";
import { subnetWords, wayOf } from "../report/way";
import { get } from "../template/syntax";
import { namesBeside, type Owner, refBeside, type Slot, tableBeside, textsBeside, vpcOf } from "./slot";
import { networkOf, subnetPath, usersOf } from "./usual";

export interface Candidate {
  /** A logical id, or the name of a policy. */
  readonly name: string;
  readonly words: Message;
  /** Set for a policy: what follows `:iam::aws:policy/` in its ARN. */
  readonly policy?: string;
}

/** Returns what fits into a slot of a resource, the best first; `cursor` tells which of the items is being written. */
export function candidatesFor(meaning: Meaning, resource: Owner, slot: Slot, cursor: number): readonly Candidate[] {
  const network = networkOf(meaning);
  const { destination } = meaning.subject;
  switch (slot.of) {
    case "subnet":
      return subnets(meaning, vpcOf(network, resource), namesBeside(resource, cursor));
    case "nat-subnet":
      return homes(network);
    case "associated-subnet":
      return associable(network, known(tableBeside(network, resource)?.vpc ?? absent));
    case "group":
      return groups(network, vpcOf(network, resource), namesBeside(resource, cursor), destination);
    case "table":
      return tables(network, known(network.subnets.get(refBeside(resource, "SubnetId") ?? "")?.vpc ?? absent));
    case "nat":
      return natGateways(network, tableBeside(network, resource));
    case "gateway":
      return gateways(network, known(tableBeside(network, resource)?.vpc ?? absent));
    case "egress-only":
      return [...network.egressOnlyGateways.values()].map(({ key, vpc }) => {
        return { name: key, words: message("IPv6 out of {0}", known(vpc) ?? "?") };
      });
    case "arn":
      return isLambdaRole(meaning, resource) ? policies(resource, false, cursor) : [];
    case "policy":
      return policies(resource, true, cursor);
  }
}

function subnets(meaning: Meaning, vpc: Key | undefined, but: ReadonlySet<string>): readonly Candidate[] {
  const { destination } = meaning.subject;
  const ranked = [...networkOf(meaning).subnets.values()].flatMap((subnet) => {
    const path = isFit(subnet, vpc) && !but.has(subnet.key) ? subnetPath(meaning, subnet.key) : undefined;
    if (path === undefined) return [];
    const rank = { reaches: 0, partial: 1, unknown: 2, fails: 3 }[outcomeOf(wayOf(path, destination).verdict)];
    return [{ rank, name: subnet.key, words: subnetWords(path, destination) }];
  });
  return inOrder(ranked);
}

/** Where a NAT gateway may stand. */
function homes(network: Network): readonly Candidate[] {
  const ranked = [...network.subnets.values()].flatMap((subnet) => {
    if (subnet.external) return [];
    const choice = tableOf(network, subnet);
    const tables = publicTables(network, known(subnet.vpc) ?? "");
    if (choice.kind === "unknown") return [{ rank: 1, name: subnet.key, words: message("unknown: {0}", choice.why) }];
    const isPublic = choice.table !== undefined && tables.includes(choice.table);
    return [{ rank: isPublic ? 0 : 2, name: subnet.key, words: isPublic ? message("public") : message("not public") }];
  });
  return inOrder(ranked);
}

function associable(network: Network, vpc: Key | undefined): readonly Candidate[] {
  const ranked = [...network.subnets.values()].flatMap((subnet) => {
    if (!isFit(subnet, vpc)) return [];
    const [table] = subnet.tables.flatMap(({ target }) => known(target) ?? []);
    const words = table === undefined ? message("no route table yet") : message("uses {0}", table);
    return [{ rank: table === undefined ? 0 : 1, name: subnet.key, words }];
  });
  return inOrder(ranked);
}

function groups(
  network: Network,
  vpc: Key | undefined,
  but: ReadonlySet<string>,
  destination: Destination,
): readonly Candidate[] {
  const ranked = [...network.groups.values()].flatMap((group) => {
    if (!isFit(group, vpc) || but.has(group.key)) return [];
    const allowed = groupAllows(group, destination, network.prefixLists);
    return [
      {
        rank: { all: 0, some: 1, unknown: 2, none: 3 }[allowed],
        name: group.key,
        words: groupWords(allowed, destination.port),
      },
    ];
  });
  return inOrder(ranked);
}

/** Returns what a security group lets out, to stand behind its name. */
export function groupWords(allowed: ReturnType<typeof groupAllows>, port: number): Message {
  switch (allowed) {
    case "all":
      return message("lets port {0} out", port);
    case "none":
      return message("does not let port {0} out", port);
    case "some":
      return message("lets port {0} out to a part of the addresses", port);
    case "unknown":
      return message("what it lets out is not known");
  }
}

function tables(network: Network, vpc: Key | undefined): readonly Candidate[] {
  return [...network.routeTables.values()].flatMap((table) => {
    return isFit(table, vpc) ? [{ name: table.key, words: tableWords(table) }] : [];
  });
}

function tableWords({ routes }: RouteTable): Message {
  const route = routes.find(({ destination }) => known(destination) === "0.0.0.0/0") ?? routes[0];
  if (route === undefined) return message("no routes yet");
  return message("{0} → {1}", known(route.destination) ?? "?", known(route.targets[0]?.key ?? absent) ?? "?");
}

function natGateways(network: Network, table: RouteTable | undefined): readonly Candidate[] {
  const vpc = known(table?.vpc ?? absent);
  const fit = table === undefined || vpc === undefined ? undefined : natGatewaysFor(network, vpc, table);
  const ranked = [...network.natGateways.values()].map((nat) => {
    const isPrivate = known(nat.connectivity) === "private";
    const home = known(nat.subnet);
    const isFit = fit === undefined ? !isPrivate : fit.includes(nat);
    const words = isPrivate
      ? message("private: never reaches the internet")
      : !isFit
        ? message("leads in a circle, or out of another VPC")
        : home === undefined
          ? message("public")
          : message("public, in {0}", home);
    return { rank: isFit ? 0 : 1, name: nat.key, words };
  });
  return inOrder(ranked);
}

function gateways(network: Network, vpc: Key | undefined): readonly Candidate[] {
  const ranked = [...network.internetGateways.keys()].map((name) => {
    const homes = [...network.vpcs.values()].filter(({ attachments }) =>
      attachments.some(({ gateway }) => known(gateway) === name),
    );
    const [home] = homes;
    if (home === undefined) return { rank: 2, name, words: message("attached to no VPC") };
    return {
      rank: vpc === undefined || homes.some(({ key }) => key === vpc) ? 0 : 1,
      name,
      words: message("attached to {0}", home.key),
    };
  });
  return inOrder(ranked);
}

/** The policies of AWS that are about a function's logs and network interfaces. */
function policies(resource: Owner, isServerless: boolean, cursor: number): readonly Candidate[] {
  const own = resource.properties;
  const isAttached = isServerless && get(own, "VpcConfig") !== undefined && get(resource.written, "Role") === undefined;
  const vpcWords = isAttached
    ? message("SAM attaches it already, for VpcConfig")
    : message("logs, and network interfaces in a VPC");
  const all: readonly Candidate[] = [
    {
      name: "AWSLambdaVPCAccessExecutionRole",
      words: vpcWords,
      policy: "service-role/AWSLambdaVPCAccessExecutionRole",
    },
    {
      name: "AWSLambdaENIManagementAccess",
      words: message("network interfaces in a VPC, no logs"),
      policy: "service-role/AWSLambdaENIManagementAccess",
    },
    {
      name: "AWSLambdaBasicExecutionRole",
      words: message("logs only: not enough in a VPC"),
      policy: "service-role/AWSLambdaBasicExecutionRole",
    },
  ];
  const others = textsBeside(resource, isServerless ? "Policies" : "ManagedPolicyArns", cursor);
  return all.filter(({ name }) => !others.some((text) => text.includes(name)));
}

function isLambdaRole(meaning: Meaning, owner: Owner): boolean {
  const texts = textsBeside(owner, "AssumeRolePolicyDocument", -1);
  return texts.includes("lambda.amazonaws.com") || usersOf(meaning, owner.id).length > 0;
}

/** Things outside the template have no logical id, and those of another VPC do not fit. */
function isFit(
  { external, vpc }: { readonly external: boolean; readonly vpc: Fact<Key> },
  wanted: Key | undefined,
): boolean {
  return !external && (wanted === undefined || vpc.is === "unknown" || known(vpc) === wanted);
}

function inOrder(ranked: readonly (Candidate & { readonly rank: number })[]): readonly Candidate[] {
  return [...ranked].sort((left, right) => left.rank - right.rank);
}

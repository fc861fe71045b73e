/** What fits into a property, the best first, with what this server knows of each. */
import type { Meaning } from "../lint";
import { type Message, message } from "../message";
import { natGatewaysFor } from "../network/alternatives";
import { type Destination, outcomeOf } from "../network/egress";
import { absent, type Fact, type Key, known, type Network, type RouteTable } from "../network/model";
import { groupAllows } from "../network/security-group";
import { subnetWords, wayOf } from "../report/way";
import { get, intrinsic, type Node, spanOf } from "../template/syntax";
import type { Resource } from "../template/template";
import { networkOf, subnetPath, usersOf } from "./usual";

export interface Candidate {
  /** A logical id, or the name of a policy. */
  readonly name: string;
  readonly words: Message;
  /** Set for a policy: what follows `:iam::aws:policy/` in its ARN. */
  readonly policy?: string;
}

/** Whose property it is: a resource, or the Globals of all functions. */
export type Owner = Pick<Resource, "id" | "type" | "node" | "properties" | "written">;

/** What a property holds; `list` where it holds several. */
export interface Slot {
  readonly of:
    | "subnet"
    | "group"
    | "nat-subnet"
    | "associated-subnet"
    | "table"
    | "nat"
    | "gateway"
    | "egress-only"
    | "arn"
    | "policy";
  readonly list: boolean;
}

const vpcConfig: Readonly<Record<string, Slot>> = {
  SubnetIds: { of: "subnet", list: true },
  SecurityGroupIds: { of: "group", list: true },
};

const ofTypes: Readonly<Record<string, Readonly<Record<string, Slot>>>> = {
  "AWS::EC2::Route": {
    NatGatewayId: { of: "nat", list: false },
    GatewayId: { of: "gateway", list: false },
    EgressOnlyInternetGatewayId: { of: "egress-only", list: false },
    RouteTableId: { of: "table", list: false },
  },
  "AWS::EC2::SubnetRouteTableAssociation": {
    RouteTableId: { of: "table", list: false },
    SubnetId: { of: "associated-subnet", list: false },
  },
  "AWS::EC2::NatGateway": { SubnetId: { of: "nat-subnet", list: false } },
  "AWS::IAM::Role": { ManagedPolicyArns: { of: "arn", list: true } },
};

/** Returns what a property of a resource holds, by the names that lead to it; undefined for all that is no business of this server's. */
export function slotOf(resource: Owner, names: readonly string[]): Slot | undefined {
  const [first, second, ...more] = names;
  if (first === undefined || more.length > 0) return undefined;
  if (second !== undefined) return isFunction(resource) && /^VpcConfig$/i.test(first) ? vpcConfig[second] : undefined;
  if (isServerless(resource) && first === "Policies") return { of: "policy", list: true };
  return ofTypes[resource.type]?.[first];
}

function isFunction({ type }: Owner): boolean {
  return type === "AWS::Lambda::Function" || type === "AWS::Synthetics::Canary";
}

/** SAM's functions are turned into Lambda's before anything looks at them. */
function isServerless(resource: Owner): boolean {
  return resource.type === "AWS::Lambda::Function" && "written" in resource;
}

/** Returns what fits into a slot of a resource, the best first; `cursor` tells which of the items is being written. */
export function candidatesFor(meaning: Meaning, resource: Owner, slot: Slot, cursor: number): readonly Candidate[] {
  const network = networkOf(meaning);
  const { destination } = meaning.subject;
  switch (slot.of) {
    case "subnet":
      return subnets(meaning, vpcOf(network, resource), namesBeside(resource, cursor));
    case "nat-subnet":
      return subnets(meaning, undefined, new Set(), "public");
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
      return isLambdaRole(meaning, resource) ? policies(meaning, resource, false) : [];
    case "policy":
      return policies(meaning, resource, true);
  }
}

function subnets(
  meaning: Meaning,
  vpc: Key | undefined,
  but: ReadonlySet<string>,
  wanted: "private" | "public" = "private",
): readonly Candidate[] {
  const { destination } = meaning.subject;
  const ranked = [...networkOf(meaning).subnets.values()].flatMap((subnet) => {
    const path = isFit(subnet, vpc) && !but.has(subnet.key) ? subnetPath(meaning, subnet.key) : undefined;
    if (path === undefined) return [];
    const { verdict } = wayOf(path, destination);
    const outcome = { reaches: 0, partial: 1, unknown: 2, fails: 3 }[outcomeOf(verdict)];
    const rank = wanted === "public" && verdict === "public-subnet" ? -1 : outcome;
    return [{ rank, name: subnet.key, words: subnetWords(path, destination) }];
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
function policies(meaning: Meaning, resource: Owner, isServerless: boolean): readonly Candidate[] {
  const { document } = meaning;
  const { start, end } = spanOf(resource.node);
  const text = document.text.slice(start, end);
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
  return all.filter(({ name }) => !text.includes(name));
}

function isLambdaRole(meaning: Meaning, { id, node }: Owner): boolean {
  const { start, end } = spanOf(node);
  return meaning.document.text.slice(start, end).includes("lambda.amazonaws.com") || usersOf(meaning, id).length > 0;
}

/** Things outside the template have no logical id, and those of another VPC do not fit. */
function isFit(
  { external, vpc }: { readonly external: boolean; readonly vpc: Fact<Key> },
  wanted: Key | undefined,
): boolean {
  return !external && (wanted === undefined || vpc.is === "unknown" || known(vpc) === wanted);
}

/** The VPC of a function's other subnets, or of its groups; undefined where that cannot be told. */
function vpcOf(network: Network, { properties }: Owner): Key | undefined {
  const config = get(properties, "VpcConfig") ?? get(properties, "VPCConfig");
  const names = new Set<string>();
  namesIn(get(config, "SubnetIds"), names);
  namesIn(get(config, "SecurityGroupIds"), names);
  for (const name of names) {
    const vpc = known((network.subnets.get(name) ?? network.groups.get(name))?.vpc ?? absent);
    if (vpc !== undefined) return vpc;
  }
  return undefined;
}

/** The names that a function's list holds already, but for the one at the cursor. */
function namesBeside({ properties }: Owner, cursor: number): ReadonlySet<string> {
  const config = get(properties, "VpcConfig") ?? get(properties, "VPCConfig");
  const found = new Set<string>();
  namesIn(get(config, "SubnetIds"), found, cursor);
  namesIn(get(config, "SecurityGroupIds"), found, cursor);
  return found;
}

function namesIn(node: Node | undefined, into: Set<string>, but = -1): void {
  const argument = node === undefined ? undefined : intrinsic(node)?.argument;
  const span = node === undefined ? undefined : spanOf(node);
  if (node === undefined || span === undefined) return;
  const isAtCursor = but >= span.start && but <= span.end;
  if (argument?.kind === "scalar") {
    if (!isAtCursor) into.add(argument.text.split(".", 1)[0] ?? "");
  } else if (node.kind === "list") for (const item of node.items) namesIn(item, into, but);
  else if (node.kind === "map") for (const { value } of node.entries) namesIn(value, into, but);
}

function tableBeside(network: Network, resource: Owner): RouteTable | undefined {
  return network.routeTables.get(refBeside(resource, "RouteTableId") ?? "");
}

function refBeside({ properties }: Owner, property: string): string | undefined {
  const call = intrinsic(get(properties, property));
  return call?.argument.kind === "scalar" ? call.argument.text.split(".", 1)[0] : undefined;
}

function inOrder(ranked: readonly (Candidate & { readonly rank: number })[]): readonly Candidate[] {
  return [...ranked].sort((left, right) => left.rank - right.rank);
}

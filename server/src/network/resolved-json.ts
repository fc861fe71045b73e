/**
 * What an account told, as JSON: for a file, and for the way from one program to another.
 *
 * Whatever comes in may be of another version, cut off or changed by hand, so each fact is looked at before it is
 * believed: what has another shape than the network counts as nothing.
 */
import type { Network, TargetKind } from "./model";
import { kinds, type Resolved } from "./resolved";

const version = 1;

/** Returns it as a value for JSON. */
export function toResolvedData({ values, network, ...rest }: Resolved): object {
  const { edges, blockPublicAccess, unseen = new Map() } = network;
  const things = Object.fromEntries(kinds.map((kind) => [kind, [...network[kind].values()]]));
  return {
    version,
    ...rest,
    values: [...values],
    network: { ...things, edges, blockPublicAccess, unseen: [...unseen] },
  };
}

/** Returns what an account told; undefined where the value is no such thing. */
export function fromResolvedData(data: unknown): Resolved | undefined {
  if (!whole(data)) return undefined;
  const { values, network, region, account, partition, time, asked } = data as Stored;
  const { edges, blockPublicAccess, unseen, ...things } = network;
  const maps = Object.fromEntries(kinds.map((kind) => [kind, new Map(things[kind].map((one) => [one.key, one]))]));
  return {
    region,
    account,
    partition,
    time,
    asked,
    values: new Map(values),
    network: {
      ...(maps as unknown as Pick<Network, (typeof kinds)[number]>),
      source: "account",
      functions: new Map(),
      missing: new Map(),
      gaps: [],
      edges,
      blockPublicAccess,
      unseen: new Map(unseen),
    },
  };
}

type Things = Readonly<Record<(typeof kinds)[number], readonly { readonly key: string }[]>>;

interface Stored extends Omit<Resolved, "values" | "network"> {
  readonly values: readonly (readonly [string, string])[];
  readonly network: Things &
    Pick<Network, "edges" | "blockPublicAccess"> & {
      readonly unseen: readonly (readonly [string, Resolved["network"]["gaps"][number]])[];
    };
}

/** Tells whether a value has a shape. */
type Shape = (value: unknown) => boolean;

const text: Shape = (value) => typeof value === "string";
const flag: Shape = (value) => typeof value === "boolean";
const number: Shape = (value) => typeof value === "number";
const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);
const list =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape);
const pair =
  (left: Shape, right: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.length === 2 && left(value[0]) && right(value[1]);
const record =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(shapes).every(([name, shape]) => shape((value as Readonly<Record<string, unknown>>)[name]));
const among =
  (...words: readonly (string | number)[]): Shape =>
  (value) =>
    words.some((word) => word === value);
const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value));

const sentence: Shape = record({
  template: text,
  args: list((value) => text(value) || number(value) || sentence(value)),
});
const at = record({ kind: among("aws"), id: text });
const fact = (shape: Shape): Shape =>
  either(
    record({ is: among("absent") }),
    record({ is: among("unknown"), why: sentence, at: optional(at) }),
    record({ is: among("known"), value: shape, at }),
  );
const entity = (shapes: Readonly<Record<string, Shape>> = {}): Shape =>
  record({ key: text, at, external: flag, ...shapes });

const ports = record({ from: number, to: number });
const association = record({ at, target: fact(text) });
const groups = fact(list(fact(text)));
const machine = { subnet: fact(text), sourceDestCheck: fact(flag), publicAddress: fact(flag), groups };

const peer = either(
  record({ kind: among("ipv4", "ipv6"), cidr: fact(text) }),
  record({ kind: among("prefix-list"), list: fact(text) }),
  record({ kind: among("group"), group: fact(text) }),
  record({ kind: among("unknown"), why: sentence }),
  record({ kind: among("absent") }),
);
const groupRule = record({ at, protocol: fact(text), ports: fact(ports), peer });

const statement = record({
  at,
  effect: fact(among("Allow", "Deny")),
  actions: fact(list(text)),
  actionsInverted: flag,
  resources: fact(list(text)),
  resourcesInverted: flag,
  conditioned: flag,
});
const policy = either(
  record({ kind: among("managed"), at, arn: fact(text), suffix: optional(text) }),
  record({ kind: among("document"), at, statements: fact(list(statement)), by: optional(text) }),
);

const targetKinds: readonly TargetKind[] = [
  "internet-gateway",
  "vpn-gateway",
  "gateway",
  "nat-gateway",
  "instance",
  "network-interface",
  "egress-only-gateway",
  "transit-gateway",
  "peering",
  "endpoint",
  "local-gateway",
  "carrier-gateway",
  "core-network",
  "other",
];
const route = record({
  key: text,
  at,
  destination: fact(text),
  family: among("ipv4", "ipv6", "prefix-list"),
  targets: list(record({ kind: among(...targetKinds), key: fact(text), at })),
  state: optional(among("active", "blackhole", "filtered")),
});
const entry = record({
  key: text,
  at,
  ruleNumber: fact(number),
  egress: fact(flag),
  protocol: fact(text),
  action: fact(text),
  cidr: fact(text),
  family: among("ipv4", "ipv6"),
  ports: fact(ports),
});
const encryption = record({
  at,
  mode: fact(text),
  lambdaExcluded: fact(flag),
  natExcluded: fact(flag),
  internetGatewayExcluded: fact(flag),
  egressOnlyGatewayExcluded: fact(flag),
});

const things: Readonly<Record<(typeof kinds)[number], Shape>> = {
  vpcs: entity({
    cidrs: list(fact(text)),
    ipv6: fact(flag),
    tenancy: fact(text),
    dnsSupport: fact(flag),
    dnsHostnames: fact(flag),
    attachments: list(record({ at, gateway: fact(text) })),
    mainTable: fact(text),
    encryption: optional(encryption),
  }),
  subnets: entity({
    vpc: fact(text),
    cidr: fact(text),
    zone: fact(text),
    ipv6: fact(flag),
    ipv6Native: fact(flag),
    publicIpOnLaunch: fact(flag),
    tables: list(association),
    acls: list(association),
  }),
  routeTables: entity({ vpc: fact(text), routes: list(route), propagations: list(at), exported: flag }),
  internetGateways: entity(),
  egressOnlyGateways: entity({ vpc: fact(text) }),
  natGateways: entity({
    connectivity: fact(text),
    availability: fact(text),
    subnet: fact(text),
    vpc: fact(text),
    allocation: fact(record({ isAddress: flag })),
    zones: list(fact(text)),
    table: optional(fact(text)),
    state: optional(text),
  }),
  instances: entity({ ...machine, interfaces: list(fact(text)) }),
  interfaces: entity({ ...machine, attached: flag }),
  acls: entity({ vpc: fact(text), isDefault: flag, entries: list(entry) }),
  groups: entity({
    vpc: fact(text),
    inlineEgress: fact(list(groupRule)),
    standaloneEgress: list(groupRule),
    ingress: list(groupRule),
    isDefault: flag,
    exported: flag,
  }),
  prefixLists: entity({ cidrs: fact(list(fact(text))) }),
  endpoints: entity({
    type: fact(text),
    service: fact(text),
    vpc: fact(text),
    tables: list(fact(text)),
    subnets: list(fact(text)),
    groups,
    privateDns: fact(flag),
  }),
  firewalls: entity({ subnets: list(fact(text)) }),
  roles: entity({ policies: list(policy), boundary: fact(policy), gaps: list(sentence), generated: flag }),
};

const publicAccess = record({
  at,
  mode: fact(text),
  exclusions: list(record({ at, mode: fact(text), target: fact(text) })),
});

const whole = record({
  version: among(version),
  region: text,
  account: optional(text),
  partition: text,
  time: text,
  asked: record({ parameters: list(text), exports: list(text), outputs: list(text), ids: list(text) }),
  values: list(pair(text, text)),
  network: record({
    ...Object.fromEntries(kinds.map((kind) => [kind, list(things[kind])])),
    edges: list(record({ at, gateway: fact(text), table: fact(text) })),
    blockPublicAccess: optional(publicAccess),
    unseen: list(pair(text, sentence)),
  }),
});

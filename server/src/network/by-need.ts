/**
 * The network of a slice in which conditions decide: each thing is put together when something looks it up, of the
 * resources that may say something about it. So only what is looked up is asked about, and what is the same in two
 * worlds is put together once.
 */
import { once, onceAsked } from "../template/once";
import type { Stage } from "../template/stage";
import { type Entry, intrinsic, type Node } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Oracle } from "../template/worlds";
import { assemble, type Surroundings } from "./from-template";
import { type Glimpse, type Key, known, type Network, type Origin, type SecurityGroup } from "./model";
import { type Kind, MapByNeed, NetworkByNeed } from "./on-stage";
import type { Part } from "./parts";
import { inText } from "./read";
import { entryConcerns, groupOn, slotOf } from "./read-filters";
import type { Readings } from "./readings";
import { isEverywhere, ownersOf } from "./slice";

/** What a resource of a type declares. */
const declares: Readonly<Record<string, Kind>> = {
  "AWS::EC2::VPC": "vpcs",
  "AWS::EC2::Subnet": "subnets",
  "AWS::EC2::RouteTable": "routeTables",
  "AWS::EC2::NetworkAcl": "acls",
  "AWS::EC2::SecurityGroup": "groups",
  "AWS::EC2::Instance": "instances",
  "AWS::EC2::NetworkInterface": "interfaces",
  "AWS::EC2::InternetGateway": "internetGateways",
  "AWS::EC2::EgressOnlyInternetGateway": "egressOnlyGateways",
  "AWS::EC2::NatGateway": "natGateways",
  "AWS::EC2::PrefixList": "prefixLists",
  "AWS::EC2::VPCEndpoint": "endpoints",
  "AWS::NetworkFirewall::Firewall": "firewalls",
  "AWS::NetworkFirewall::VpcEndpointAssociation": "firewalls",
  "AWS::Lambda::Function": "functions",
  "AWS::Synthetics::Canary": "functions",
  "AWS::IAM::Role": "roles",
};

/** What a resource of a type says something about; the thing itself may lie outside the template. */
const speaksOf: Readonly<Record<string, Kind>> = {
  "AWS::EC2::VPCCidrBlock": "vpcs",
  "AWS::EC2::VPCGatewayAttachment": "vpcs",
  "AWS::EC2::VPCEncryptionControl": "vpcs",
  "AWS::EC2::SubnetCidrBlock": "subnets",
  "AWS::EC2::SubnetRouteTableAssociation": "subnets",
  "AWS::EC2::SubnetNetworkAclAssociation": "subnets",
  "AWS::EC2::Route": "routeTables",
  "AWS::EC2::VPNGatewayRoutePropagation": "routeTables",
  "AWS::EC2::RouteServerPropagation": "routeTables",
  "AWS::EC2::NetworkAclEntry": "acls",
  "AWS::EC2::SecurityGroupEgress": "groups",
  "AWS::EC2::SecurityGroupIngress": "groups",
  "AWS::EC2::SecurityGroupVpcAssociation": "groups",
};

/** Things that are told by several resources together. */
const together: Partial<Record<Kind, RegExp>> = {
  instances: /^AWS::EC2::(?:Instance|NetworkInterface|NetworkInterfaceAttachment|EIP|EIPAssociation)$/,
  interfaces: /^AWS::EC2::(?:Instance|NetworkInterface|NetworkInterfaceAttachment|EIP|EIPAssociation)$/,
  roles: /^AWS::IAM::/,
  functions: /^AWS::Lambda::CapacityProvider$/,
};

/** Tells whether the names in a template's text say what its resources refer to, so that things can be looked up one by one. */
export function isPlain({ links, transforms }: Template): boolean {
  return links === undefined && !transforms.some((name) => name.includes("LanguageExtensions"));
}

/** Returns the network of the given resources in whatever world is on stage. */
export function networkByNeed(
  template: Template,
  ids: ReadonlySet<string>,
  { resolver, exists, parts, isConstant }: Readings,
  surroundings: Surroundings,
  stage: Stage,
): NetworkByNeed {
  const resources = [...ids].flatMap((id) => template.resources.get(id) ?? []);

  function originOf(id: string): Origin | undefined {
    const at = template.resources.get(id)?.at;
    return at && inText(at);
  }

  function put(of: readonly Resource[]): Network {
    const all: readonly Part[] = of.flatMap(({ id }) => parts(id));
    return assemble(all, missing, surroundings, undefined);
  }

  /** What conditions say nothing of is put together once, as one network. */
  const constant = onceAsked((): Network => {
    const all = resources.flatMap(({ id }) => (isConstant(id) ? parts(id) : []));
    return assemble(all, new Map(), surroundings, undefined);
  });

  /** Returns a network in which all is right that only these resources speak of. */
  function toldBy(of: readonly Resource[]): Network {
    return of.every(({ id }) => isConstant(id)) ? constant() : put(of);
  }

  const conditional = resources.filter(({ condition }) => condition !== undefined).map(({ id }) => id);
  const missing = byKey(
    new Set(conditional),
    (id) => (exists(id) ? undefined : originOf(id)),
    () => new Map<Key, Origin>(),
    stage,
  );
  const declaring = byKind(resources, declares);
  const speaking = byKind(resources, speaksOf);
  const vague = vagueIn(template);

  const mapOf = <K extends Kind>(kind: K): Network[K] => {
    type Thing = Network[K] extends ReadonlyMap<Key, infer T> ? T : never;
    const own = new Set(declaring.get(kind)?.map(({ id }) => id));
    const things = new Map<Key, () => Thing | undefined>();
    const thing = (key: Key): Thing | undefined => {
      const before = things.get(key);
      if (before !== undefined) return before();
      const among = together[kind];
      const beside = among === undefined ? [] : resources.filter(({ type }) => among.test(type));
      const self = declaring.get(kind)?.filter(({ id }) => id === key) ?? [];
      const all = inOrder(new Set([...self, ...told(kind, key), ...beside]));
      const work = stage.remember(() => lookUp(kind, key, all) as Thing | undefined);
      things.set(key, work);
      return work();
    };
    const others = stage.remember((): ReadonlyMap<Key, Thing> => {
      const outside = (speaking.get(kind) ?? []).filter(
        (one) => vague.has(one) || isEverywhere(one) || [...ownersOf(one)].some((name) => !own.has(name)),
      );
      const found = toldBy(outside)[kind] as unknown as ReadonlyMap<Key, Thing>;
      return new Map([...found].filter(([key]) => !own.has(key)));
    });
    return byKey(own, thing, others, stage) as unknown as Network[K];
  };

  function lookUp(kind: Kind, key: Key, told: readonly Resource[]): unknown {
    if (!exists(key)) return undefined;
    if (kind !== "functions") return toldBy(told)[kind].get(key);
    const fn = put(told).functions.get(key);
    // Its role may be given by name.
    const isByName = known(fn?.role ?? { is: "absent" })?.ref.includes(":iam::${AWS::AccountId}:role/") === true;
    const roles = resources.filter(({ type }) => type.startsWith("AWS::IAM::"));
    return isByName ? put(inOrder(new Set([...told, ...roles]))).functions.get(key) : fn;
  }

  function inOrder(some: ReadonlySet<Resource>): readonly Resource[] {
    return resources.filter((one) => some.has(one));
  }

  const gaps = stage.remember(() => toldBy(resources.filter((one) => vague.has(one))).gaps);
  const edges = stage.remember(
    () => toldBy(resources.filter(({ type }) => type.endsWith("::GatewayRouteTableAssociation"))).edges,
  );
  const blockPublicAccess = stage.remember(
    () => toldBy(resources.filter(({ type }) => type.includes("::VPCBlockPublicAccess"))).blockPublicAccess,
  );

  /** The resources that may say something about a thing. */
  function told(kind: Kind, key: Key): readonly Resource[] {
    return (speaking.get(kind) ?? []).filter((one) => isEverywhere(one) || ownersOf(one).has(key) || vague.has(one));
  }

  const isOf = (key: Key, type: string): boolean => template.resources.get(key)?.type === type && ids.has(key);
  const glimpses = new Map<string, () => unknown>();
  const onceFor = <T>(name: string, work: () => T): T => {
    const before = glimpses.get(name) ?? stage.remember(work);
    glimpses.set(name, before);
    return before() as T;
  };

  const exported = (group: SecurityGroup | undefined): SecurityGroup | undefined =>
    group && { ...group, exported: surroundings.exported.has(group.key) };

  const glimpse: Glimpse = {
    group: (key, traffic) => {
      const group = template.resources.get(key);
      if (group === undefined || !isOf(key, "AWS::EC2::SecurityGroup")) return undefined;
      const { direction = "", ports } = traffic ?? {};
      const family = traffic !== undefined && "family" in traffic ? traffic.family : "";
      return onceFor(`${key} ${direction} ${family} ${ports?.from} ${ports?.to}`, () =>
        exists(key) ? exported(groupOn(group, told("groups", key), resolver, traffic)) : undefined,
      );
    },
    acl: (key, traffic) => {
      const acl = template.resources.get(key);
      if (acl === undefined || !isOf(key, "AWS::EC2::NetworkAcl")) return undefined;
      const { direction = "", family, ports } = traffic ?? {};
      return onceFor(`${key} ${direction} ${family} ${ports?.from} ${ports?.to}`, () => {
        if (!exists(key)) return undefined;
        const entries = traffic === undefined ? [] : told("acls", key);
        const asked = entries.filter((entry) => traffic && entryConcerns(entry, resolver, traffic));
        // Of two entries with one number nobody knows which there is.
        const slots = new Set(asked.map((entry) => slotOf(entry, resolver)));
        return put([acl, ...entries.filter((entry) => slots.has(slotOf(entry, resolver)))]).acls.get(key);
      });
    },
  };

  return new NetworkByNeed(mapOf, { missing, glimpse, edges, blockPublicAccess, gaps });
}

/** Returns the statements whose text does not say what they are about. */
const vagueIn = once(({ resources }: Template): ReadonlySet<Resource> => {
  const names = /^(?:VpcId|SubnetId|RouteTableIds?|NetworkAclId|GroupId)$/;
  const saysWhat = ({ key, value }: Entry): boolean =>
    key.text !== "Fn::Transform" && (!names.test(key.text) || namesOne(value));
  const namesOne = (node: Node): boolean => {
    if (node.kind === "scalar") return !node.text.includes("{{");
    const call = intrinsic(node);
    if (call?.name === "Ref") return call.argument.kind === "scalar" && resources.has(call.argument.text);
    if (call?.name !== "Fn::If" || call.argument.kind !== "list" || call.argument.items.length !== 3) return false;
    return call.argument.items.slice(1).every(namesOne);
  };
  const isVague = ({ type, properties }: Resource): boolean =>
    speaksOf[type] !== undefined && properties?.kind === "map" && !properties.entries.every(saysWhat);
  return new Set([...resources.values()].filter(isVague));
});

/** Returns the network as it is in one world, whatever world is on stage. */
export function networkIn(network: NetworkByNeed, stage: Stage, world: Oracle): Network {
  const inWorld = <T>(work: () => T): T => stage.play(world, work);
  const copy = <T>(map: ReadonlyMap<Key, T>): ReadonlyMap<Key, T> =>
    new MapByNeed({ find: (key) => inWorld(() => map.get(key)), all: () => inWorld(() => new Map(map)) });
  const { glimpse } = network;
  return new NetworkByNeed((kind) => copy<unknown>(network[kind]) as (typeof network)[typeof kind], {
    missing: copy(network.missing),
    glimpse: {
      group: (...args) => inWorld(() => glimpse.group(...args)),
      acl: (...args) => inWorld(() => glimpse.acl(...args)),
    },
    edges: () => inWorld(() => network.edges),
    blockPublicAccess: () => inWorld(() => network.blockPublicAccess),
    gaps: () => inWorld(() => network.gaps),
  });
}

/** Returns the resources by the kind that a table gives their type. */
function byKind(resources: readonly Resource[], table: Readonly<Record<string, Kind>>): ReadonlyMap<Kind, Resource[]> {
  const found = new Map<Kind, Resource[]>();
  for (const resource of resources) {
    const kind = table[resource.type];
    const list = kind && found.get(kind);
    if (list !== undefined) list.push(resource);
    else if (kind !== undefined) found.set(kind, [resource]);
  }
  return found;
}

/** Returns a map whose things are looked up by `find`, and what `others` holds for keys that are not its own. */
function byKey<T>(
  own: ReadonlySet<Key>,
  find: (key: Key) => T | undefined,
  others: () => ReadonlyMap<Key, T>,
  stage: Stage,
): ReadonlyMap<Key, T> {
  const all = stage.remember((): ReadonlyMap<Key, T> => {
    const found = [...own].flatMap((key): [Key, T][] => {
      const thing = find(key);
      return thing === undefined ? [] : [[key, thing]];
    });
    return new Map([...found, ...others()]);
  });
  return new MapByNeed({ find: (key) => (own.has(key) ? find(key) : others().get(key)), all });
}

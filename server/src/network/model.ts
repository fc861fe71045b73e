/**
 * The network as plain data, the same whether a template or an AWS account filled it.
 *
 * Every fact is known, unknown with a reason, or absent; every fact remembers where it comes from.
 * Keys name things across the model: a logical id in a template (`Nat`), an external reference as
 * written (`param:Subnets`, `import:net-PrivateA`, `literal:subnet-0abc`), or an AWS id.
 * A key that has no entry in its map is a thing outside the source's sight: external.
 */
import type { Message } from "../message";
import type { Node } from "../template/syntax";

export type Key = string;

/** Where a fact comes from: a node of a template, or an id in an AWS account. */
export type Origin = { readonly kind: "text"; readonly node: Node } | { readonly kind: "aws"; readonly id: string };

export type Fact<T> =
  | { readonly is: "known"; readonly value: T; readonly at: Origin }
  | { readonly is: "unknown"; readonly why: Message; readonly at?: Origin }
  | { readonly is: "absent" };

export const absent: Fact<never> = { is: "absent" };

/** Returns the value of a known fact, undefined for any other. */
export function known<T>(fact: Fact<T>): T | undefined {
  return fact.is === "known" ? fact.value : undefined;
}

/** Returns a known fact's value, or `byDefault` where AWS applies a default; undefined where it is unknown. */
export function knownOr<T>(fact: Fact<T>, byDefault: T): T | undefined {
  return fact.is === "absent" ? byDefault : known(fact);
}

/** What every thing of the network carries. */
export interface Entity {
  readonly key: Key;
  /** The resource's logical id in the template, or the resource in the account. */
  readonly at: Origin;
  /** True where the thing itself is not in the source, only statements about it (an association, a rule). */
  readonly external: boolean;
}

export interface Vpc extends Entity {
  readonly cidrs: readonly Fact<string>[];
  /** Whether the VPC has any IPv6 range. */
  readonly ipv6: Fact<boolean>;
  readonly tenancy: Fact<string>;
  readonly dnsSupport: Fact<boolean>;
  readonly dnsHostnames: Fact<boolean>;
  /** Internet gateways attached to this VPC. */
  readonly attachments: readonly Attachment[];
  /** Present when something may replace or fill the main route table unseen (a custom resource, an account). */
  readonly mainTable: Fact<Key>;
  readonly encryption?: EncryptionControl;
}

export interface Attachment {
  readonly at: Origin;
  readonly gateway: Fact<Key>;
}

export interface EncryptionControl {
  readonly at: Origin;
  readonly mode: Fact<string>;
  readonly lambdaExcluded: Fact<boolean>;
  readonly natExcluded: Fact<boolean>;
  readonly internetGatewayExcluded: Fact<boolean>;
  readonly egressOnlyGatewayExcluded: Fact<boolean>;
}

export interface Subnet extends Entity {
  readonly vpc: Fact<Key>;
  readonly cidr: Fact<string>;
  readonly zone: Fact<string>;
  /** Whether the subnet has an IPv6 range. */
  readonly ipv6: Fact<boolean>;
  readonly ipv6Native: Fact<boolean>;
  readonly publicIpOnLaunch: Fact<boolean>;
  /** Explicit associations; none means the VPC's main table. */
  readonly tables: readonly Association[];
  /** Explicit ACL associations; none means the VPC's default ACL. */
  readonly acls: readonly Association[];
}

export interface Association {
  /** The association resource, or the property that associates. */
  readonly at: Origin;
  readonly target: Fact<Key>;
}

export interface RouteTable extends Entity {
  readonly vpc: Fact<Key>;
  readonly routes: readonly Route[];
  /** What may add routes unseen: gateway or route-server propagation. */
  readonly propagations: readonly Origin[];
  /** True when the id leaves the stack, so that another stack may add routes. */
  readonly exported: boolean;
}

export interface Route {
  readonly key: Key;
  readonly at: Origin;
  /** A CIDR block, or the key of a prefix list where `family` is `prefix-list`; absent where none is given. */
  readonly destination: Fact<string>;
  readonly family: "ipv4" | "ipv6" | "prefix-list";
  /** One in a valid route; none or several is a deployment error. */
  readonly targets: readonly Target[];
  /** Known in an account only. */
  readonly state?: "active" | "blackhole" | "filtered";
}

export type TargetKind =
  | "internet-gateway"
  | "vpn-gateway"
  | "gateway"
  | "nat-gateway"
  | "instance"
  | "network-interface"
  | "egress-only-gateway"
  | "transit-gateway"
  | "peering"
  | "endpoint"
  | "local-gateway"
  | "carrier-gateway"
  | "core-network"
  | "other";

export interface Target {
  /** `gateway` is a GatewayId whose kind cannot be told. */
  readonly kind: TargetKind;
  readonly key: Fact<Key>;
  readonly at: Origin;
}

export interface InternetGateway extends Entity {
  readonly kind: "internet-gateway";
}

export interface EgressOnlyGateway extends Entity {
  readonly vpc: Fact<Key>;
}

export interface NatGateway extends Entity {
  /** `public` where absent. */
  readonly connectivity: Fact<string>;
  /** `zonal` where absent. */
  readonly availability: Fact<string>;
  readonly subnet: Fact<Key>;
  readonly vpc: Fact<Key>;
  /** The allocation as given; `isAddress` when it is the IP address (`!Ref Eip`) and not the allocation id. */
  readonly allocation: Fact<{ readonly isAddress: boolean }>;
  /** A regional gateway's manual zones; empty in automatic mode. */
  readonly zones: readonly Fact<string>[];
  /** The table that AWS makes for a regional gateway. Known in an account only. */
  readonly table?: Fact<Key>;
  /** Known in an account only. */
  readonly state?: string;
}

export interface Instance extends Entity {
  readonly subnet: Fact<Key>;
  readonly sourceDestCheck: Fact<boolean>;
  readonly publicAddress: Fact<boolean>;
  readonly groups: Fact<readonly Fact<Key>[]>;
  /** Keys of the separately declared network interfaces that the instance uses. */
  readonly interfaces: readonly Fact<Key>[];
}

export interface NetworkInterface extends Entity {
  readonly subnet: Fact<Key>;
  readonly sourceDestCheck: Fact<boolean>;
  readonly publicAddress: Fact<boolean>;
  readonly groups: Fact<readonly Fact<Key>[]>;
  /** Whether an instance of the source uses it. */
  readonly attached: boolean;
}

export interface NetworkAcl extends Entity {
  readonly vpc: Fact<Key>;
  /** The VPC's default ACL starts from allow-all, a custom one from deny-all. */
  readonly isDefault: boolean;
  readonly entries: readonly AclEntry[];
}

export interface AclEntry {
  readonly key: Key;
  readonly at: Origin;
  readonly ruleNumber: Fact<number>;
  readonly egress: Fact<boolean>;
  /** Protocol as AWS writes it, `-1` for all. */
  readonly protocol: Fact<string>;
  readonly action: Fact<string>;
  readonly cidr: Fact<string>;
  readonly family: "ipv4" | "ipv6";
  readonly ports: Fact<PortRange>;
}

/** Ports, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface SecurityGroup extends Entity {
  readonly vpc: Fact<Key>;
  /** `absent` where the property is missing or empty: the allow-all rule stays. */
  readonly inlineEgress: Fact<readonly GroupRule[]>;
  readonly standaloneEgress: readonly GroupRule[];
  readonly ingress: readonly GroupRule[];
  /** True for a VPC's default group, which allows all egress. */
  readonly isDefault: boolean;
  readonly exported: boolean;
}

export interface GroupRule {
  readonly at: Origin;
  /** Protocol as written, `-1` for all. */
  readonly protocol: Fact<string>;
  readonly ports: Fact<PortRange>;
  readonly peer: GroupPeer;
}

export type GroupPeer =
  | { readonly kind: "ipv4" | "ipv6"; readonly cidr: Fact<string> }
  | { readonly kind: "prefix-list"; readonly list: Fact<Key> }
  | { readonly kind: "group"; readonly group: Fact<Key> }
  | { readonly kind: "unknown"; readonly why: Message }
  | { readonly kind: "absent" };

export interface PrefixList extends Entity {
  readonly cidrs: Fact<readonly Fact<string>[]>;
}

export interface Endpoint extends Entity {
  /** `Gateway` where absent. */
  readonly type: Fact<string>;
  /** The last labels of the service name: `s3`, `dynamodb`, `logs` … */
  readonly service: Fact<string>;
  readonly vpc: Fact<Key>;
  readonly tables: readonly Fact<Key>[];
  readonly subnets: readonly Fact<Key>[];
  readonly groups: Fact<readonly Fact<Key>[]>;
  readonly privateDns: Fact<boolean>;
}

/** A Network Firewall, or one of its endpoint associations: traffic leaves through its subnets' tables. */
export interface Firewall extends Entity {
  readonly subnets: readonly Fact<Key>[];
}

/** A table used for traffic that enters the VPC through a gateway. */
export interface EdgeAssociation {
  readonly at: Origin;
  readonly gateway: Fact<Key>;
  readonly table: Fact<Key>;
}

export interface LambdaFunction extends Entity {
  /** The VpcConfig as a whole; absent means Lambda's own network. */
  readonly vpcConfig: Fact<VpcConfig>;
  readonly role: Fact<RoleReference>;
  /** Set where the function runs on a capacity provider, whose network it uses. */
  readonly capacityProvider?: Fact<Key>;
  /** Where findings about the function as a whole stand. */
  readonly canary: boolean;
}

export interface VpcConfig {
  readonly at: Origin;
  /** Known: the items in order. One item may stand for a list of unknown length (`whole`). */
  readonly subnets: Fact<readonly SubnetReference[]>;
  readonly groups: Fact<readonly Reference[]>;
  readonly ipv6Allowed: Fact<boolean>;
}

export interface Reference {
  readonly at: Origin;
  readonly key: Fact<Key>;
  /** The reference as design documents print it: `PrivateA`, `param:Subnets`, `literal:subnet-0abc`. */
  readonly ref: string;
}

export interface SubnetReference extends Reference {
  /** True where the reference stands for a list of unknown length. */
  readonly whole: boolean;
}

/** A role in sight, or one outside it. */
export interface RoleReference {
  readonly key: Key;
  readonly ref: string;
  /** True for a role's name in place of its ARN, with which Lambda creates no function. */
  readonly byName?: true;
}

export interface Role extends Entity {
  readonly policies: readonly AttachedPolicy[];
  readonly boundary: Fact<AttachedPolicy>;
  /** Why more policies may be attached than are seen. */
  readonly gaps: readonly Message[];
  /** True for the role that SAM generates. */
  readonly generated: boolean;
}

export type AttachedPolicy =
  /** A policy of AWS or of somebody else, by ARN; `suffix` follows `:iam::aws:policy/`, or is absent. */
  | { readonly kind: "managed"; readonly at: Origin; readonly arn: Fact<string>; readonly suffix: string | undefined }
  /** A policy whose statements are in sight. */
  | {
      readonly kind: "document";
      readonly at: Origin;
      readonly statements: Fact<readonly Statement[]>;
      /** The resource that attaches it, where that is not the role itself. */
      readonly by?: Key;
    };

export interface Statement {
  readonly at: Origin;
  readonly effect: Fact<"Allow" | "Deny">;
  /** Patterns as written; `inverted` for NotAction. */
  readonly actions: Fact<readonly string[]>;
  readonly actionsInverted: boolean;
  readonly resources: Fact<readonly string[]>;
  readonly resourcesInverted: boolean;
  readonly conditioned: boolean;
}

/** A setting of the whole account and region, declared in the source. */
export interface BlockPublicAccess {
  readonly at: Origin;
  readonly mode: Fact<string>;
  readonly exclusions: readonly { readonly at: Origin; readonly mode: Fact<string>; readonly target: Fact<Key> }[];
}

export interface Network {
  readonly source: "template" | "account";
  readonly vpcs: ReadonlyMap<Key, Vpc>;
  readonly subnets: ReadonlyMap<Key, Subnet>;
  readonly routeTables: ReadonlyMap<Key, RouteTable>;
  readonly internetGateways: ReadonlyMap<Key, InternetGateway>;
  readonly egressOnlyGateways: ReadonlyMap<Key, EgressOnlyGateway>;
  readonly natGateways: ReadonlyMap<Key, NatGateway>;
  readonly instances: ReadonlyMap<Key, Instance>;
  readonly interfaces: ReadonlyMap<Key, NetworkInterface>;
  readonly acls: ReadonlyMap<Key, NetworkAcl>;
  readonly groups: ReadonlyMap<Key, SecurityGroup>;
  readonly prefixLists: ReadonlyMap<Key, PrefixList>;
  readonly endpoints: ReadonlyMap<Key, Endpoint>;
  readonly firewalls: ReadonlyMap<Key, Firewall>;
  readonly edges: readonly EdgeAssociation[];
  readonly functions: ReadonlyMap<Key, LambdaFunction>;
  readonly roles: ReadonlyMap<Key, Role>;
  readonly blockPublicAccess: BlockPublicAccess | undefined;
  /** Things of the source that do not exist in this world (their condition is false). */
  readonly missing: ReadonlyMap<Key, Origin>;
  /** Why absence cannot be told from absence of sight: an include, a macro, an unreadable resource. */
  readonly gaps: readonly Message[];
  /** Why a thing of an account, by its id, could not be looked at. */
  readonly unseen?: ReadonlyMap<Key, Message>;
  /** Looks at parts of things, where looking at the whole would ask about conditions that do not matter. */
  readonly glimpse?: Glimpse;
}

/**
 * Each returns a thing without the rules that certainly do not bear on the traffic, without any where none is given;
 * undefined where all of it must be looked at.
 */
export interface Glimpse {
  /** Where a family is given, a rule that lets all of it through is enough, whatever else there is. */
  group(key: Key, traffic?: Traffic | FamilyTraffic): SecurityGroup | undefined;
  acl(key: Key, traffic?: FamilyTraffic): NetworkAcl | undefined;
}

/** TCP to some ports. */
export interface Traffic {
  readonly direction: "ingress" | "egress";
  readonly ports: PortRange;
}

export interface FamilyTraffic extends Traffic {
  readonly family: "ipv4" | "ipv6";
}

/** The words and shapes in which egress answers: hops, verdicts, and the faults that rules speak about. */
import type { Message } from "../message";
import type { AclAnswer, AclQuestion } from "./acl";
import type { AddressSet } from "./address-space";
import type {
  AclEntry,
  Attachment,
  Endpoint,
  Instance,
  Key,
  LambdaFunction,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  Origin,
  Route,
  RouteTable,
  SecurityGroup,
  Subnet,
  SubnetReference,
  Target,
  Vpc,
} from "./model";

export type Family = "ipv4" | "ipv6";

export type FunctionVerdict =
  | "not-in-vpc"
  | "internet"
  | "intermittent"
  | "partial"
  | "ipv6-only"
  | "no-internet"
  | "deploy-fails"
  | "unknown";

export type Ipv4Verdict =
  | "nat"
  | "nat-instance"
  | "inspection"
  /** Addresses of the VPC itself; only where such were asked about. */
  | "local"
  | "public-subnet"
  | "isolated"
  | "broken"
  | "no-transit"
  | "blocked-security-group"
  | "blocked-nacl"
  | "blocked-account"
  | "partial"
  | "unknown";

export type Ipv6Verdict =
  | "egress-only"
  | "igw"
  | "local"
  | "isolated"
  | "off"
  | "broken"
  | "blocked-security-group"
  | "blocked-nacl"
  | "blocked-account"
  | "partial"
  | "unknown";

export type HopKind =
  | "function"
  | "security-group"
  | "network-acl"
  | "route-table"
  | "route"
  | "nat-gateway"
  | "nat-instance"
  | "egress-only-gateway"
  | "internet-gateway"
  | "endpoint"
  | "firewall"
  | "peering"
  | "transit-gateway"
  | "other";

export type Status = "passed" | "failed" | "unknown";

/** What is asked of one address family: can these addresses be reached on this TCP port? */
export interface Question {
  readonly addresses: AddressSet;
  readonly port: number;
}

/** One step on the way out, with what decides it. */
export interface Hop {
  readonly kind: HopKind;
  readonly id: string;
  readonly family: Family;
  readonly status: Status;
  readonly why: Message;
  readonly at?: Origin;
}

/** The answer for one subnet and one address family. `V` is the family's set of words. */
export interface Path<V extends string = Ipv4Verdict | Ipv6Verdict> {
  readonly family: Family;
  readonly verdict: V;
  /** Every verdict that some failed check on the path stands for, most decisive first; empty when all passed. */
  readonly blockers: readonly V[];
  readonly hops: readonly Hop[];
  readonly faults: readonly Fault[];
  /** Why the path is unknown, where it is. */
  readonly unknowns: readonly Message[];
}

/** What is wrong on a path, as data: a rule turns it into a finding. */
export type Fault =
  /** The subnet's IPv4 default route leads to an internet gateway, which Lambda's private addresses cannot use. */
  | { readonly code: "public-subnet"; readonly subnet: Subnet; readonly table: RouteTable; readonly route: Route }
  /** The subnet's explicit table routes nothing public. */
  | { readonly code: "no-route"; readonly subnet: Subnet; readonly table: RouteTable }
  /** The subnet has no association, and the main table of a VPC made in the template routes nothing. */
  | { readonly code: "main-table"; readonly subnet: Subnet; readonly vpc: Vpc }
  | {
      readonly code: "nat-not-public";
      readonly nat: NatGateway;
      readonly subnet: Subnet;
      readonly reason: "no-association" | "loop" | "no-route" | "no-transit";
      readonly table?: RouteTable;
      readonly route?: Route;
    }
  | { readonly code: "nat-private"; readonly nat: NatGateway; readonly route: Route }
  | { readonly code: "nat-allocation"; readonly nat: NatGateway; readonly reason: "missing" | "address" }
  | { readonly code: "nat-other-vpc"; readonly nat: NatGateway; readonly route: Route; readonly table: RouteTable }
  | { readonly code: "nat-state"; readonly nat: NatGateway; readonly route: Route }
  /** The table that AWS made for a regional gateway leads nowhere any more. Known in an account only. */
  | { readonly code: "nat-table"; readonly nat: NatGateway; readonly table: RouteTable }
  /** The route's gateway is attached to no VPC, or to another one; `nat` is set for a regional NAT gateway. */
  | {
      readonly code: "gateway-not-attached";
      readonly gateway: Key;
      readonly vpc: Key | undefined;
      readonly at: Origin;
      readonly elsewhere: Attachment | undefined;
      readonly nat?: NatGateway;
    }
  | { readonly code: "peering"; readonly route: Route; readonly table: RouteTable; readonly target: Target }
  | {
      readonly code: "nat-instance";
      readonly reason: "source-dest-check" | "no-public-address" | "not-public" | "ingress" | "egress";
      readonly machine: Instance | NetworkInterface;
      readonly route: Route;
      readonly group?: SecurityGroup;
    }
  | { readonly code: "egress-only-other-vpc"; readonly route: Route; readonly target: Target }
  | {
      readonly code: "inspection-no-exit";
      readonly route: Route;
      readonly endpoint: Entity;
      readonly subnet: Subnet | undefined;
    }
  | { readonly code: "inspection-asymmetric"; readonly route: Route; readonly endpoint: Entity }
  | { readonly code: "blackhole"; readonly route: Route; readonly table: RouteTable }
  /** Public space that the table routes nowhere useful, while other space gets out. */
  | {
      readonly code: "partial-route";
      /** Routes that lead out, that of the largest part first. */
      readonly reached: readonly Route[];
      /** Routes that win a part and lead nowhere. */
      readonly lost: readonly Route[];
      readonly table: RouteTable;
      readonly reachable: string;
    }
  | {
      readonly code: "security-group";
      readonly groups: readonly SecurityGroup[];
      /** `idiom`: egress was closed on purpose; `standalone`: a standalone rule removed allow-all. */
      readonly reason: "closed" | "idiom" | "standalone";
      readonly complete: boolean;
      readonly port: number;
      /** What is let out all the same. */
      readonly reachable: string;
    }
  /** Traffic gets out only by an allow-all rule of the group that a standalone rule may take away. */
  | { readonly code: "revocable-egress"; readonly group: SecurityGroup }
  | {
      readonly code: "acl";
      readonly leg: 1 | 2 | 3 | 4 | 5 | 6;
      readonly acl: NetworkAcl;
      readonly subnet: Subnet;
      /** The entry that decides, absent where nothing matches and the implicit deny stands. */
      readonly entry: AclEntry | undefined;
      readonly extent: "blocked" | "partial";
      readonly question: AclQuestion;
      readonly answer: AclAnswer;
    }
  | { readonly code: "block-public-access"; readonly at: Origin; readonly through: Origin }
  | { readonly code: "encryption-control"; readonly vpc: Vpc; readonly certain: boolean }
  /** The path names a thing that does not exist in this world. */
  | { readonly code: "missing"; readonly key: Key; readonly at: Origin }
  | { readonly code: "deploy"; readonly reason: DeployFault; readonly at: Origin };

type Entity = Endpoint | { readonly key: Key; readonly at: Origin; readonly external: boolean };

export type DeployFault =
  | "half-vpc-config"
  | "dedicated-tenancy"
  | "no-target"
  | "two-targets"
  | "duplicate-route"
  | "duplicate-association"
  | "no-destination"
  | "wrong-family"
  | "mixed-vpcs";

export interface SubnetEgress {
  readonly reference: SubnetReference;
  readonly subnet: Subnet | undefined;
  readonly ipv4: Path<Ipv4Verdict>;
  readonly ipv6: Path<Ipv6Verdict>;
}

export type RoleVerdict = "granted" | "missing" | "unknown";

/** What the execution role allows of the six network-interface actions. */
export interface RoleEgress {
  readonly verdict: RoleVerdict;
  readonly key: Key | undefined;
  readonly actions: ReadonlyMap<
    string,
    { readonly allowed: "yes" | "no" | "unknown"; readonly by?: Origin; readonly scoped?: Origin }
  >;
}

export interface FunctionEgress {
  readonly fn: LambdaFunction;
  readonly verdict: FunctionVerdict;
  readonly subnets: readonly SubnetEgress[];
  /** Faults that keep the function from being created, whatever the paths say. */
  readonly deployFaults: readonly Fault[];
  readonly role: RoleEgress | undefined;
}

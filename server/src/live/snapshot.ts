/** What AWS answered, as it answered it, and which calls gave no answer. */
import type {
  DhcpOptions,
  EgressOnlyInternetGateway,
  Instance,
  InternetGateway,
  ManagedPrefixList,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
  VpcBlockPublicAccessExclusion,
  VpcBlockPublicAccessOptions,
  VpcEncryptionControl,
  VpcEndpoint,
} from "@aws-sdk/client-ec2";
import type { Role } from "@aws-sdk/client-iam";
import type { CapacityProvider, FunctionConfiguration } from "@aws-sdk/client-lambda";
import type { Action } from "./actions";
import type { Answer, Failure } from "./failure";

export interface Snapshot {
  readonly partition: string;
  readonly region: string;
  readonly account: string | undefined;
  readonly functions: readonly FunctionConfiguration[];
  /** By ARN. */
  readonly providers: Map<string, Answer<CapacityProvider | undefined>>;
  /** By the ARN that functions name. */
  readonly roles: Map<string, SeenRole>;
  readonly subnets: Map<string, Subnet>;
  readonly vpcs: Map<string, Vpc>;
  /** By VPC, for each DNS attribute. */
  readonly dnsSupport: Map<string, Answer<boolean | undefined>>;
  readonly dnsHostnames: Map<string, Answer<boolean | undefined>>;
  readonly dhcpOptions: Map<string, DhcpOptions>;
  readonly routeTables: Map<string, RouteTable>;
  readonly natGateways: Map<string, NatGateway>;
  readonly internetGateways: Map<string, InternetGateway>;
  readonly egressOnlyGateways: Map<string, EgressOnlyInternetGateway>;
  readonly acls: Map<string, NetworkAcl>;
  readonly groups: Map<string, SecurityGroup>;
  readonly endpoints: Map<string, VpcEndpoint>;
  /** Lambda's own interfaces, and those that routes lead to. */
  readonly interfaces: Map<string, NetworkInterface>;
  readonly instances: Map<string, Instance>;
  readonly prefixLists: Map<string, ManagedPrefixList>;
  /** Of customers' prefix lists. */
  readonly prefixListEntries: Map<string, Answer<readonly string[]>>;
  publicAccess: Answer<VpcBlockPublicAccessOptions | undefined> | undefined;
  readonly exclusions: Map<string, VpcBlockPublicAccessExclusion>;
  /** By VPC. */
  readonly encryption: Map<string, VpcEncryptionControl>;
  /** The first failure of each action. */
  readonly failures: Map<Action, Failure>;
}

export interface SeenRole {
  readonly name: string;
  readonly role: Answer<Role | undefined>;
  /** Why there may be policies beside these. */
  readonly gaps: readonly Failure[];
  readonly policies: readonly SeenPolicy[];
  readonly boundary: SeenPolicy | undefined;
}

export interface SeenPolicy {
  /** The policy's ARN, or the role's name and the policy's. */
  readonly id: string;
  readonly arn: string | undefined;
  /** The document as AWS sent it: JSON, URL-encoded or plain. */
  readonly document: Answer<string | undefined>;
}

export function emptySnapshot(of: Pick<Snapshot, "partition" | "region" | "account" | "functions">): Snapshot {
  return {
    ...of,
    providers: new Map(),
    roles: new Map(),
    subnets: new Map(),
    vpcs: new Map(),
    dnsSupport: new Map(),
    dnsHostnames: new Map(),
    dhcpOptions: new Map(),
    routeTables: new Map(),
    natGateways: new Map(),
    internetGateways: new Map(),
    egressOnlyGateways: new Map(),
    acls: new Map(),
    groups: new Map(),
    endpoints: new Map(),
    interfaces: new Map(),
    instances: new Map(),
    prefixLists: new Map(),
    prefixListEntries: new Map(),
    publicAccess: undefined,
    exclusions: new Map(),
    encryption: new Map(),
    failures: new Map(),
  };
}

/** Returns the subnets and groups that a function's interfaces have: its own, or its capacity provider's. */
export function placementOf(
  snapshot: Snapshot,
  fn: FunctionConfiguration,
): { readonly subnets: readonly string[]; readonly groups: readonly string[] } {
  const arn = providerOf(fn);
  const provider = arn === undefined ? undefined : snapshot.providers.get(arn);
  const config = arn === undefined ? fn.VpcConfig : provider?.ok === true ? provider.value?.VpcConfig : undefined;
  return { subnets: config?.SubnetIds ?? [], groups: config?.SecurityGroupIds ?? [] };
}

/** Returns the ARN of the capacity provider that a function runs on. */
export function providerOf(fn: FunctionConfiguration): string | undefined {
  return fn.CapacityProviderConfig?.LambdaManagedInstancesCapacityProviderConfig?.CapacityProviderArn;
}

/** Returns the function's name, with the alias or version that was asked about. */
export function nameOf({ FunctionName, FunctionArn }: FunctionConfiguration): string {
  const [name, qualifier] = (FunctionArn ?? "").split(":").slice(6);
  return `${FunctionName ?? name ?? "?"}${qualifier === undefined ? "" : `:${qualifier}`}`;
}

/** Remembers a failure for all that depends on the call. */
export function note(snapshot: Snapshot, answer: Answer<unknown>): void {
  if (!answer.ok && !snapshot.failures.has(answer.failure.action)) {
    snapshot.failures.set(answer.failure.action, answer.failure);
  }
}

/** Returns each id once. */
export function unique(ids: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(ids)].filter((id) => id !== undefined);
}

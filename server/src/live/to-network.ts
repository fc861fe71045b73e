/** Turns what AWS answered into the network that templates fill too. Pure: the same answers give the same network. */
import type { Route, RouteTable, Subnet, Vpc } from "@aws-sdk/client-ec2";
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { type Message, message } from "../message";
import type * as model from "../network/model";
import { absent, type Fact, type Key, type Network } from "../network/model";
import { whyFailed } from "./failure";
import { actionFor, named, targetOf } from "./references";
import { nameOf, placementOf, providerOf, type Snapshot, unique } from "./snapshot";
import { aws, fact, toAcl, toGroup, toPrefixList } from "./to-filters";
import { isFirewall, toEndpoint, toFirewall, toInstance, toInterface, toNatGateway } from "./to-machines";
import { toRole } from "./to-role";

/**
 * Returns the network of a snapshot. What a failed call would have told is unknown, never absent. Of the `asked` ids
 * that are not there it says why.
 */
export function toNetwork(snapshot: Snapshot, asked: readonly string[] = []): Network {
  const map = <A, B>(from: ReadonlyMap<string, A>, to: (key: string, one: A) => B): Map<Key, B> =>
    new Map([...from].map(([key, one]) => [key, to(key, one)]));
  const groups = snapshot.functions.flatMap((fn) => placementOf(snapshot, fn).groups);
  const subnets = snapshot.functions.flatMap((fn) => placementOf(snapshot, fn).subnets);
  const vpcIds = new Set([...snapshot.subnets.values()].flatMap(({ VpcId }) => VpcId ?? []));
  for (const id of asked) if (id.startsWith("vpc-") && snapshot.vpcs.has(id)) vpcIds.add(id);
  const wanted = [...named(snapshot, [...groups, ...asked]), ...subnets, ...vpcIds].filter(
    (id) => actionFor(id) !== undefined,
  );
  const [firewalls, endpoints] = [true, false].map(
    (wanted) => new Map([...snapshot.endpoints].filter(([, one]) => isFirewall(one) === wanted)),
  ) as [Snapshot["endpoints"], Snapshot["endpoints"]];
  return {
    source: "account",
    vpcs: new Map([...vpcIds].map((id) => [id, toVpc(id, snapshot)])),
    subnets: map(snapshot.subnets, (key, subnet) => toSubnet(key, subnet, snapshot)),
    routeTables: map(snapshot.routeTables, (key, table) => toTable(key, table, snapshot)),
    internetGateways: map(snapshot.internetGateways, (key) => ({
      key,
      at: aws(key),
      external: false,
      kind: "internet-gateway",
    })),
    egressOnlyGateways: map(snapshot.egressOnlyGateways, (key, { Attachments }) => ({
      key,
      at: aws(key),
      external: false,
      vpc: fact(Attachments?.find(({ State }) => isAttached(State))?.VpcId, aws(key)),
    })),
    natGateways: map(snapshot.natGateways, toNatGateway),
    instances: map(snapshot.instances, toInstance),
    interfaces: map(snapshot.interfaces, toInterface),
    acls: map(snapshot.acls, toAcl),
    groups: map(snapshot.groups, toGroup),
    prefixLists: map(snapshot.prefixLists, (key) => toPrefixList(key, snapshot)),
    endpoints: map(endpoints, toEndpoint),
    firewalls: map(firewalls, toFirewall),
    edges: [...snapshot.routeTables].flatMap(([key, { Associations }]) =>
      (Associations ?? []).flatMap(({ GatewayId }) =>
        GatewayId === undefined
          ? []
          : [{ at: aws(key), gateway: fact(GatewayId, aws(key)), table: fact(key, aws(key)) }],
      ),
    ),
    functions: new Map(snapshot.functions.map((fn) => [nameOf(fn), toFunction(fn, snapshot)])),
    roles: map(snapshot.roles, toRole),
    blockPublicAccess: toPublicAccess(snapshot),
    missing: new Map(),
    gaps: [],
    unseen: new Map(wanted.map((id) => [id, whyMissing(id, snapshot)])),
  };
}

/** Returns why the snapshot does not hold a thing that it names. */
function whyMissing(id: string, snapshot: Snapshot): Message {
  const action = actionFor(id);
  const failure = action === undefined ? undefined : snapshot.failures.get(action);
  if (failure !== undefined) return whyFailed(failure);
  const owner = otherOwner(snapshot, [...snapshot.subnets.values()]);
  return owner === undefined ? message("{0} was not found in {1}", id, snapshot.region) : whyOwned(id, owner);
}

/**
 * Returns the account that shares a VPC with this one. Participants cannot describe what the owner keeps in
 * it, so that not to see a thing is no sign of its absence
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html).
 */
function otherOwner({ account }: Snapshot, things: readonly (Subnet | Vpc | undefined)[]): string | undefined {
  const owners = things.map((thing) => thing?.OwnerId);
  return account === undefined ? undefined : owners.find((owner) => owner !== undefined && owner !== account);
}

function whyOwned(id: string, owner: string): Message {
  return message("{0} is owned by account {1}, which shares the VPC and alone can describe it", id, owner);
}

function toVpc(key: string, snapshot: Snapshot): model.Vpc {
  const at = aws(key);
  const vpc: Vpc | undefined = snapshot.vpcs.get(key);
  const told = <T>(value: (seen: Vpc) => T | undefined): Fact<T> =>
    vpc === undefined ? { is: "unknown", why: whyMissing(key, snapshot), at } : fact(value(vpc), at);
  const attribute = (answers: Snapshot["dnsSupport"]): Fact<boolean> => {
    const answer = answers.get(key);
    if (answer === undefined) return { is: "unknown", why: message("it was not asked about"), at };
    return answer.ok ? fact(answer.value, at) : { is: "unknown", why: whyFailed(answer.failure), at };
  };
  const blocks = vpc?.CidrBlockAssociationSet?.filter(({ CidrBlockState }) => isAssociated(CidrBlockState?.State));
  const main = [...snapshot.routeTables.values()].find(
    ({ VpcId, Associations }) => VpcId === key && Associations?.some(({ Main }) => Main === true),
  );
  const encryption = toEncryption(key, snapshot);
  return {
    key,
    at,
    external: false,
    cidrs:
      blocks === undefined || blocks.length === 0
        ? [told(({ CidrBlock }) => CidrBlock)]
        : blocks.map(({ CidrBlock }) => fact(CidrBlock, at)),
    ipv6: told(
      ({ Ipv6CidrBlockAssociationSet }) =>
        Ipv6CidrBlockAssociationSet?.some(({ Ipv6CidrBlockState }) => isAssociated(Ipv6CidrBlockState?.State)) ?? false,
    ),
    tenancy: told(({ InstanceTenancy }) => InstanceTenancy),
    dnsSupport: attribute(snapshot.dnsSupport),
    dnsHostnames: attribute(snapshot.dnsHostnames),
    attachments: toAttachments(key, snapshot),
    mainTable:
      main?.RouteTableId === undefined
        ? { is: "unknown", why: whyNoTable(key, snapshot), at }
        : { is: "known", value: main.RouteTableId, at: aws(main.RouteTableId) },
    ...(encryption === undefined ? {} : { encryption }),
  };
}

function whyNoTable(vpc: string, { failures }: Snapshot): Message {
  const failure = failures.get("ec2:DescribeRouteTables");
  return failure === undefined ? message("the main route table of {0} is not in sight", vpc) : whyFailed(failure);
}

function toAttachments(vpc: string, snapshot: Snapshot): readonly model.Attachment[] {
  const { internetGateways, failures, vpcs } = snapshot;
  const attached = [...internetGateways].filter(([, { Attachments }]) =>
    Attachments?.some(({ VpcId, State }) => VpcId === vpc && isAttached(State)),
  );
  if (attached.length > 0) return attached.map(([id]) => ({ at: aws(id), gateway: fact(id, aws(id)) }));
  const failure = failures.get("ec2:DescribeInternetGateways");
  const owner = otherOwner(snapshot, [vpcs.get(vpc)]);
  const why = failure !== undefined ? whyFailed(failure) : owner === undefined ? undefined : whyOwned(vpc, owner);
  return why === undefined ? [] : [{ at: aws(vpc), gateway: { is: "unknown", why, at: aws(vpc) } }];
}

/** A region that does not know encryption controls has none. */
function toEncryption(vpc: string, { encryption, failures }: Snapshot): model.EncryptionControl | undefined {
  const control = encryption.get(vpc);
  const failure = failures.get("ec2:DescribeVpcEncryptionControls");
  if (control === undefined && (failure === undefined || failure.kind === "unsupported")) return undefined;
  const at = aws(control?.VpcEncryptionControlId ?? vpc);
  const excluded = (state: string | undefined): Fact<boolean> => fact(state === "enabled", at);
  const mode: Fact<string> =
    control === undefined && failure !== undefined
      ? { is: "unknown", why: whyFailed(failure), at }
      : fact(control?.Mode, at);
  const exclusions = control?.ResourceExclusions;
  return {
    at,
    mode,
    lambdaExcluded: excluded(exclusions?.Lambda?.State),
    natExcluded: excluded(exclusions?.NatGateway?.State),
    internetGatewayExcluded: excluded(exclusions?.InternetGateway?.State),
    egressOnlyGatewayExcluded: excluded(exclusions?.EgressOnlyInternetGateway?.State),
  };
}

function toSubnet(key: string, subnet: Subnet, snapshot: Snapshot): model.Subnet {
  const at = aws(key);
  return {
    key,
    at,
    external: false,
    vpc: fact(subnet.VpcId, at),
    cidr: fact(subnet.CidrBlock, at),
    zone: fact(subnet.AvailabilityZone, at),
    ipv6: fact(
      subnet.Ipv6CidrBlockAssociationSet?.some(({ Ipv6CidrBlockState }) => isAssociated(Ipv6CidrBlockState?.State)) ??
        false,
      at,
    ),
    ipv6Native: fact(subnet.Ipv6Native, at),
    publicIpOnLaunch: fact(subnet.MapPublicIpOnLaunch, at),
    tables: tablesOf(key, snapshot),
    acls: aclsOf(key, snapshot),
  };
}

/** Explicit associations only: AWS does not list a subnet under the main table that it uses for want of one. */
function tablesOf(subnet: string, { routeTables, failures }: Snapshot): readonly model.Association[] {
  const failure = failures.get("ec2:DescribeRouteTables");
  const found = [...routeTables].flatMap(([table, { Associations }]) =>
    (Associations ?? []).flatMap(({ SubnetId, AssociationState, RouteTableAssociationId }) => {
      if (SubnetId !== subnet || !isAssociated(AssociationState?.State)) return [];
      const at = aws(RouteTableAssociationId ?? table);
      return [{ at, target: fact(table, at) }];
    }),
  );
  if (found.length > 0 || failure === undefined) return found;
  return [{ at: aws(subnet), target: { is: "unknown", why: whyFailed(failure), at: aws(subnet) } }];
}

/** Every subnet has an ACL, so one without is one that was not told about. */
function aclsOf(subnet: string, { acls, failures }: Snapshot): readonly model.Association[] {
  for (const [acl, { Associations }] of acls) {
    for (const { SubnetId, NetworkAclAssociationId } of Associations ?? []) {
      const at = aws(NetworkAclAssociationId ?? acl);
      if (SubnetId === subnet) return [{ at, target: fact(acl, at) }];
    }
  }
  const failure = failures.get("ec2:DescribeNetworkAcls");
  const why = failure === undefined ? message("the network ACL of {0} is not in sight", subnet) : whyFailed(failure);
  return [{ at: aws(subnet), target: { is: "unknown", why, at: aws(subnet) } }];
}

/**
 * Local routes are left out, as templates have none either. Propagated routes are listed like all others, so
 * that no route hides behind a propagation.
 */
function toTable(key: string, table: RouteTable, snapshot: Snapshot): model.RouteTable {
  return {
    key,
    at: aws(key),
    external: false,
    vpc: fact(table.VpcId, aws(key)),
    routes: (table.Routes ?? [])
      .filter(({ GatewayId }) => GatewayId !== "local")
      .map((route) => toRoute(key, route, snapshot)),
    propagations: [],
    exported: false,
  };
}

function toRoute(table: string, route: Route, { instances }: Snapshot): model.Route {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId, State, InstanceId } = route;
  const destination = DestinationCidrBlock ?? DestinationIpv6CidrBlock ?? DestinationPrefixListId;
  const key = `${table}|${destination ?? "?"}`;
  const at = aws(key);
  const target = targetOf(route);
  const unread: Fact<Key> = {
    is: "unknown",
    why: message("{0} leads to a thing of a kind that is not known", key),
    at,
  };
  // Packets to a machine that is off go nowhere, whether AWS has marked the route already or not.
  const isOff = /^(?:stopp|shutting|terminat)/.test(instances.get(InstanceId ?? "")?.State?.Name ?? "");
  return {
    key,
    at,
    destination: fact(destination, at),
    family:
      DestinationCidrBlock !== undefined ? "ipv4" : DestinationIpv6CidrBlock !== undefined ? "ipv6" : "prefix-list",
    targets: [{ kind: kindOf(target), key: target === undefined ? unread : fact(target.id, at), at }],
    state: isOff || State === "blackhole" ? "blackhole" : State === "filtered" ? "filtered" : "active",
  };
}

function kindOf(target: ReturnType<typeof targetOf>): model.TargetKind {
  switch (target?.by) {
    case "GatewayId": {
      const { id } = target;
      if (id.startsWith("igw-")) return "internet-gateway";
      if (id.startsWith("vgw-")) return "vpn-gateway";
      return id.startsWith("vpce-") ? "endpoint" : "gateway";
    }
    case "NatGatewayId":
      return "nat-gateway";
    case "NetworkInterfaceId":
      return "network-interface";
    case "InstanceId":
      return "instance";
    case "EgressOnlyInternetGatewayId":
      return "egress-only-gateway";
    case "TransitGatewayId":
      return "transit-gateway";
    case "VpcPeeringConnectionId":
      return "peering";
    case "LocalGatewayId":
      return "local-gateway";
    case "CarrierGatewayId":
      return "carrier-gateway";
    case "CoreNetworkArn":
      return "core-network";
    default:
      return "other";
  }
}

function toFunction(fn: FunctionConfiguration, snapshot: Snapshot): model.LambdaFunction {
  const key = nameOf(fn);
  const at = aws(fn.FunctionArn ?? key);
  const provider = providerOf(fn);
  const role = fn.Role;
  return {
    key,
    at,
    external: false,
    vpcConfig: toVpcConfig(fn, snapshot),
    role:
      role === undefined
        ? { is: "unknown", why: message("AWS did not say it"), at }
        : { is: "known", value: { key: role, ref: role.slice(role.lastIndexOf("/") + 1) }, at: aws(role) },
    ...(provider === undefined ? {} : { capacityProvider: fact(provider, aws(provider)) }),
    canary: false,
  };
}

function toVpcConfig(fn: FunctionConfiguration, snapshot: Snapshot): Fact<model.VpcConfig> {
  const provider = providerOf(fn);
  const answer = provider === undefined ? undefined : snapshot.providers.get(provider);
  const at = aws(provider ?? fn.FunctionArn ?? nameOf(fn));
  if (answer?.ok === false) return { is: "unknown", why: whyFailed(answer.failure), at };
  const { subnets, groups } = placementOf(snapshot, fn);
  if (subnets.length === 0 && groups.length === 0) return absent;
  const refer = (id: string) => ({ at: aws(id), key: fact(id, aws(id)), ref: id, whole: false });
  return {
    is: "known",
    at,
    value: {
      at,
      subnets: { is: "known", value: subnets.map(refer), at },
      groups: { is: "known", value: groups.map(refer), at },
      ipv6Allowed: fact(fn.VpcConfig?.Ipv6AllowedForDualStack, at),
    },
  };
}

/**
 * A region that does not know the feature does not block by it. What an account sets is about its own VPCs
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessOptions.html); of those that another
 * account shares with it, it tells nothing.
 */
function toPublicAccess(snapshot: Snapshot): model.BlockPublicAccess | undefined {
  const { publicAccess, exclusions, failures, subnets } = snapshot;
  if (publicAccess === undefined) return undefined;
  const at = aws("VpcBlockPublicAccess");
  if (!publicAccess.ok) {
    const { failure } = publicAccess;
    if (failure.kind === "unsupported") return undefined;
    return { at, mode: { is: "unknown", why: whyFailed(failure), at }, exclusions: [] };
  }
  const mode = publicAccess.value?.InternetGatewayBlockMode;
  const unread = failures.get("ec2:DescribeVpcBlockPublicAccessExclusions");
  const seen = [...exclusions.values()].filter(({ State }) => !/delet|disabl|failed/.test(State ?? ""));
  const shared = unique([...subnets.values()].map((one) => (otherOwner(snapshot, [one]) && one.VpcId) || undefined));
  return {
    at,
    mode: mode === undefined ? { is: "unknown", why: message("AWS did not say it"), at } : fact(mode, at),
    exclusions: [
      ...seen.map(({ ExclusionId, InternetGatewayExclusionMode, ResourceArn }) => {
        const from = aws(ExclusionId ?? "VpcBlockPublicAccess");
        const target = ResourceArn?.slice(ResourceArn.lastIndexOf("/") + 1);
        return { at: from, mode: fact(InternetGatewayExclusionMode, from), target: fact(target, from) };
      }),
      ...shared.map((vpc): model.BlockPublicAccess["exclusions"][number] => {
        const owner =
          otherOwner(
            snapshot,
            [...subnets.values()].filter(({ VpcId }) => VpcId === vpc),
          ) ?? "?";
        const why = message("{0} is owned by account {1}, whose own setting counts", vpc, owner);
        return { at, mode: { is: "unknown", why, at }, target: fact(vpc, at) };
      }),
      ...(unread === undefined
        ? []
        : [{ at, mode: absent, target: { is: "unknown", why: whyFailed(unread), at } as const }]),
    ],
  };
}

/** AWS reports `available` for the attachment of an internet gateway, and leaves some states out. */
function isAttached(state: string | undefined): boolean {
  return state === undefined || state === "available" || state === "attached";
}

function isAssociated(state: string | undefined): boolean {
  return state === undefined || state === "associated";
}

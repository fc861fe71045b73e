/** Turns NAT gateways, NAT instances and VPC endpoints of an account into the network's. */
import type { Instance, NatGateway, NetworkInterface, VpcEndpoint } from "@aws-sdk/client-ec2";
import type * as model from "../network/model";
import { absent, type Fact, type Key } from "../network/model";
import { aws, fact } from "./to-filters";

export function toNatGateway(key: string, nat: NatGateway): model.NatGateway {
  const at = aws(key);
  const addresses = nat.NatGatewayAddresses ?? [];
  return {
    key,
    at,
    external: false,
    connectivity: fact(nat.ConnectivityType, at),
    availability: fact(nat.AvailabilityMode, at),
    subnet: fact(nat.SubnetId, at),
    vpc: fact(nat.VpcId, at),
    allocation: addresses.some(({ AllocationId }) => AllocationId !== undefined)
      ? { is: "known", value: { isAddress: false }, at }
      : absent,
    zones: [],
    table: fact(nat.RouteTableId, at),
    ...(nat.State === undefined ? {} : { state: nat.State }),
  };
}

/** The interface to which a route leads is what passes traffic on; its settings are in the account for each. */
export function toInterface(key: string, card: NetworkInterface): model.NetworkInterface {
  const at = aws(key);
  return {
    key,
    at,
    external: false,
    subnet: fact(card.SubnetId, at),
    sourceDestCheck: fact(card.SourceDestCheck, at),
    publicAddress: fact(card.Association?.PublicIp !== undefined, at),
    groups: toKeys(card.Groups, at),
    attached: card.Attachment?.InstanceId !== undefined && card.Attachment.Status !== "detached",
  };
}

export function toInstance(key: string, instance: Instance): model.Instance {
  const at = aws(key);
  return {
    key,
    at,
    external: false,
    subnet: fact(instance.SubnetId, at),
    sourceDestCheck: fact(instance.SourceDestCheck, at),
    publicAddress: fact(instance.PublicIpAddress !== undefined && instance.PublicIpAddress !== "", at),
    groups: toKeys(instance.SecurityGroups, at),
    interfaces: (instance.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) => fact(NetworkInterfaceId, at)),
  };
}

export function toEndpoint(key: string, endpoint: VpcEndpoint): model.Endpoint {
  const at = aws(key);
  return {
    key,
    at,
    external: false,
    type: fact(endpoint.VpcEndpointType, at),
    service: fact(serviceOf(endpoint), at),
    vpc: fact(endpoint.VpcId, at),
    tables: (endpoint.RouteTableIds ?? []).map((id) => fact(id, at)),
    subnets: (endpoint.SubnetIds ?? []).map((id) => fact(id, at)),
    groups: toKeys(endpoint.Groups, at),
    privateDns: fact(endpoint.PrivateDnsEnabled, at),
  };
}

/** AWS Network Firewall makes the endpoints of its firewalls itself, and marks them with this tag. */
export function isFirewall({ Tags }: VpcEndpoint): boolean {
  return Tags?.some(({ Key, Value }) => Key === "AWSNetworkFirewallManaged" && Value === "true") === true;
}

/** A firewall is here what routes lead to: one of its endpoints. */
export function toFirewall(key: string, { SubnetIds }: VpcEndpoint): model.Firewall {
  const at = aws(key);
  return { key, at, external: false, subnets: (SubnetIds ?? []).map((id) => fact(id, at)) };
}

/** Returns the service without the names before it: `s3` of `com.amazonaws.eu-west-1.s3`. */
export function serviceOf({ ServiceName }: VpcEndpoint): string | undefined {
  return ServiceName?.replace(/^.*(?:com\.amazonaws\.|aws\.(?:api|sagemaker)\.)[a-z]{2}(?:-[a-z]+)+-\d\./, "");
}

function toKeys(
  groups: readonly { GroupId?: string | undefined }[] | undefined,
  at: model.Origin,
): Fact<readonly Fact<Key>[]> {
  return { is: "known", value: (groups ?? []).map(({ GroupId }) => fact(GroupId, at)), at };
}

/** What traffic passes on its way: NAT gateways, NAT instances and their addresses, endpoints, firewalls. */

import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateNatGatewayCommand,
  CreateNetworkInterfaceCommand,
  CreateVpcEndpointCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  freshName,
  given,
  isGiven,
  type Made,
  type Makers,
  NotReplayable,
  nameless,
  type Properties,
  type Site,
} from "./site";
import { addSubnet } from "./vpc";

export const translationMakers: Makers = {
  "AWS::EC2::NatGateway": async ({ on, properties }) => {
    if ((await properties.text("AvailabilityMode")) === "regional") return makeRegionalNat(on, properties);
    const SubnetId = given(await properties.id("SubnetId", "subnet"), "AWS: a NAT gateway without subnet");
    const connectivity = await properties.text("ConnectivityType");
    const AllocationId = await properties.id("AllocationId", "address");
    if (connectivity !== "private" && AllocationId?.startsWith("eipalloc-") !== true) {
      throw new NotReplayable("AWS: a public NAT gateway needs an allocation");
    }
    const { NatGateway } = await on.account.ec2.send(
      new CreateNatGatewayCommand({
        SubnetId,
        ...(connectivity === undefined ? {} : { ConnectivityType: connectivity === "private" ? "private" : "public" }),
        ...(AllocationId === undefined ? {} : { AllocationId }),
      }),
    );
    return { id: given(NatGateway?.NatGatewayId) };
  },

  "AWS::EC2::EIP": async ({ on, properties }) => {
    const { AllocationId, PublicIp } = await on.account.ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
    const InstanceId = await properties.id("InstanceId", "instance");
    if (InstanceId !== undefined) await on.account.ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId }));
    return { id: given(PublicIp), attributes: { AllocationId: given(AllocationId), PublicIp: given(PublicIp) } };
  },

  "AWS::EC2::EIPAssociation": async ({ on, properties }) => {
    const AllocationId = await properties.id("AllocationId", "address");
    const InstanceId = await properties.id("InstanceId", "instance");
    const NetworkInterfaceId = await properties.id("NetworkInterfaceId", "card");
    const input = { AllocationId, ...(InstanceId === undefined ? { NetworkInterfaceId } : { InstanceId }) };
    await on.account.ec2.send(new AssociateAddressCommand(input));
    return nameless;
  },

  "AWS::EC2::NetworkInterface": async ({ on, properties }) => {
    const Groups = await properties.ids("GroupSet", "group");
    const SubnetId = await properties.id("SubnetId", "subnet");
    const input = { SubnetId, ...(Groups.length === 0 ? {} : { Groups }) };
    const { NetworkInterface } = await on.account.ec2.send(new CreateNetworkInterfaceCommand(input));
    const id = given(NetworkInterface?.NetworkInterfaceId);
    const check = await properties.flag("SourceDestCheck");
    if (check !== undefined) {
      const SourceDestCheck = { Value: check };
      await on.account.ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, SourceDestCheck }),
      );
    }
    return { id };
  },

  "AWS::EC2::Instance": async ({ on, properties, names, resource }) => {
    if (await isGiven(properties, "LaunchTemplate")) throw new NotReplayable("moto: launch templates");
    const cards = await properties.maps("NetworkInterfaces");
    const NetworkInterfaces: object[] = [];
    for (const [index, card] of cards.entries()) {
      const own = await card.id("NetworkInterfaceId", "card");
      NetworkInterfaces.push({
        DeviceIndex: Number((await card.text("DeviceIndex")) ?? index),
        ...(own === undefined
          ? {
              SubnetId: await card.id("SubnetId", "subnet"),
              Groups: await card.ids("GroupSet", "group"),
              AssociatePublicIpAddress: await card.flag("AssociatePublicIpAddress"),
            }
          : { NetworkInterfaceId: own }),
      });
    }
    const place =
      cards.length > 0
        ? { NetworkInterfaces }
        : {
            SubnetId: await properties.id("SubnetId", "subnet"),
            SecurityGroupIds: await properties.ids("SecurityGroupIds", "group"),
          };
    const made = await runInstance(on, place, await properties.flag("SourceDestCheck"));
    if (!names.has(made.card)) names.set(made.card, resource.id);
    return made;
  },

  "AWS::EC2::VPCEndpoint": async ({ on, properties }) => {
    const type = await properties.text("VpcEndpointType");
    const PrivateDnsEnabled = await properties.flag("PrivateDnsEnabled");
    const { VpcEndpoint } = await on.account.ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: await properties.id("VpcId", "vpc"),
        ServiceName: await properties.text("ServiceName"),
        ...(type === undefined ? {} : { VpcEndpointType: type as "Gateway" }),
        RouteTableIds: await properties.ids("RouteTableIds", "table"),
        SubnetIds: await properties.ids("SubnetIds", "subnet"),
        SecurityGroupIds: await properties.ids("SecurityGroupIds", "group"),
        ...(PrivateDnsEnabled === undefined ? {} : { PrivateDnsEnabled }),
      }),
    );
    return { id: given(VpcEndpoint?.VpcEndpointId) };
  },

  /** In an account a firewall shows as the endpoints that it has in its subnets. */
  "AWS::NetworkFirewall::Firewall": async ({ on, properties, names, resource }) => {
    const VpcId = await properties.id("VpcId", "vpc");
    const attributes: Record<string, string> = {};
    let index = 0;
    for (const mapping of await properties.maps("SubnetMappings")) {
      const SubnetIds = [given(await mapping.id("SubnetId", "subnet"))];
      const { VpcEndpoint } = await on.account.ec2.send(
        new CreateVpcEndpointCommand({
          VpcId,
          ServiceName: "firewall",
          VpcEndpointType: "GatewayLoadBalancer",
          SubnetIds,
        }),
      );
      const id = given(VpcEndpoint?.VpcEndpointId);
      names.set(id, resource.id);
      attributes[`EndpointIds[${index++}][1]`] = id;
    }
    return { id: freshName("firewall"), attributes };
  },
};

/** The interface of each instance. */
export const cards = new Map<string, string>();

/** moto knows no regional NAT gateway: it gets a zonal one, and the proxy tells of it as AWS does. */
async function makeRegionalNat(on: Site["on"], properties: Properties): Promise<Made> {
  const VpcId = given(await properties.id("VpcId", "vpc"), "AWS: a regional NAT gateway without VPC");
  const SubnetId = await addSubnet({ on }, { VpcId });
  const id = await on.account.nat(SubnetId);
  on.proxy.add(({ action }) =>
    action === "ec2:DescribeNatGateways"
      ? (body) => body.replaceAll(`<subnetId>${SubnetId}</subnetId>`, "<availabilityMode>regional</availabilityMode>")
      : undefined,
  );
  return { id };
}

/** Starts an instance; moto leaves out its default group, and its interface from a route to it. */
export async function runInstance(
  on: Site["on"],
  place: object,
  check?: boolean,
): Promise<Made & { readonly card: string }> {
  const { ec2 } = on.account;
  const input = { ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1, ...place };
  const { Instances } = await ec2.send(new RunInstancesCommand(input));
  const InstanceId = given(Instances?.[0]?.InstanceId);
  const card = given(Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId);
  cards.set(InstanceId, card);
  if (check !== undefined) {
    const SourceDestCheck = { Value: check };
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, SourceDestCheck }));
    // On AWS the check of an instance is that of its first interface.
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: card, SourceDestCheck }));
  }
  on.proxy.add(({ action }) =>
    action === "ec2:DescribeRouteTables"
      ? (body) =>
          body.replaceAll(
            `<instanceId>${InstanceId}</instanceId>`,
            `<instanceId>${InstanceId}</instanceId><networkInterfaceId>${card}</networkInterfaceId>`,
          )
      : undefined,
  );
  return { id: InstanceId, card };
}

/** Route tables, and the gateways to which routes lead. */

import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AttachVpnGatewayCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateTransitGatewayCommand,
  CreateVpcPeeringConnectionCommand,
  CreateVpnGatewayCommand,
  ReplaceRouteCommand,
} from "@aws-sdk/client-ec2";
import { type Ec2, given, type Kind, type Makers, NotReplayable, nameless } from "./site";
import { cards } from "./translation";

export const routingMakers: Makers = {
  "AWS::EC2::RouteTable": async ({ on, properties }) => ({
    id: await on.account.table(given(await properties.id("VpcId", "vpc"), "AWS: a table without VPC")),
  }),

  "AWS::EC2::Route": async ({ on, properties, names, resource }) => {
    const RouteTableId = given(await properties.id("RouteTableId", "table"), "AWS: a route without table");
    const targets: Record<string, string> = {};
    for (const [name, kind] of routeTargets) {
      const id = await properties.id(name, kind);
      // An account calls an endpoint a gateway.
      if (id !== undefined) targets[name === "VpcEndpointId" ? "GatewayId" : name] = id;
    }
    if (Object.keys(targets).length !== 1) throw new NotReplayable("AWS: a route has one target");
    const input = {
      RouteTableId,
      DestinationCidrBlock: await properties.text("DestinationCidrBlock"),
      DestinationIpv6CidrBlock: await properties.text("DestinationIpv6CidrBlock"),
      DestinationPrefixListId: await properties.id("DestinationPrefixListId", "list"),
      ...targets,
    };
    if (input.DestinationCidrBlock !== undefined && targets.EgressOnlyInternetGatewayId !== undefined) {
      throw new NotReplayable("AWS: an egress-only gateway carries IPv6");
    }
    const card = cards.get(targets.InstanceId ?? "");
    const machine = names.get(targets.InstanceId ?? "");
    if (card !== undefined && machine !== undefined) names.set(card, machine);
    const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
    if (DestinationPrefixListId !== undefined && targets.NetworkInterfaceId !== undefined) {
      // moto forgets the list where a route is created with an interface, and keeps it where the interface comes later.
      await on.account.ec2.send(new CreateRouteCommand({ RouteTableId, DestinationPrefixListId }));
      await on.account.ec2.send(new ReplaceRouteCommand(input));
    } else await on.account.ec2.send(new CreateRouteCommand(input));
    const to = DestinationCidrBlock ?? DestinationIpv6CidrBlock ?? DestinationPrefixListId;
    names.set(`${RouteTableId}|${to}`, resource.id);
    return nameless;
  },

  "AWS::EC2::SubnetRouteTableAssociation": async ({ on, properties }) => {
    const RouteTableId = await properties.id("RouteTableId", "table");
    const SubnetId = await properties.id("SubnetId", "subnet");
    if (RouteTableId === undefined || SubnetId === undefined) throw new NotReplayable("AWS: half an association");
    // moto moves the subnet to the other table.
    if (tabled.has(SubnetId)) throw new NotReplayable("AWS: a subnet has one table");
    tabled.add(SubnetId);
    await on.account.ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    return nameless;
  },

  "AWS::EC2::GatewayRouteTableAssociation": async ({ on, properties }) => {
    const RouteTableId = await properties.id("RouteTableId", "table");
    const GatewayId = await properties.id("GatewayId", "gateway");
    await on.account.ec2.send(new AssociateRouteTableCommand({ RouteTableId, GatewayId }));
    return nameless;
  },

  "AWS::EC2::InternetGateway": async ({ on }) => {
    const { InternetGateway } = await on.account.ec2.send(new CreateInternetGatewayCommand({}));
    return { id: given(InternetGateway?.InternetGatewayId) };
  },

  "AWS::EC2::VPCGatewayAttachment": async ({ on, properties }) => {
    const VpcId = await properties.id("VpcId", "vpc");
    const InternetGatewayId = await properties.id("InternetGatewayId", "gateway");
    const VpnGatewayId = await properties.id("VpnGatewayId", "gateway");
    if (InternetGatewayId !== undefined) {
      await on.account.ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    }
    if (VpnGatewayId !== undefined) await on.account.ec2.send(new AttachVpnGatewayCommand({ VpnGatewayId, VpcId }));
    return nameless;
  },

  "AWS::EC2::VPNGateway": async ({ on }) => {
    return { id: await makeVpnGateway(on.account.ec2) };
  },

  "AWS::EC2::EgressOnlyInternetGateway": async ({ on, properties }) => {
    const VpcId = await properties.id("VpcId", "vpc");
    const answer = await on.account.ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId }));
    return { id: given(answer.EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId) };
  },

  "AWS::EC2::TransitGateway": async ({ on }) => {
    return { id: await makeTransitGateway(on.account.ec2) };
  },

  "AWS::EC2::VPCPeeringConnection": async ({ on, properties }) => {
    const VpcId = given(await properties.id("VpcId", "vpc"));
    return { id: await makePeering(on.account.ec2, VpcId, given(await properties.id("PeerVpcId", "vpc"))) };
  },
};

const routeTargets: readonly (readonly [string, Kind])[] = [
  ["GatewayId", "gateway"],
  ["VpcEndpointId", "other"],
  ["NatGatewayId", "nat"],
  ["InstanceId", "instance"],
  ["NetworkInterfaceId", "card"],
  ["EgressOnlyInternetGatewayId", "egress-only"],
  ["TransitGatewayId", "transit"],
  ["VpcPeeringConnectionId", "peering"],
  ["CarrierGatewayId", "other"],
  ["LocalGatewayId", "other"],
  ["CoreNetworkArn", "other"],
];

/** The subnets with a table of their own. */
const tabled = new Set<string>();

export async function makeVpnGateway(ec2: Ec2): Promise<string> {
  const { VpnGateway } = await ec2.send(new CreateVpnGatewayCommand({ Type: "ipsec.1" }));
  return given(VpnGateway?.VpnGatewayId);
}

export async function makeTransitGateway(ec2: Ec2): Promise<string> {
  const { TransitGateway } = await ec2.send(new CreateTransitGatewayCommand({}));
  return given(TransitGateway?.TransitGatewayId);
}

export async function makePeering(ec2: Ec2, VpcId: string, PeerVpcId: string): Promise<string> {
  const answer = await ec2.send(new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId }));
  return given(answer.VpcPeeringConnection?.VpcPeeringConnectionId);
}

/** What becomes of each type of resource in an account: the calls that CloudFormation makes for it. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  AttachVpnGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateTransitGatewayCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  CreateVpcPeeringConnectionCommand,
  CreateVpnGatewayCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { region, vpcAccess } from "./account";
import { ec2Reply, publicAccess } from "./proxy";
import { freshName, type Made, NotReplayable, type Properties, type Site } from "./replay";

export type Kind =
  | "vpc"
  | "subnet"
  | "group"
  | "table"
  | "acl"
  | "gateway"
  | "nat"
  | "egress-only"
  | "transit"
  | "peering"
  | "instance"
  | "card"
  | "list"
  | "address"
  | "role"
  | "policy"
  | "other";

type Outside = Pick<Site, "on" | "outside">;

/** What stands in for a thing outside the template. */
export const standIns: Readonly<Record<Kind, (site: Outside, key: string) => Promise<string>>> = {
  vpc: async ({ on }) => (await makeVpc(on.account.ec2, "10.0.0.0/16", "default")).id,
  subnet: async ({ on, outside }) => {
    const VpcId = await outside();
    return addSubnet({ on }, { VpcId });
  },
  group: async ({ on, outside }) => on.account.group(await outside()),
  table: async ({ on, outside }) => on.account.table(await outside()),
  acl: async ({ on, outside }) => {
    const { NetworkAcl } = await on.account.ec2.send(new CreateNetworkAclCommand({ VpcId: await outside() }));
    return given(NetworkAcl?.NetworkAclId);
  },
  address: async ({ on }) =>
    given((await on.account.ec2.send(new AllocateAddressCommand({ Domain: "vpc" }))).AllocationId),
  role: ({ on }) => on.account.role(vpcAccess),
  gateway: async ({ on, outside }, key) => {
    if (key.startsWith("literal:vgw-")) return makeVpnGateway(on.account.ec2);
    const VpcId = await outside();
    const { ec2 } = on.account;
    const Filters = [{ Name: "attachment.vpc-id", Values: [VpcId] }];
    const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }));
    return InternetGateways?.[0]?.InternetGatewayId ?? on.account.internetGateway(VpcId);
  },
  nat: async ({ on, outside }) => on.account.nat(await addSubnet({ on }, { VpcId: await outside() })),
  transit: ({ on }) => makeTransitGateway(on.account.ec2),
  peering: async ({ on, outside }) => {
    const VpcId = await outside();
    return makePeering(on.account.ec2, VpcId, (await makeVpc(on.account.ec2, "10.99.0.0/16", "default")).id);
  },
  instance: async ({ on, outside }) => {
    const SubnetId = await addSubnet({ on }, { VpcId: await outside() });
    return (await runInstance(on, { SubnetId })).id;
  },
  card: async ({ on, outside }) => {
    const SubnetId = await addSubnet({ on }, { VpcId: await outside() });
    const { NetworkInterface } = await on.account.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
    return given(NetworkInterface?.NetworkInterfaceId);
  },
  list: async ({ on }) => makeList(on.account.ec2, [{ Cidr: "203.0.113.0/24" }]),
  policy: async ({ on }, key) => {
    const { iam } = on.account;
    const own = /^literal:(arn:aws[a-z-]*:iam::aws:policy\/.*)$/.exec(key)?.[1];
    // moto knows one partition.
    if (own !== undefined) return own.replace(/^arn:aws[a-z-]*:/, "arn:aws:");
    const statement = { Effect: "Allow", Action: "logs:*", Resource: "*" };
    const PolicyDocument = documentOf({ Statement: [statement] });
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: freshName("policy"), PolicyDocument }));
    return given(Policy?.Arn);
  },
  "egress-only": () => outsideOnly("an egress-only gateway outside the template"),
  other: () => outsideOnly("a thing of another kind outside the template"),
};

type Maker = (site: Site) => Promise<Made>;
type Ec2 = Outside["on"]["account"]["ec2"];

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

/** The interface of each instance. */
const cards = new Map<string, string>();

/** CloudFormation tells nobody the id of a statement about others. */
const nameless: Made = { id: "" };

export const makers: Readonly<Record<string, Maker>> = {
  "AWS::EC2::VPC": async ({ on, properties }) => {
    const cidr = (await properties.text("CidrBlock")) ?? "10.0.0.0/16";
    const made = await makeVpc(on.account.ec2, cidr, (await properties.text("InstanceTenancy")) ?? "default");
    for (const name of ["EnableDnsSupport", "EnableDnsHostnames"] as const) {
      const Value = await properties.flag(name);
      if (Value === undefined) continue;
      await on.account.ec2.send(new ModifyVpcAttributeCommand({ VpcId: made.id, [name]: { Value } }));
    }
    return made;
  },

  "AWS::EC2::VPCCidrBlock": async ({ on, properties }) => {
    const VpcId = await properties.id("VpcId", "vpc");
    const CidrBlock = await properties.text("CidrBlock");
    const input = CidrBlock === undefined ? { AmazonProvidedIpv6CidrBlock: true } : { CidrBlock };
    await on.account.ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, ...input }));
    if (CidrBlock === undefined) await admitIpv6(on.account.ec2, given(VpcId));
    return nameless;
  },

  "AWS::EC2::Subnet": async ({ on, properties }) => {
    const VpcId = given(await properties.id("VpcId", "vpc"), "AWS: a subnet without VPC");
    const CidrBlock = await properties.text("CidrBlock");
    const AvailabilityZone = await zoneOf(properties);
    const ipv6 = await isGiven(properties, "Ipv6CidrBlock");
    const id = await addSubnet(
      { on },
      { VpcId, AvailabilityZone, ipv6, ...(CidrBlock?.includes("/") === true ? { CidrBlock } : {}) },
    );
    const Value = await properties.flag("MapPublicIpOnLaunch");
    if (Value === true) {
      await on.account.ec2.send(new ModifySubnetAttributeCommand({ SubnetId: id, MapPublicIpOnLaunch: { Value } }));
    }
    // moto knows no subnets with IPv6 alone.
    if ((await properties.flag("Ipv6Native")) === true) {
      on.proxy.add(({ action }) =>
        action === "ec2:DescribeSubnets"
          ? (body) =>
              body
                .replaceAll("<ipv6Native>false</ipv6Native>", "")
                .replace(`<subnetId>${id}</subnetId>`, `<subnetId>${id}</subnetId><ipv6Native>true</ipv6Native>`)
          : undefined,
      );
    }
    return { id, attributes: { AvailabilityZone: AvailabilityZone ?? `${region}a`, VpcId } };
  },

  "AWS::EC2::SubnetCidrBlock": async ({ on, properties }) => {
    const SubnetId = await properties.id("SubnetId", "subnet");
    const Ipv6CidrBlock = `2001:db8:1234:${(blocks++ % 65536).toString(16)}::/64`;
    await on.account.ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock }));
    return nameless;
  },

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
    await on.account.ec2.send(new CreateRouteCommand(input));
    const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
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

  "AWS::EC2::NetworkAcl": async ({ on, properties }) => {
    const VpcId = await properties.id("VpcId", "vpc");
    const { NetworkAcl } = await on.account.ec2.send(new CreateNetworkAclCommand({ VpcId }));
    return { id: given(NetworkAcl?.NetworkAclId) };
  },

  "AWS::EC2::NetworkAclEntry": async ({ on, properties }) => {
    const NetworkAclId = await properties.id("NetworkAclId", "acl");
    const [ports] = await properties.maps("PortRange");
    const RuleNumber = Number(await properties.text("RuleNumber"));
    const entry = {
      NetworkAclId,
      RuleNumber,
      RuleAction: (await properties.text("RuleAction")) === "deny" ? ("deny" as const) : ("allow" as const),
      Egress: (await properties.flag("Egress")) ?? false,
      Protocol: (await properties.text("Protocol")) ?? "-1",
      CidrBlock: await properties.text("CidrBlock"),
      Ipv6CidrBlock: await properties.text("Ipv6CidrBlock"),
      ...(ports === undefined
        ? {}
        : { PortRange: { From: Number(await ports.text("From")), To: Number(await ports.text("To")) } }),
    };
    await on.account.ec2.send(new CreateNetworkAclEntryCommand(entry));
    return nameless;
  },

  "AWS::EC2::SubnetNetworkAclAssociation": async ({ on, properties }) => {
    const NetworkAclId = await properties.id("NetworkAclId", "acl");
    const SubnetId = given(await properties.id("SubnetId", "subnet"));
    const Filters = [{ Name: "association.subnet-id", Values: [SubnetId] }];
    const { NetworkAcls = [] } = await on.account.ec2.send(new DescribeNetworkAclsCommand({ Filters }));
    const own = NetworkAcls.flatMap(({ Associations = [] }) => Associations).find((one) => one.SubnetId === SubnetId);
    const AssociationId = own?.NetworkAclAssociationId;
    await on.account.ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
    return nameless;
  },

  "AWS::EC2::SecurityGroup": async ({ on, properties }) => {
    const VpcId = given(await properties.id("VpcId", "vpc"), "AWS: a group in the default VPC");
    const GroupId = await on.account.group(VpcId);
    const egress = await properties.maps("SecurityGroupEgress");
    if (egress.length > 0) await revokeAll(on.account.ec2, GroupId);
    for (const rule of egress) await authorize(on.account.ec2, GroupId, "Destination", rule);
    for (const rule of await properties.maps("SecurityGroupIngress")) {
      await authorize(on.account.ec2, GroupId, "Source", rule);
    }
    return { id: GroupId };
  },

  "AWS::EC2::SecurityGroupEgress": async ({ on, properties }) => {
    const GroupId = given(await properties.id("GroupId", "group"));
    await revokeAllowAll(on.account.ec2, GroupId);
    await authorize(on.account.ec2, GroupId, "Destination", properties);
    return nameless;
  },

  "AWS::EC2::SecurityGroupIngress": async ({ on, properties }) => {
    await authorize(on.account.ec2, given(await properties.id("GroupId", "group")), "Source", properties);
    return nameless;
  },

  "AWS::EC2::PrefixList": async ({ on, properties }) => {
    const Entries: { Cidr: string }[] = [];
    for (const entry of await properties.maps("Entries")) Entries.push({ Cidr: given(await entry.text("Cidr")) });
    return { id: await makeList(on.account.ec2, Entries) };
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

  /** moto lacks the call; the proxy answers as AWS would. */
  "AWS::EC2::VPCBlockPublicAccessOptions": async ({ on, properties }) => {
    const mode = (await properties.text("InternetGatewayBlockMode")) ?? "off";
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeVpcBlockPublicAccessOptions" ? publicAccess(mode) : undefined,
    );
    const items = exclusions.get(on.proxy) ?? [];
    exclusions.set(on.proxy, items);
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeVpcBlockPublicAccessExclusions"
        ? ec2Reply(
            "DescribeVpcBlockPublicAccessExclusions",
            `<vpcBlockPublicAccessExclusionSet>${items.join("")}</vpcBlockPublicAccessExclusionSet>`,
          )
        : undefined,
    );
    return nameless;
  },

  "AWS::EC2::VPCBlockPublicAccessExclusion": async ({ on, properties }) => {
    const subnet = await properties.id("SubnetId", "subnet");
    const target = subnet === undefined ? `vpc/${await properties.id("VpcId", "vpc")}` : `subnet/${subnet}`;
    const mode = await properties.text("InternetGatewayExclusionMode");
    const items = exclusions.get(on.proxy) ?? [];
    exclusions.set(on.proxy, items);
    items.push(
      `<item><exclusionId>${freshName("vpcbpa-exclude")}</exclusionId><internetGatewayExclusionMode>${mode}</internetGatewayExclusionMode><resourceArn>arn:aws:ec2:${region}:123456789012:${target}</resourceArn><state>create-complete</state></item>`,
    );
    return nameless;
  },

  "AWS::EC2::VPCEncryptionControl": async ({ on, properties }) => {
    const vpc = await properties.id("VpcId", "vpc");
    const mode = await properties.text("Mode");
    const state = async (name: string) =>
      (await properties.text(`${name}ExclusionInput`))?.toLowerCase() === "enable" ? "enabled" : "disabled";
    const excluded = await Promise.all(
      [
        ["lambda", "Lambda"],
        ["natGateway", "NatGateway"],
        ["internetGateway", "InternetGateway"],
        ["egressOnlyInternetGateway", "EgressOnlyInternetGateway"],
      ].map(async ([tag, name = ""]) => `<${tag}><state>${await state(name)}</state></${tag}>`),
    );
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeVpcEncryptionControls"
        ? ec2Reply(
            "DescribeVpcEncryptionControls",
            `<vpcEncryptionControlSet><item><vpcId>${vpc}</vpcId><vpcEncryptionControlId>vpcec-1</vpcEncryptionControlId><mode>${mode}</mode><state>available</state><resourceExclusions>${excluded.join("")}</resourceExclusions></item></vpcEncryptionControlSet>`,
          )
        : undefined,
    );
    return nameless;
  },

  "AWS::IAM::Role": async ({ on, properties }) => {
    const RoleName = (await properties.text("RoleName")) ?? freshName("role");
    const statement = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const Path = await properties.text("Path");
    const { Role } = await on.account.iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
    const boundary = await properties.id("PermissionsBoundary", "policy");
    if (boundary !== undefined) {
      await on.account.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }));
    }
    // Among SAM's policies stand documents, and names without their ARN.
    for (const policy of await properties.mixed("ManagedPolicyArns", "policy")) {
      if (typeof policy === "string") await attach(on, RoleName, policy);
      else await putPolicy(on, RoleName, policy);
    }
    for (const policy of await properties.maps("Policies")) {
      await putPolicy(on, RoleName, await policy.plain("PolicyDocument"));
    }
    return { id: RoleName, attributes: { Arn: given(Role?.Arn) } };
  },

  "AWS::IAM::Policy": attachDocument,
  "AWS::IAM::RolePolicy": attachDocument,

  "AWS::IAM::ManagedPolicy": async ({ on, properties }) => {
    const PolicyDocument = documentOf(await properties.plain("PolicyDocument"));
    const { Policy } = await on.account.iam.send(
      new CreatePolicyCommand({ PolicyName: freshName("policy"), PolicyDocument }),
    );
    for (const RoleName of await rolesOf(properties)) {
      await on.account.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
    }
    return { id: given(Policy?.Arn) };
  },

  /** moto lacks the call, and an account does not tell. */
  "AWS::EC2::SecurityGroupVpcAssociation": async () => nameless,

  "AWS::Lambda::Function": (site) => makeFunction(site, "VpcConfig", "Role"),
  "AWS::Synthetics::Canary": (site) => makeFunction(site, "VPCConfig", "ExecutionRoleArn"),
};

/** The exclusions that a template declares, for the answers of one proxy. */
const exclusions = new WeakMap<object, string[]>();
let blocks = 0;

export function forgetExclusions(proxy: object): void {
  exclusions.delete(proxy);
}

async function makeFunction({ on, resource, properties, functions }: Site, property: string, roleProperty: string) {
  if (await isGiven(properties, "CapacityProviderConfig")) throw new NotReplayable("moto: capacity providers");
  const [config] = await properties.maps(property);
  const subnets = (await config?.ids("SubnetIds", "subnet")) ?? [];
  const groups = (await config?.ids("SecurityGroupIds", "group")) ?? [];
  if ((subnets.length === 0) !== (groups.length === 0)) throw new NotReplayable("AWS: half a VpcConfig");
  const Role = await properties.id(roleProperty, "role");
  const name = freshName(resource.id);
  await on.account.fn(name, subnets, groups, Role === undefined ? {} : { Role });
  functions.set(resource.id, name);
  // moto does not keep the flag.
  if ((await config?.flag("Ipv6AllowedForDualStack")) === true) {
    on.proxy.add(({ action }) =>
      action === "lambda:GetFunctionConfiguration"
        ? (body) =>
            body.includes(`"${name}"`)
              ? body.replace('"VpcConfig": {', '"VpcConfig": {"Ipv6AllowedForDualStack": true, ')
              : body
        : undefined,
    );
  }
  return { id: name };
}

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
async function runInstance(on: Site["on"], place: object, check?: boolean): Promise<Made & { readonly card: string }> {
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

async function makeVpnGateway(ec2: Ec2): Promise<string> {
  const { VpnGateway } = await ec2.send(new CreateVpnGatewayCommand({ Type: "ipsec.1" }));
  return given(VpnGateway?.VpnGatewayId);
}

async function makeTransitGateway(ec2: Ec2): Promise<string> {
  const { TransitGateway } = await ec2.send(new CreateTransitGatewayCommand({}));
  return given(TransitGateway?.TransitGatewayId);
}

async function makePeering(ec2: Ec2, VpcId: string, PeerVpcId: string): Promise<string> {
  const answer = await ec2.send(new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId }));
  return given(answer.VpcPeeringConnection?.VpcPeeringConnectionId);
}

async function makeList(ec2: Ec2, Entries: { Cidr: string }[]): Promise<string> {
  const AddressFamily = Entries.some(({ Cidr }) => Cidr.includes(":")) ? "IPv6" : "IPv4";
  const input = { PrefixListName: freshName("list"), AddressFamily, MaxEntries: 20, Entries };
  return given((await ec2.send(new CreateManagedPrefixListCommand(input))).PrefixList?.PrefixListId);
}

async function makeVpc(ec2: Ec2, CidrBlock: string, tenancy: string): Promise<Made> {
  const InstanceTenancy = tenancy === "dedicated" ? "dedicated" : "default";
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock, InstanceTenancy }));
  const id = given(Vpc?.VpcId);
  homes.set(id, new Set([homeOf(CidrBlock)]));
  const Filters = [{ Name: "vpc-id", Values: [id] }];
  const ask = async (attribute: string): Promise<string | undefined> => {
    switch (attribute) {
      case "DefaultNetworkAcl":
        return (await ec2.send(new DescribeNetworkAclsCommand({ Filters }))).NetworkAcls?.find((one) => one.IsDefault)
          ?.NetworkAclId;
      case "DefaultSecurityGroup":
        return (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups?.find(
          ({ GroupName }) => GroupName === "default",
        )?.GroupId;
      default:
        return undefined;
    }
  };
  return { id, attributes: { CidrBlock, "Ipv6CidrBlocks[0]": "provided" }, ask };
}

/** The space of each VPC, by the first two numbers of its blocks. */
const homes = new Map<string, Set<string>>();

function homeOf(cidr: string): string {
  return `${cidr.split(".").slice(0, 2).join(".")}.`;
}

/** AWS lets all IPv6 through the default ACL of a VPC that has IPv6, and moto does not. */
async function admitIpv6(ec2: Ec2, vpc: string): Promise<void> {
  const Filters = [
    { Name: "vpc-id", Values: [vpc] },
    { Name: "default", Values: ["true"] },
  ];
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
  for (const Egress of [true, false]) {
    const rule = { RuleNumber: 101, Protocol: "-1", RuleAction: "allow", Ipv6CidrBlock: "::/0", Egress } as const;
    await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId: NetworkAcls?.[0]?.NetworkAclId, ...rule }));
  }
}

interface SubnetInput {
  readonly VpcId: string;
  readonly CidrBlock?: string;
  readonly AvailabilityZone?: string | undefined;
  readonly ipv6?: boolean;
}

/** Adds a subnet, in space that the VPC is given for it where the template does not say which. */
async function addSubnet({ on }: Pick<Site, "on">, { VpcId, CidrBlock, AvailabilityZone, ipv6 }: SubnetInput) {
  const { ec2 } = on.account;
  const wanted = CidrBlock ?? `100.64.${blocks++ % 256}.0/24`;
  const own = homes.get(VpcId) ?? new Set();
  if (!own.has(homeOf(wanted))) {
    own.add(homeOf(wanted));
    await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: `${homeOf(wanted)}0.0/16` }));
  }
  const block = ipv6 === true ? await ipv6Of(ec2, VpcId) : undefined;
  const input = {
    VpcId,
    CidrBlock: wanted,
    AvailabilityZone: AvailabilityZone ?? `${region}a`,
    ...(block !== undefined
      ? { Ipv6CidrBlock: block.replace(/00::\/56$/, `${(blocks++ % 256).toString(16).padStart(2, "0")}::/64`) }
      : {}),
  };
  return given((await ec2.send(new CreateSubnetCommand(input))).Subnet?.SubnetId);
}

async function ipv6Of(ec2: Ec2, vpc: string): Promise<string | undefined> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpc] }));
  return Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock;
}

async function zoneOf(properties: Properties): Promise<string | undefined> {
  const zone = (await properties.text("AvailabilityZone")) ?? "";
  return /[a-f]$/.test(zone) ? region + zone.slice(-1) : undefined;
}

async function revokeAll(ec2: Ec2, GroupId: string): Promise<void> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const IpPermissions = SecurityGroups?.[0]?.IpPermissionsEgress ?? [];
  if (IpPermissions.length > 0) await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

/** CloudFormation takes EC2's own rule away for the first rule that stands by itself. */
async function revokeAllowAll(ec2: Ec2, GroupId: string): Promise<void> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const own = SecurityGroups?.[0]?.IpPermissionsEgress ?? [];
  const allowAll = own.filter(({ IpProtocol }) => IpProtocol === "-1");
  if (allowAll.length > 0) {
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: allowAll }));
  }
}

async function authorize(ec2: Ec2, GroupId: string, peer: "Destination" | "Source", rule: Properties): Promise<void> {
  const [from, to] = [await rule.text("FromPort"), await rule.text("ToPort")];
  const [v4, v6] = [await rule.text("CidrIp"), await rule.text("CidrIpv6")];
  const list = await rule.id(`${peer}PrefixListId`, "list");
  const group = await rule.id(`${peer}SecurityGroupId`, "group");
  const permission = {
    IpProtocol: (await rule.text("IpProtocol")) ?? "-1",
    ...(from === undefined ? {} : { FromPort: Number(from) }),
    ...(to === undefined ? {} : { ToPort: Number(to) }),
    ...(v4 === undefined ? {} : { IpRanges: [{ CidrIp: v4 }] }),
    ...(v6 === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6: v6 }] }),
    ...(list === undefined ? {} : { PrefixListIds: [{ PrefixListId: list }] }),
    ...(group === undefined ? {} : { UserIdGroupPairs: [{ GroupId: group }] }),
  };
  const input = { GroupId, IpPermissions: [permission] };
  await (peer === "Source"
    ? ec2.send(new AuthorizeSecurityGroupIngressCommand(input))
    : ec2.send(new AuthorizeSecurityGroupEgressCommand(input)));
}

async function attachDocument({ on, properties }: Site): Promise<Made> {
  const document = await properties.plain("PolicyDocument");
  for (const RoleName of await rolesOf(properties)) await putPolicy(on, RoleName, document);
  return nameless;
}

async function rolesOf(properties: Properties): Promise<string[]> {
  const [roles, role] = [await properties.plain("Roles"), await properties.plain("RoleName")];
  return [roles, role].flat().filter((one) => typeof one === "string");
}

/** Returns the ARN for the name of a policy of AWS, as SAM looks it up (translator 1.110, policies.py). */
export function samPolicy(name: string): string {
  const path = /^AWSLambda(?:Basic|VPCAccess|SQSQueue|DynamoDB|Kinesis|MSK|ENIManagement)/.test(name)
    ? "service-role/"
    : "";
  return `arn:aws:iam::aws:policy/${path}${name}`;
}

async function attach({ account }: Site["on"], RoleName: string, PolicyArn: string): Promise<void> {
  try {
    await account.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith("NoSuchEntity"))) throw error;
    throw new NotReplayable("AWS: no such policy");
  }
}

async function putPolicy({ account }: Site["on"], RoleName: string, document: unknown): Promise<void> {
  const PolicyDocument = documentOf(document);
  await account.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: freshName("inline"), PolicyDocument }));
}

/** AWS demands the version, which SAM's policies may leave out. */
function documentOf(document: unknown): string {
  if (typeof document === "string") return document;
  const whole = { Version: "2012-10-17", ...(typeof document === "object" ? document : {}) };
  // IAM refuses a document without statements, which is what SAM's templates for other services come to here.
  const nothing = { Effect: "Allow", Action: "none:None", Resource: "*" };
  const isEmpty = "Statement" in whole && Array.isArray(whole.Statement) && whole.Statement.length === 0;
  return JSON.stringify(isEmpty ? { ...whole, Statement: [nothing] } : whole);
}

async function isGiven(properties: Properties, name: string): Promise<boolean> {
  try {
    return (await properties.plain(name)) !== undefined;
  } catch {
    return true;
  }
}

async function outsideOnly(what: string): Promise<never> {
  throw new NotReplayable(what);
}

function given(value: string | undefined, why = "the account gave no id"): string {
  if (value === undefined) throw new NotReplayable(why);
  return value;
}

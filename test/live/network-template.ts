/** A random network as a template. */
import { distinct, type Machine, type Plan, type Via } from "./random-network";

type Resources = Record<string, object>;

const ref = (name: string) => ({ Ref: name });
const attribute = (name: string, of: string) => ({ "Fn::GetAtt": [name, of] });
const resource = (type: string, Properties: object) => ({ Type: `AWS::${type}`, Properties });
const VpcId = ref("Vpc");

/** Returns the template of a plan. */
export function templateOf(plan: Plan): string {
  const Resources: Resources = {
    Vpc: resource("EC2::VPC", { CidrBlock: "10.0.0.0/16" }),
    Gateway: resource("EC2::InternetGateway", {}),
    EgressOnly: resource("EC2::EgressOnlyInternetGateway", { VpcId }),
    List: resource("EC2::PrefixList", {
      PrefixListName: "some",
      AddressFamily: "IPv4",
      MaxEntries: 2,
      Entries: [{ Cidr: "0.0.0.0/2" }, { Cidr: "64.0.0.0/3" }],
    }),
    OtherVpc: resource("EC2::VPC", { CidrBlock: "10.1.0.0/16" }),
    Peering: resource("EC2::VPCPeeringConnection", { VpcId, PeerVpcId: ref("OtherVpc") }),
    Transit: resource("EC2::TransitGateway", {}),
    ...(plan.attached
      ? { Attachment: resource("EC2::VPCGatewayAttachment", { VpcId, InternetGatewayId: ref("Gateway") }) }
      : {}),
    ...(plan.ipv6.inVpc ? { Block: resource("EC2::VPCCidrBlock", { VpcId, AmazonProvidedIpv6CidrBlock: true }) } : {}),
    ...subnetsOf(plan),
    ...natsOf(plan),
    ...machineOf(plan.machine),
    ...routesOf(plan),
    ...aclsOf(plan),
    ...functionOf(plan),
  };
  // Nothing but what the routes lead to is worth its calls.
  const used = new Set(plan.tables.flatMap(({ routes }) => routes.map(({ via }) => via)));
  const idle: [string, boolean][] = [
    ["OtherVpc", used.has("peering")],
    ["Peering", used.has("peering")],
    ["Transit", used.has("transit")],
    ["Inspector", used.has("inspector")],
    ["EgressOnly", used.has("egress-only")],
    ...["Card", "Machine", "MachineGroup", "MachineEip", "MachineAddress"].map((name): [string, boolean] => [
      name,
      used.has("machine"),
    ]),
  ];
  for (const [name, isUsed] of idle) if (!isUsed) delete Resources[name];
  return JSON.stringify({ Resources }, undefined, 2);
}

function subnetsOf({ subnets, ipv6: { inVpc } }: Plan): Resources {
  const made: Resources = {};
  for (const [at, { table, acl, ipv6 }] of subnets.entries()) {
    const SubnetId = ref(`Subnet${at}`);
    const blocks = { "Fn::Cidr": [{ "Fn::Select": [0, attribute("Vpc", "Ipv6CidrBlocks")] }, 8, 64] };
    made[`Subnet${at}`] = resource("EC2::Subnet", {
      VpcId,
      CidrBlock: `10.0.${at}.0/24`,
      ...(inVpc && ipv6 ? { Ipv6CidrBlock: { "Fn::Select": [at, blocks] } } : {}),
    });
    if (table !== undefined) {
      const properties = { SubnetId, RouteTableId: ref(`Table${table}`) };
      made[`TableOf${at}`] = resource("EC2::SubnetRouteTableAssociation", properties);
    }
    if (acl !== undefined) {
      const properties = { SubnetId, NetworkAclId: ref(`Acl${acl}`) };
      made[`AclOf${at}`] = resource("EC2::SubnetNetworkAclAssociation", properties);
    }
  }
  return made;
}

function natsOf({ nats }: Plan): Resources {
  const made: Resources = {};
  for (const [at, { subnet, connectivity }] of nats.entries()) {
    const SubnetId = ref(`Subnet${subnet}`);
    const isPublic = connectivity === "public";
    if (isPublic) made[`Eip${at}`] = resource("EC2::EIP", { Domain: "vpc" });
    const address = isPublic ? { AllocationId: attribute(`Eip${at}`, "AllocationId") } : {};
    made[`Nat${at}`] = resource("EC2::NatGateway", { SubnetId, ConnectivityType: connectivity, ...address });
  }
  return made;
}

/** A route that leads to the interface needs one that is a resource. */
function machineOf({ subnet, checks, hasAddress, letsIn, apart }: Machine): Resources {
  const SubnetId = ref(`Subnet${subnet}`);
  const Groups = [ref("MachineGroup")];
  const place = apart
    ? { NetworkInterfaces: [{ DeviceIndex: "0", NetworkInterfaceId: ref("Card") }] }
    : { SubnetId, SecurityGroupIds: Groups, SourceDestCheck: !checks ? false : undefined };
  return {
    MachineGroup: resource("EC2::SecurityGroup", {
      GroupDescription: "Machine",
      VpcId,
      SecurityGroupIngress: [{ IpProtocol: "-1", CidrIp: letsIn }],
    }),
    Card: resource("EC2::NetworkInterface", { SubnetId, GroupSet: Groups, SourceDestCheck: checks }),
    Machine: resource("EC2::Instance", { ImageId: "ami-12c6146b", ...place }),
    MachineEip: resource("EC2::EIP", { Domain: "vpc" }),
    ...(hasAddress
      ? {
          MachineAddress: resource("EC2::EIPAssociation", {
            AllocationId: attribute("MachineEip", "AllocationId"),
            ...(apart ? { NetworkInterfaceId: ref("Card") } : { InstanceId: ref("Machine") }),
          }),
        }
      : {}),
  };
}

function routesOf({ tables, storage, inspector, machine }: Plan): Resources {
  const made: Resources = {
    Inspector: resource("EC2::VPCEndpoint", {
      VpcId,
      VpcEndpointType: "GatewayLoadBalancer",
      ServiceName: "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0",
      SubnetIds: [ref(`Subnet${inspector}`)],
    }),
  };
  const targetOf = (via: Via): object => {
    switch (via) {
      case "gateway":
        return { GatewayId: ref("Gateway") };
      case "egress-only":
        return { EgressOnlyInternetGatewayId: ref("EgressOnly") };
      case "machine":
        return machine.apart ? { NetworkInterfaceId: ref("Card") } : { InstanceId: ref("Machine") };
      case "peering":
        return { VpcPeeringConnectionId: ref("Peering") };
      case "transit":
        return { TransitGatewayId: ref("Transit") };
      case "inspector":
        return { VpcEndpointId: ref("Inspector") };
      default:
        return { NatGatewayId: ref(`Nat${via}`) };
    }
  };
  for (const [table, { routes }] of tables.entries()) {
    made[`Table${table}`] = resource("EC2::RouteTable", { VpcId });
    for (const [at, { to, via }] of routes.entries()) {
      const destination =
        to === "list"
          ? { DestinationPrefixListId: ref("List") }
          : { [to.includes(":") ? "DestinationIpv6CidrBlock" : "DestinationCidrBlock"]: to };
      const properties = { RouteTableId: ref(`Table${table}`), ...destination, ...targetOf(via) };
      made[`Route${table}x${at}`] = resource("EC2::Route", properties);
    }
  }
  if (storage !== undefined) {
    const RouteTableIds = storage.map((table) => ref(`Table${table}`));
    made.Storage = resource("EC2::VPCEndpoint", { VpcId, ServiceName: "com.amazonaws.eu-west-1.s3", RouteTableIds });
  }
  return made;
}

function aclsOf({ acls }: Plan): Resources {
  const made: Resources = {};
  for (const [acl, { entries }] of acls.entries()) {
    made[`Acl${acl}`] = resource("EC2::NetworkAcl", { VpcId });
    for (const [at, { cidr, ports: range, number, egress, action }] of entries.entries()) {
      made[`Entry${acl}x${at}`] = resource("EC2::NetworkAclEntry", {
        NetworkAclId: ref(`Acl${acl}`),
        RuleNumber: number,
        RuleAction: action,
        Egress: egress,
        [cidr.includes(":") ? "Ipv6CidrBlock" : "CidrBlock"]: cidr,
        Protocol: range === undefined ? -1 : 6,
        ...(range === undefined ? {} : { PortRange: { From: range[0], To: range[1] } }),
      });
    }
  }
  return made;
}

function functionOf({ egress, chosen, ipv6: { allowed } }: Plan): Resources {
  const rules = distinct(egress ?? [], (one) => JSON.stringify(one)).map(({ cidr, ports: range }) => ({
    ...(cidr === "list"
      ? { DestinationPrefixListId: ref("List") }
      : { [cidr.includes(":") ? "CidrIpv6" : "CidrIp"]: cidr }),
    ...(range === undefined ? { IpProtocol: "-1" } : { IpProtocol: "tcp", FromPort: range[0], ToPort: range[1] }),
  }));
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  return {
    Group: resource("EC2::SecurityGroup", {
      GroupDescription: "Functions",
      VpcId,
      ...(egress === undefined ? {} : { SecurityGroupEgress: rules }),
    }),
    Role: resource("IAM::Role", {
      AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [trust] },
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"],
    }),
    Worker: resource("Lambda::Function", {
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Code: { ZipFile: "exports.handler = () => {}" },
      Role: attribute("Role", "Arn"),
      VpcConfig: {
        SubnetIds: chosen.map((at) => ref(`Subnet${at}`)),
        SecurityGroupIds: [ref("Group")],
        Ipv6AllowedForDualStack: allowed,
      },
    }),
  };
}

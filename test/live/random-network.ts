/** Random networks around one function, as templates; `replay` builds the same in an account. */
import fc from "fast-check";

/** A network, its parts named by their places in the lists. */
export interface Plan {
  readonly attached: boolean;
  /** Whether the VPC has IPv6, and the function uses it. */
  readonly ipv6: { readonly inVpc: boolean; readonly allowed: boolean };
  readonly nats: readonly { readonly subnet: number; readonly connectivity: "public" | "private" }[];
  readonly machine: Machine;
  /** The subnet of the endpoint that inspects. */
  readonly inspector: number;
  readonly tables: readonly { readonly routes: readonly Route[] }[];
  /** A subnet without table uses the main one, a subnet without ACL the default one. */
  readonly subnets: readonly Subnet[];
  readonly acls: readonly { readonly entries: readonly Entry[] }[];
  /** The tables of an endpoint for S3; undefined for none. */
  readonly storage: readonly number[] | undefined;
  /** What the function's group lets out; undefined for EC2's own rule. */
  readonly egress: readonly Rule[] | undefined;
  /** The function's subnets. */
  readonly chosen: readonly number[];
}

interface Subnet {
  readonly table: number | undefined;
  readonly acl: number | undefined;
  readonly ipv6: boolean;
}

/** What may be a NAT instance. */
interface Machine {
  readonly subnet: number;
  readonly checks: boolean;
  readonly hasAddress: boolean;
  readonly letsIn: string;
  /** Whether its interface is a resource of its own. */
  readonly apart: boolean;
}

type Via = number | "gateway" | "egress-only" | "machine" | "peering" | "transit" | "inspector";

interface Route {
  /** A block of either family, or `list`. */
  readonly to: string;
  readonly via: Via;
}

interface Rule {
  /** A block of either family, or `list`. */
  readonly cidr: string;
  /** Undefined for all protocols. */
  readonly ports: readonly [from: number, to: number] | undefined;
}

interface Entry extends Rule {
  readonly number: number;
  readonly egress: boolean;
  readonly action: "allow" | "deny";
}

const ports = fc.constantFrom<Rule["ports"]>(undefined, [443, 443], [1024, 65535], [0, 65535], [80, 80]);
const rule = fc.record({
  cidr: fc.constantFrom("0.0.0.0/0", "10.0.0.0/16", "52.0.0.0/8", "0.0.0.0/1", "::/0", "list"),
  ports,
});
const entry = fc.record({
  cidr: fc.constantFrom("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "52.0.0.0/8", "::/0"),
  ports,
  number: fc.integer({ min: 1, max: 20 }),
  egress: fc.boolean(),
  action: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
});
const both = ["0.0.0.0/0", "::/0"].map((cidr): Rule => ({ cidr, ports: undefined }));
const ipv4 = ["0.0.0.0/0", "0.0.0.0/0", "52.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1", "172.16.0.0/12", "list"];
const ipv6 = ["::/0", "::/0", "2000::/3", "2600::/12"];

const mostly = <T>(sound: T, odd: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(sound) }, { weight: 1, arbitrary: odd });

/** Returns the items without those that say the same of the same. */
const distinct = <T>(items: readonly T[], by: (item: T) => string): T[] => [
  ...new Map(items.map((one) => [by(one), one])).values(),
];

/**
 * Mostly sound networks with a fault or two, for a network of faults alone ends at its first hop: a public subnet
 * with a NAT gateway, up to three private ones behind it, and at each place now and then something else.
 */
export const plans: fc.Arbitrary<Plan> = fc
  .record({ subnets: fc.integer({ min: 2, max: 4 }), nats: fc.integer({ min: 1, max: 2 }), acls: fc.nat(2) })
  .chain((count) => {
    const anySubnet = fc.nat(count.subnets - 1);
    const natOrGateway = fc.constantFrom<Via>("gateway", ...Array(count.nats).keys());
    const others = fc.constantFrom<Via>("machine", "machine", "peering", "transit", "inspector");
    const via = fc.oneof({ weight: 2, arbitrary: natOrGateway }, { weight: 1, arbitrary: others });
    const route4 = fc.record({ to: fc.constantFrom(...ipv4), via });
    const route6 = fc.record({
      to: fc.constantFrom(...ipv6),
      via: fc.constantFrom<Via>("egress-only", "egress-only", "gateway", "transit"),
    });
    const towards = (target: Via, target6: Via) =>
      fc
        .tuple(
          mostly<readonly Route[]>(
            [{ to: "0.0.0.0/0", via: target }],
            fc.oneof(
              fc.constant([]),
              others.map((odd) => [{ to: "0.0.0.0/0", via: odd }]),
            ),
            4,
          ),
          fc.oneof(fc.constant([]), fc.array(route4, { maxLength: 1 })),
          mostly<readonly Route[]>([{ to: "::/0", via: target6 }], fc.array(route6, { maxLength: 1 }), 2),
        )
        .map((routes) => ({ routes: distinct<Route>(routes.flat(), ({ to }) => to) }));
    const acl =
      count.acls === 0 ? fc.constant(undefined) : mostly<number | undefined>(undefined, fc.nat(count.acls - 1), 3);
    const allowAll = (["0.0.0.0/0", "::/0"] as const).flatMap((cidr, index) =>
      [true, false].map((egress): Entry => ({ cidr, ports: undefined, number: 50 + index, egress, action: "allow" })),
    );
    const entries = fc
      .tuple(mostly<readonly Entry[]>(allowAll, fc.constant([])), fc.array(entry, { maxLength: 3 }))
      .map((lists) => distinct(lists.flat(), ({ number, egress }) => `${number} ${egress}`));
    const anyTable = fc.option(fc.nat(2), { nil: undefined });
    return fc.record<Plan>({
      attached: mostly(true, fc.constant(false), 15),
      ipv6: fc.record({ inVpc: mostly(true, fc.constant(false), 2), allowed: mostly(true, fc.constant(false), 3) }),
      nats: fc.tuple(
        ...Array.from({ length: count.nats }, () =>
          fc.record({
            subnet: mostly(0, anySubnet),
            connectivity: mostly<"public" | "private">("public", fc.constant("private"), 10),
          }),
        ),
      ),
      machine: fc.record({
        subnet: mostly(0, anySubnet),
        checks: mostly(false, fc.constant(true), 4),
        hasAddress: mostly(true, fc.constant(false), 4),
        letsIn: mostly("10.0.0.0/16", fc.constantFrom("10.0.1.0/24", "192.168.0.0/16"), 4),
        apart: fc.boolean(),
      }),
      inspector: anySubnet,
      tables: fc.tuple(
        towards("gateway", "gateway"),
        towards(0, "egress-only"),
        towards(count.nats - 1, "egress-only"),
      ),
      subnets: fc.tuple(
        ...Array.from({ length: count.subnets }, (_, at) =>
          fc.record({
            table: mostly<number | undefined>(at === 0 ? 0 : 1, anyTable, 4),
            acl,
            ipv6: mostly(true, fc.constant(false)),
          }),
        ),
      ),
      acls: fc.array(fc.record({ entries }), { minLength: count.acls, maxLength: count.acls }),
      storage: mostly<Plan["storage"]>(undefined, fc.uniqueArray(fc.nat(2), { maxLength: 3 }), 3),
      // Whether EC2's own rule lets IPv6 out, the template leaves open.
      egress: fc.oneof(
        { weight: 3, arbitrary: fc.constant(both) },
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.array(rule, { minLength: 1, maxLength: 2 }) },
      ),
      chosen: fc.uniqueArray(mostly(1, anySubnet, 2), { minLength: 1, maxLength: 2 }),
    });
  });

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

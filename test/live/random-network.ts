/** Random networks around one function: as a template, and as the calls that build the same in an account. */
import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupEgressCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSubnetCommand,
  DescribeNetworkAclsCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import fc from "fast-check";
import { type Account, region } from "./account";

/** A network, its parts named by their places in the lists. */
export interface Plan {
  readonly attached: boolean;
  readonly nats: readonly { readonly subnet: number; readonly connectivity: "public" | "private" }[];
  readonly tables: readonly { readonly routes: readonly Route[] }[];
  /** A subnet without table uses the main one, a subnet without ACL the default one. */
  readonly subnets: readonly { readonly table: number | undefined; readonly acl: number | undefined }[];
  readonly acls: readonly { readonly entries: readonly Entry[] }[];
  /** What the function's group lets out; undefined for EC2's own rule. */
  readonly egress: readonly Rule[] | undefined;
  /** The function's subnets. */
  readonly chosen: readonly number[];
}

interface Route {
  readonly to: string;
  readonly via: number | "igw";
}

interface Rule {
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
const rule = fc.record({ cidr: fc.constantFrom("0.0.0.0/0", "10.0.0.0/16", "52.0.0.0/8", "0.0.0.0/1"), ports });
const entry = fc.record({
  cidr: fc.constantFrom("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "52.0.0.0/8"),
  ports,
  number: fc.integer({ min: 1, max: 20 }),
  egress: fc.boolean(),
  action: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
});
const destinations = ["0.0.0.0/0", "0.0.0.0/0", "52.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1", "172.16.0.0/12"];

const mostly = <T>(sound: T, odd: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(sound) }, { weight: 1, arbitrary: odd });

/**
 * Mostly sound networks with a fault or two, for a network of faults alone ends at its first hop: a public subnet
 * with a NAT gateway, up to three private ones behind it, and at each place now and then something else.
 */
export const plans: fc.Arbitrary<Plan> = fc
  .record({ subnets: fc.integer({ min: 2, max: 4 }), nats: fc.integer({ min: 1, max: 2 }), acls: fc.nat(2) })
  .chain((count) => {
    const via = fc.constantFrom<number | "igw">("igw", ...Array(count.nats).keys());
    const more = fc.array(fc.record({ to: fc.constantFrom(...destinations), via }), { maxLength: 1 });
    const towards = (target: number | "igw") =>
      fc
        .tuple(
          mostly<readonly Route[]>([{ to: "0.0.0.0/0", via: target }], fc.constant([])),
          fc.oneof(fc.constant([]), more),
        )
        .map(([usual, odd]) => ({ routes: [...new Map([...usual, ...odd].map((one) => [one.to, one])).values()] }));
    const acl =
      count.acls === 0 ? fc.constant(undefined) : mostly<number | undefined>(undefined, fc.nat(count.acls - 1), 3);
    const allowAll = ([true, false] as const).map(
      (egress): Entry => ({ cidr: "0.0.0.0/0", ports: undefined, number: 50, egress, action: "allow" }),
    );
    const entries = fc
      .tuple(mostly<readonly Entry[]>(allowAll, fc.constant([])), fc.array(entry, { maxLength: 3 }))
      .map(([usual, odd]) => [
        ...new Map([...usual, ...odd].map((one) => [`${one.number} ${one.egress}`, one])).values(),
      ]);
    const anywhere = fc.option(fc.nat(2), { nil: undefined });
    return fc.record<Plan>({
      attached: mostly(true, fc.constant(false), 15),
      nats: fc.tuple(
        ...Array.from({ length: count.nats }, () =>
          fc.record({
            subnet: mostly(0, fc.nat(count.subnets - 1)),
            connectivity: mostly<"public" | "private">("public", fc.constant("private"), 10),
          }),
        ),
      ),
      tables: fc.tuple(towards("igw"), towards(0), towards(count.nats - 1)),
      subnets: fc.tuple(
        ...Array.from({ length: count.subnets }, (_, at) =>
          fc.record({ table: mostly<number | undefined>(at === 0 ? 0 : 1, anywhere, 4), acl }),
        ),
      ),
      acls: fc.array(fc.record({ entries }), { minLength: count.acls, maxLength: count.acls }),
      egress: mostly<Plan["egress"]>(undefined, fc.array(rule, { minLength: 1, maxLength: 2 }), 3),
      chosen: fc.uniqueArray(mostly(1, fc.nat(count.subnets - 1), 2), { minLength: 1, maxLength: 2 }),
    });
  });

/** Returns the template of a plan. */
export function templateOf({ attached, nats, tables, subnets, acls, egress, chosen }: Plan): string {
  const ref = (name: string) => ({ Ref: name });
  const resource = (type: string, properties: object, more: object = {}) => ({
    Type: `AWS::${type}`,
    ...more,
    Properties: properties,
  });
  const VpcId = ref("Vpc");
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const ManagedPolicyArns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"];
  const Resources: Record<string, object> = {
    Vpc: resource("EC2::VPC", { CidrBlock: "10.0.0.0/16" }),
    Igw: resource("EC2::InternetGateway", {}),
    ...(attached
      ? { Attachment: resource("EC2::VPCGatewayAttachment", { VpcId, InternetGatewayId: ref("Igw") }) }
      : {}),
    Group: resource("EC2::SecurityGroup", {
      GroupDescription: "Functions",
      VpcId,
      ...(egress === undefined
        ? {}
        : { SecurityGroupEgress: egress.map((one) => ({ CidrIp: one.cidr, ...protocolOf(one) })) }),
    }),
    Role: resource("IAM::Role", {
      AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [trust] },
      ManagedPolicyArns,
    }),
    Worker: resource("Lambda::Function", {
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Code: { ZipFile: "exports.handler = () => {}" },
      Role: { "Fn::GetAtt": ["Role", "Arn"] },
      VpcConfig: { SubnetIds: chosen.map((at) => ref(`Subnet${at}`)), SecurityGroupIds: [ref("Group")] },
    }),
  };
  subnets.forEach(({ table, acl }, at) => {
    const SubnetId = ref(`Subnet${at}`);
    Resources[`Subnet${at}`] = resource("EC2::Subnet", { VpcId, CidrBlock: `10.0.${at}.0/24` });
    if (table !== undefined) {
      const properties = { SubnetId, RouteTableId: ref(`Table${table}`) };
      Resources[`TableOf${at}`] = resource("EC2::SubnetRouteTableAssociation", properties);
    }
    if (acl !== undefined) {
      const properties = { SubnetId, NetworkAclId: ref(`Acl${acl}`) };
      Resources[`AclOf${at}`] = resource("EC2::SubnetNetworkAclAssociation", properties);
    }
  });
  nats.forEach(({ subnet, connectivity }, at) => {
    const SubnetId = ref(`Subnet${subnet}`);
    const isPublic = connectivity === "public";
    if (isPublic) Resources[`Eip${at}`] = resource("EC2::EIP", { Domain: "vpc" });
    const address = isPublic ? { AllocationId: { "Fn::GetAtt": [`Eip${at}`, "AllocationId"] } } : {};
    Resources[`Nat${at}`] = resource("EC2::NatGateway", { SubnetId, ConnectivityType: connectivity, ...address });
  });
  tables.forEach(({ routes }, table) => {
    Resources[`Table${table}`] = resource("EC2::RouteTable", { VpcId });
    routes.forEach(({ to, via }, at) => {
      const target = via === "igw" ? { GatewayId: ref("Igw") } : { NatGatewayId: ref(`Nat${via}`) };
      const properties = { RouteTableId: ref(`Table${table}`), DestinationCidrBlock: to, ...target };
      Resources[`Route${table}x${at}`] = resource("EC2::Route", properties);
    });
  });
  acls.forEach(({ entries }, acl) => {
    Resources[`Acl${acl}`] = resource("EC2::NetworkAcl", { VpcId });
    entries.forEach((one, at) => {
      Resources[`Entry${acl}x${at}`] = resource("EC2::NetworkAclEntry", {
        NetworkAclId: ref(`Acl${acl}`),
        RuleNumber: one.number,
        RuleAction: one.action,
        Egress: one.egress,
        CidrBlock: one.cidr,
        Protocol: one.ports === undefined ? -1 : 6,
        ...(one.ports === undefined ? {} : { PortRange: { From: one.ports[0], To: one.ports[1] } }),
      });
    });
  });
  return JSON.stringify({ Resources }, undefined, 2);
}

/** Builds a plan in an account. Returns the logical id for each of AWS's ids, and the function's name. */
export async function build(account: Account, plan: Plan, name: string) {
  const { ec2 } = account;
  const names = new Map<string, string>();
  const called = (id: string | undefined, logical: string): string => {
    if (id === undefined) throw new Error(`the account gave no id for ${logical}`);
    names.set(id, logical);
    return id;
  };
  const vpc = called(await account.vpc(), "Vpc");
  const igw = called(await account.internetGateway(plan.attached ? vpc : undefined), "Igw");
  const subnets: string[] = [];
  for (const at of plan.subnets.keys()) {
    const input = { VpcId: vpc, CidrBlock: `10.0.${at}.0/24`, AvailabilityZone: `${region}a` };
    subnets.push(called((await ec2.send(new CreateSubnetCommand(input))).Subnet?.SubnetId, `Subnet${at}`));
  }
  const nats: string[] = [];
  for (const [at, { subnet, connectivity }] of plan.nats.entries()) {
    nats.push(called(await account.nat(subnets[subnet] ?? "", connectivity), `Nat${at}`));
  }
  const tables: string[] = [];
  for (const [at, { routes }] of plan.tables.entries()) {
    const table = called(await account.table(vpc), `Table${at}`);
    tables.push(table);
    for (const [index, { to, via }] of routes.entries()) {
      const target = via === "igw" ? { GatewayId: igw } : { NatGatewayId: nats[via] ?? "" };
      await account.route(table, { DestinationCidrBlock: to, ...target });
      names.set(`${table}|${to}`, `Route${at}x${index}`);
    }
  }
  const acls: string[] = [];
  for (const [at, { entries }] of plan.acls.entries()) {
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: vpc }));
    const NetworkAclId = called(NetworkAcl?.NetworkAclId, `Acl${at}`);
    acls.push(NetworkAclId);
    for (const one of entries) {
      await ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId,
          RuleNumber: one.number,
          RuleAction: one.action,
          Egress: one.egress,
          CidrBlock: one.cidr,
          Protocol: one.ports === undefined ? "-1" : "6",
          ...(one.ports === undefined ? {} : { PortRange: { From: one.ports[0], To: one.ports[1] } }),
        }),
      );
    }
  }
  for (const [at, { table, acl }] of plan.subnets.entries()) {
    const SubnetId = subnets[at] ?? "";
    if (table !== undefined) {
      await ec2.send(new AssociateRouteTableCommand({ SubnetId, RouteTableId: tables[table] ?? "" }));
    }
    if (acl !== undefined) await useAcl(account, SubnetId, acls[acl] ?? "");
  }
  const group = called(await account.group(vpc), "Group");
  if (plan.egress !== undefined) await replaceEgress(account, group, plan.egress);
  const chosen = plan.chosen.map((at) => subnets[at] ?? "");
  await account.fn(name, chosen, [group]);
  return names;
}

async function useAcl({ ec2 }: Account, subnet: string, NetworkAclId: string): Promise<void> {
  const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
  const own = NetworkAcls.flatMap(({ Associations = [] }) => Associations).find(({ SubnetId }) => SubnetId === subnet);
  const AssociationId = own?.NetworkAclAssociationId;
  await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
}

async function replaceEgress({ ec2 }: Account, GroupId: string, rules: readonly Rule[]): Promise<void> {
  const allowAll = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: allowAll }));
  const distinct = new Map(rules.map((one) => [JSON.stringify(one), one]));
  const IpPermissions = [...distinct.values()].map((one) => ({
    ...protocolOf(one),
    IpRanges: [{ CidrIp: one.cidr }],
  }));
  await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

function protocolOf({ ports: range }: Rule) {
  if (range === undefined) return { IpProtocol: "-1" };
  return { IpProtocol: "tcp", FromPort: range[0], ToPort: range[1] };
}

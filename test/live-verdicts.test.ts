/** Every kind of verdict, from a network that was made through AWS's own API in an account of moto. */
import assert from "node:assert/strict";
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateTransitGatewayCommand,
  CreateVpcEndpointCommand,
  CreateVpcPeeringConnectionCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  ModifyInstanceAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { parseDestination } from "../server/src/network/destination";
import { type Bench, bench, hopsOf, check as live, type Options } from "./live/check";
import { agrees } from "./live/from-template";
import { ec2Reply, publicAccess, withIpv6 } from "./live/proxy";

/** Checks a deployed function; a template that only names its network must say the same once the account is asked. */
async function check(on: Bench, name: string, options: Options = {}) {
  const checked = await live(on, name, options);
  await agrees(on, checked, options.destination);
  return checked;
}

describe("live verdicts", function () {
  const on = bench(this);

  /** Expects one subnet's verdict and the function's. */
  async function expect(name: string, verdict: string, ...subnets: readonly string[]) {
    const checked = await check(on, name);
    const found = checked.subnets.map(({ ipv4 }) => ipv4.verdict);
    assert.deepEqual([checked.verdict, ...found], [verdict, ...subnets], checked.stops.join("\n"));
    return checked;
  }

  it("reaches the internet through a NAT gateway, hop by hop", async () => {
    const world = await on.account.natWorld();
    const checked = await expect(world.name, "internet", "nat");
    assert.deepEqual(
      hopsOf(checked).map(({ kind, id, status }) => `${status} ${kind} ${id.replace(/^acl-.*/, "acl")}`),
      [
        `passed security-group ${world.group}`,
        "passed network-acl acl",
        `passed route-table ${world.privateTable}`,
        `passed route ${world.privateTable}|0.0.0.0/0`,
        `passed nat-gateway ${world.nat}`,
        `passed route ${world.publicTable}|0.0.0.0/0`,
        `passed internet-gateway ${world.gateway}`,
        "passed network-acl acl",
      ],
    );
    assert.equal(checked.role?.verdict, "granted");
    assert.equal(checked.look.account, "123456789012");
    assert.ok(checked.rows.some((row) => row.startsWith(`good NAT gateway: ${world.nat} is available`)));
    assert.deepEqual(checked.look.failures, []);
  });

  it("answers to an ARN as to a name, in the ARN's region", async () => {
    const { arn } = await on.account.natWorld();
    const checked = await check(on, arn, { wish: { region: undefined } });
    assert.equal(checked.verdict, "internet");
    assert.equal(checked.look.region, "eu-west-1");
  });

  it("sees no way out of a public subnet", async () => {
    const world = await on.account.natWorld();
    await on.account.fn("open", [world.open], [world.group]);
    const { stops } = await expect("open", "no-internet", "public-subnet");
    assert.match(
      stops[0] ?? "",
      new RegExp(`^failed route ${world.publicTable}\\|0.0.0.0/0: .*no public IPv4 address`),
    );
  });

  it("tells intermittent from dead", async () => {
    const world = await on.account.natWorld();
    await on.account.fn("both", [world.open, world.closed], [world.group]);
    const checked = await check(on, "both");
    assert.equal(checked.verdict, "intermittent");
    const byId = new Map(checked.subnets.map(({ reference, ipv4 }) => [reference.ref, ipv4.verdict]));
    assert.deepEqual([byId.get(world.open), byId.get(world.closed)], ["public-subnet", "nat"]);
  });

  it("sees a subnet without association on the main table", async () => {
    const world = await on.account.natWorld();
    const loose = await on.account.subnet(world.vpc);
    await on.account.fn("loose", [loose], [world.group]);
    const { stops, network: main } = await withMain(await expect("loose", "no-internet", "isolated"), world.vpc);
    assert.deepEqual(stops, [
      `failed route-table ${main}: ${main}, the main table of ${world.vpc}, has no route to the internet`,
    ]);
    await on.account.route(main, { NatGatewayId: world.nat });
    await expect("loose", "internet", "nat");
  });

  async function withMain<T>(checked: T, vpc: string): Promise<T & { readonly network: string }> {
    const Filters = [
      { Name: "vpc-id", Values: [vpc] },
      { Name: "association.main", Values: ["true"] },
    ];
    const { RouteTables } = await on.account.ec2.send(new DescribeRouteTablesCommand({ Filters }));
    return { ...checked, network: RouteTables?.[0]?.RouteTableId ?? "?" };
  }

  it("sees an explicit table without a default route", async () => {
    const world = await on.account.natWorld();
    const alone = await on.account.subnet(world.vpc);
    const table = await on.account.table(world.vpc, alone);
    await on.account.fn("alone", [alone], [world.group]);
    const { stops } = await expect("alone", "no-internet", "isolated");
    assert.deepEqual(stops, [`failed route-table ${table}: ${table} has no route to the internet`]);
  });

  it("sees that peering leads nowhere and that a transit gateway may", async () => {
    const world = await on.account.natWorld();
    const other = await on.account.vpc("10.1.0.0/16");
    const { VpcPeeringConnection } = await on.account.ec2.send(
      new CreateVpcPeeringConnectionCommand({ VpcId: world.vpc, PeerVpcId: other }),
    );
    const { TransitGateway } = await on.account.ec2.send(new CreateTransitGatewayCommand({}));
    const [peered, transit] = [await on.account.subnet(world.vpc), await on.account.subnet(world.vpc)];
    await on.account.route(await on.account.table(world.vpc, peered), {
      VpcPeeringConnectionId: VpcPeeringConnection?.VpcPeeringConnectionId,
    });
    await on.account.route(await on.account.table(world.vpc, transit), {
      TransitGatewayId: TransitGateway?.TransitGatewayId,
    });
    await on.account.fn("peered", [peered], [world.group]);
    await on.account.fn("transit", [transit], [world.group]);
    await expect("peered", "no-internet", "no-transit");
    const { stops } = await expect("transit", "unknown", "unknown");
    assert.match(stops[0] ?? "", /unknown transit-gateway tgw-\w+: .*what lies behind it is not looked at$/);
  });

  it("sees a NAT gateway in a private subnet, and one that is private", async () => {
    const world = await on.account.natWorld();
    const [home, from, from2] = [
      await on.account.subnet(world.vpc),
      await on.account.subnet(world.vpc),
      await on.account.subnet(world.vpc),
    ];
    await on.account.table(world.vpc, home);
    const buried = await on.account.nat(home);
    await on.account.route(await on.account.table(world.vpc, from), { NatGatewayId: buried });
    await on.account.fn("buried", [from], [world.group]);
    await expect("buried", "no-internet", "broken");
    const quiet = await on.account.nat(world.open, "private");
    await on.account.route(await on.account.table(world.vpc, from2), { NatGatewayId: quiet });
    await on.account.fn("quiet", [from2], [world.group]);
    const { stops } = await expect("quiet", "no-internet", "broken");
    assert.match(stops[0] ?? "", new RegExp(`${quiet} is a private NAT gateway`));
  });

  it("sees an internet gateway that is no longer attached", async () => {
    const world = await on.account.natWorld();
    await on.account.ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: world.gateway, VpcId: world.vpc }));
    const { stops } = await expect(world.name, "no-internet", "broken");
    assert.deepEqual(stops, [`failed internet-gateway ${world.gateway}: ${world.gateway} is not attached to any VPC`]);
  });

  it("reads security groups: closed, one port, and prefix lists", async () => {
    const world = await on.account.natWorld();
    const { account } = on;
    const everything = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
    await account.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: world.group, IpPermissions: everything }));
    await expect(world.name, "no-internet", "blocked-security-group");
    const { PrefixList } = await account.ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: "halves",
        AddressFamily: "IPv4",
        MaxEntries: 2,
        Entries: [{ Cidr: "0.0.0.0/1" }, { Cidr: "128.0.0.0/1" }],
      }),
    );
    const toList = {
      IpProtocol: "tcp",
      FromPort: 443,
      ToPort: 443,
      PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }],
    };
    await account.ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: world.group, IpPermissions: [toList] }));
    await expect(world.name, "internet", "nat");
    const other = await check(on, world.name, { destination: parseDestination("203.0.113.7:5432") });
    assert.equal(other.verdict, "no-internet");
  });

  it("reads network ACLs of both subnets, answers too", async () => {
    const world = await on.account.natWorld();
    const { ec2 } = on.account;
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: world.vpc }));
    const id = NetworkAcl?.NetworkAclId;
    const use = async (subnet: string) => {
      const { NetworkAcls } = await ec2.send(
        new DescribeNetworkAclsCommand({ Filters: [{ Name: "association.subnet-id", Values: [subnet] }] }),
      );
      const old = NetworkAcls?.[0]?.Associations?.find(({ SubnetId }) => SubnetId === subnet);
      await ec2.send(
        new ReplaceNetworkAclAssociationCommand({ AssociationId: old?.NetworkAclAssociationId, NetworkAclId: id }),
      );
    };
    const allow = (RuleNumber: number, Egress: boolean, From: number, To: number) =>
      ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId: id,
          RuleNumber,
          Egress,
          Protocol: "6",
          RuleAction: "allow",
          CidrBlock: "0.0.0.0/0",
          PortRange: { From, To },
        }),
      );
    await use(world.closed);
    await expect(world.name, "no-internet", "blocked-nacl");
    await allow(100, true, 443, 443);
    const { stops } = await expect(world.name, "no-internet", "blocked-nacl");
    assert.deepEqual(stops, [
      `failed network-acl ${id}: ${id} does not let all answers back on ports 1024–65535 (ingress of ${world.closed})`,
    ]);
    await allow(100, false, 32768, 65535);
    await expect(world.name, "partial", "partial");
    await allow(110, false, 1024, 65535);
    await expect(world.name, "internet", "nat");
    await use(world.open);
    await expect(world.name, "no-internet", "blocked-nacl");
  });

  it("follows IPv6 to an egress-only gateway", async () => {
    on.proxy.add(({ action }) => (action === "lambda:GetFunctionConfiguration" ? withIpv6 : undefined));
    await on.account.ipv6World("six");
    const checked = await expect("six", "ipv6-only", "isolated");
    assert.deepEqual(
      checked.subnets.map(({ ipv6 }) => ipv6.verdict),
      ["egress-only"],
    );
  });

  it("follows a route to a NAT instance by its interface", async () => {
    const world = await on.account.natWorld();
    const { ec2 } = on.account;
    const inside = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "10.0.0.0/16" }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: world.group, IpPermissions: inside }));
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-12c6146b",
        MinCount: 1,
        MaxCount: 1,
        SubnetId: world.open,
        SecurityGroupIds: [world.group],
      }),
    );
    const instance = Instances?.[0]?.InstanceId;
    const card = Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId;
    const from = await on.account.subnet(world.vpc);
    await on.account.route(await on.account.table(world.vpc, from), { NetworkInterfaceId: card });
    await on.account.fn("behind", [from], [world.group]);
    const { stops } = await expect("behind", "no-internet", "broken");
    assert.ok(
      stops.some((stop) => stop.includes("source/destination check is on")),
      stops.join("\n"),
    );
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: instance, SourceDestCheck: { Value: false } }));
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
    await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: instance }));
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeNetworkInterfaces"
        ? (body) =>
            body.replaceAll("<sourceDestCheck>true</sourceDestCheck>", "<sourceDestCheck>false</sourceDestCheck>")
        : undefined,
    );
    await expect("behind", "internet", "nat-instance");
    await ec2.send(new StopInstancesCommand({ InstanceIds: [instance ?? ""] }));
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeRouteTables"
        ? (body) =>
            body.replaceAll(
              `<networkInterfaceId>${card}`,
              `<instanceId>${instance}</instanceId><networkInterfaceId>${card}`,
            )
        : undefined,
    );
    await expect("behind", "no-internet", "broken");
  });

  it("knows a function that is in no VPC", async () => {
    await on.account.fn("free", [], []);
    const checked = await check(on, "free");
    assert.equal(checked.verdict, "not-in-vpc");
    assert.equal(checked.role, undefined);
    assert.ok(!on.proxy.actions.some((action) => action.startsWith("ec2:") || action.startsWith("iam:")));
  });

  it("reads the role: missing, granted inline, denied, and by a document of AWS", async () => {
    const world = await on.account.natWorld();
    const { account } = on;
    const put = (role: string, Effect: string, Action: unknown, Resource: unknown = "*") =>
      account.iam.send(
        new PutRolePolicyCommand({
          RoleName: role.slice(role.lastIndexOf("/") + 1),
          PolicyName: `p-${Effect}`,
          PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: { Effect, Action, Resource } }),
        }),
      );
    const bare = await account.role("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
    await account.fn("bare", [world.closed], [world.group], { Role: bare });
    assert.equal((await check(on, "bare")).role?.verdict, "missing");
    await put(bare, "Allow", ["ec2:*NetworkInterface*", "ec2:DescribeSubnets"]);
    assert.equal((await check(on, "bare")).role?.verdict, "granted");
    await put(world.role, "Deny", "ec2:CreateNetworkInterface");
    assert.equal((await check(on, world.name)).role?.verdict, "missing");
  });

  it("tells of endpoints, gateway and interface", async () => {
    const world = await on.account.natWorld();
    const { ec2 } = on.account;
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: world.vpc,
        ServiceName: "com.amazonaws.eu-west-1.s3",
        RouteTableIds: [world.privateTable],
      }),
    );
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: world.vpc,
        ServiceName: "com.amazonaws.eu-west-1.logs",
        VpcEndpointType: "Interface",
        SubnetIds: [world.closed],
        PrivateDnsEnabled: true,
      }),
    );
    const { rows } = await expect(world.name, "internet", "nat");
    assert.ok(
      rows.some((row) => row.includes(`Gateway endpoint for s3, for the tables ${world.privateTable}`)),
      rows.join("\n"),
    );
    assert.ok(
      rows.some((row) => row.includes("Interface endpoint for logs, private DNS on")),
      rows.join("\n"),
    );
  });

  it("heeds VPC Block Public Access and its exclusions", async () => {
    const world = await on.account.natWorld();
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeVpcBlockPublicAccessOptions" ? publicAccess("block-bidirectional") : undefined,
    );
    const exclusion = (arn: string) =>
      ec2Reply(
        "DescribeVpcBlockPublicAccessExclusions",
        `<vpcBlockPublicAccessExclusionSet><item><exclusionId>vpcbpa-exclude-1</exclusionId><internetGatewayExclusionMode>allow-egress</internetGatewayExclusionMode><resourceArn>${arn}</resourceArn><state>create-complete</state></item></vpcBlockPublicAccessExclusionSet>`,
      );
    let excluded = "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-00000000";
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeVpcBlockPublicAccessExclusions" ? exclusion(excluded) : undefined,
    );
    await expect(world.name, "no-internet", "blocked-account");
    excluded = `arn:aws:ec2:eu-west-1:123456789012:vpc/${world.vpc}`;
    await expect(world.name, "internet", "nat");
  });

  it("heeds encryption controls", async () => {
    const world = await on.account.natWorld();
    const control = (lambda: string) =>
      ec2Reply(
        "DescribeVpcEncryptionControls",
        `<vpcEncryptionControlSet><item><vpcId>${world.vpc}</vpcId><vpcEncryptionControlId>vpcec-1</vpcEncryptionControlId><mode>enforce</mode><state>available</state><resourceExclusions><lambda><state>${lambda}</state></lambda><natGateway><state>enabled</state></natGateway><internetGateway><state>enabled</state></internetGateway></resourceExclusions></item></vpcEncryptionControlSet>`,
      );
    let state = "disabled";
    on.proxy.add(({ action }) => (action === "ec2:DescribeVpcEncryptionControls" ? control(state) : undefined));
    await expect(world.name, "no-internet", "blocked-account");
    state = "enabled";
    await expect(world.name, "internet", "nat");
  });
});

/** What AWS answers about a small account, without asking: for tests of what is made of the answers. */
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { factsOf } from "../../server/src/live/facts";
import { emptySnapshot, nameOf, type Snapshot } from "../../server/src/live/snapshot";
import { toNetwork } from "../../server/src/live/to-network";
import { egressOf, internet } from "../../server/src/network/egress";
import type { DeployedReport } from "../../server/src/report/deployed";

export const account = "123456789012";
export const ids = {
  vpc: "vpc-0123456789abcdef0",
  subnet: "subnet-0123456789abcdef0",
  table: "rtb-0123456789abcdef0",
  gateway: "igw-0123456789abcdef0",
  acl: "acl-0123456789abcdef0",
  group: "sg-0123456789abcdef0",
};

export function arnOf(name: string): string {
  return `arn:aws:lambda:eu-west-1:${account}:function:${name}`;
}

/** A function of that name in the subnet. */
export function inVpc(name: string): FunctionConfiguration {
  const VpcConfig = { VpcId: ids.vpc, SubnetIds: [ids.subnet], SecurityGroupIds: [ids.group] };
  return { FunctionName: name, FunctionArn: arnOf(name), State: "Active", VpcConfig };
}

/** Returns the report on an account with a public subnet, and a NAT gateway in another one that nothing leads to. */
export function reportOn(
  functions: readonly FunctionConfiguration[],
  change: (of: Snapshot) => unknown = () => undefined,
): DeployedReport {
  const of = emptySnapshot({ partition: "aws", region: "eu-west-1", account, functions });
  const { vpc, subnet, table, gateway, acl, group } = ids;
  const open = "subnet-0fedcba9876543210";
  const openTable = "rtb-0fedcba9876543210";
  const out = { DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway, State: "active" } as const;
  const local = { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", State: "active" } as const;
  const associated = (SubnetId: string) => [{ SubnetId, AssociationState: { State: "associated" as const } }];
  of.vpcs.set(vpc, { VpcId: vpc, CidrBlock: "10.0.0.0/16", InstanceTenancy: "default", OwnerId: account });
  of.subnets.set(subnet, { SubnetId: subnet, VpcId: vpc, CidrBlock: "10.0.0.0/24", OwnerId: account });
  of.subnets.set(open, { SubnetId: open, VpcId: vpc, CidrBlock: "10.0.1.0/24", OwnerId: account });
  of.routeTables.set(table, {
    RouteTableId: table,
    VpcId: vpc,
    Associations: associated(subnet),
    Routes: [local, out],
  });
  of.routeTables.set(openTable, {
    RouteTableId: openTable,
    VpcId: vpc,
    Associations: associated(open),
    Routes: [local, out],
  });
  of.internetGateways.set(gateway, {
    InternetGatewayId: gateway,
    Attachments: [{ VpcId: vpc, State: "available" as "attached" }],
  });
  of.natGateways.set("nat-0123456789abcdef0", {
    NatGatewayId: "nat-0123456789abcdef0",
    State: "available",
    VpcId: vpc,
    SubnetId: open,
    NatGatewayAddresses: [{ PublicIp: "203.0.113.7", AllocationId: "eipalloc-1" }],
  });
  of.acls.set(acl, {
    NetworkAclId: acl,
    VpcId: vpc,
    IsDefault: true,
    Associations: [subnet, open].map((SubnetId) => ({ SubnetId })),
    Entries: [true, false].map((Egress) => ({
      Egress,
      Protocol: "-1",
      RuleAction: "allow",
      RuleNumber: 100,
      CidrBlock: "0.0.0.0/0",
    })),
  });
  of.groups.set(group, {
    GroupId: group,
    VpcId: vpc,
    IpPermissions: [],
    IpPermissionsEgress: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
  });
  change(of);
  const network = toNetwork(of);
  return {
    asked: { account, region: "eu-west-1", profile: "dev", partition: "aws", failures: [...of.failures.values()] },
    network,
    destination: internet,
    time: new Date("2026-01-02T03:04:05Z"),
    links: true,
    functions: functions.flatMap((fn) => {
      const found = network.functions.get(nameOf(fn));
      const deployed = { key: nameOf(fn), arn: fn.FunctionArn ?? "", facts: factsOf(of, fn) };
      return found === undefined ? [] : [{ deployed, egress: egressOf(network, found, internet) }];
    }),
  } satisfies DeployedReport;
}

/** Makes the default route of the function's subnet another one. */
export function route(
  of: Snapshot,
  to: { NatGatewayId?: string; GatewayId?: string; State: "active" | "blackhole" },
): void {
  const table = of.routeTables.get(ids.table);
  const local = table?.Routes?.slice(0, 1) ?? [];
  of.routeTables.set(ids.table, { ...table, Routes: [...local, { DestinationCidrBlock: "0.0.0.0/0", ...to }] });
}

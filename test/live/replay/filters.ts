/** Network ACLs, security groups and prefix lists. */

import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import { type Ec2, freshName, given, type Makers, nameless, type Properties } from "./site";
import { vpcOf } from "./vpc";

export const filterMakers: Makers = {
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

  "AWS::EC2::SecurityGroup": async ({ on, properties, names }) => {
    const VpcId = given(await properties.id("VpcId", "vpc"), "AWS: a group in the default VPC");
    const GroupId = await on.account.group(VpcId);
    const egress = await properties.maps("SecurityGroupEgress");
    // Two VPCs outside may be one, whatever stands in for them.
    if (!names.get(VpcId)?.includes(":")) vpcOf.set(GroupId, VpcId);
    if (egress.length > 0) {
      written.add(GroupId);
      await revokeAll(on.account.ec2, GroupId);
    }
    for (const rule of egress) await authorize(on.account.ec2, GroupId, "Destination", rule);
    for (const rule of await properties.maps("SecurityGroupIngress")) {
      await authorize(on.account.ec2, GroupId, "Source", rule);
    }
    return { id: GroupId };
  },

  "AWS::EC2::SecurityGroupEgress": async ({ on, properties }) => {
    const GroupId = given(await properties.id("GroupId", "group"));
    if (!written.has(GroupId)) await revokeAllowAll(on.account.ec2, GroupId);
    await authorize(on.account.ec2, GroupId, "Destination", properties);
    return nameless;
  },

  "AWS::EC2::SecurityGroupIngress": async ({ on, properties }) => {
    await authorize(on.account.ec2, given(await properties.id("GroupId", "group")), "Source", properties);
    return nameless;
  },

  /** moto lacks the call, and an account does not tell. */
  "AWS::EC2::SecurityGroupVpcAssociation": async ({ properties }) => {
    // From here on the group is of both VPCs.
    vpcOf.delete((await properties.id("GroupId", "group")) ?? "");
    return nameless;
  },

  "AWS::EC2::PrefixList": async ({ on, properties }) => {
    const Entries: { Cidr: string }[] = [];
    for (const entry of await properties.maps("Entries")) Entries.push({ Cidr: given(await entry.text("Cidr")) });
    return { id: await makeList(on.account.ec2, Entries) };
  },
};

export async function makeList(ec2: Ec2, Entries: { Cidr: string }[]): Promise<string> {
  const AddressFamily = Entries.some(({ Cidr }) => Cidr.includes(":")) ? "IPv6" : "IPv4";
  const input = { PrefixListName: freshName("list"), AddressFamily, MaxEntries: 20, Entries };
  return given((await ec2.send(new CreateManagedPrefixListCommand(input))).PrefixList?.PrefixListId);
}

/** The groups whose rules the template writes: EC2's own is not among them. */
const written = new Set<string>();

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

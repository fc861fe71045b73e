/** VPCs and subnets. */

import {
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  CreateNetworkAclEntryCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { region } from "../account";
import { type Ec2, given, isGiven, type Made, type Makers, nameless, type Properties, type Site } from "./site";

export const vpcMakers: Makers = {
  "AWS::EC2::VPC": async ({ on, properties, names, resource }) => {
    const cidr = (await properties.text("CidrBlock")) ?? "10.0.0.0/16";
    const made = await makeVpc(on.account.ec2, cidr, (await properties.text("InstanceTenancy")) ?? "default");
    for (const name of ["EnableDnsSupport", "EnableDnsHostnames"] as const) {
      const Value = await properties.flag(name);
      if (Value === undefined) continue;
      await on.account.ec2.send(new ModifyVpcAttributeCommand({ VpcId: made.id, [name]: { Value } }));
    }
    // Who names no group wears the one that comes with the VPC.
    names.set(given(await made.ask?.("DefaultSecurityGroup")), `${resource.id}.DefaultSecurityGroup`);
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
    vpcOf.set(id, VpcId);
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
};

export async function makeVpc(ec2: Ec2, CidrBlock: string, tenancy: string): Promise<Made> {
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

/** The VPCs of subnets, and of groups that are in one of the template alone. */
export const vpcOf = new Map<string, string>();

/** The space of each VPC, by the first two numbers of its blocks. */
const homes = new Map<string, Set<string>>();

function homeOf(cidr: string): string {
  return `${cidr.split(".").slice(0, 2).join(".")}.`;
}

let blocks = 0;

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
export async function addSubnet({ on }: Pick<Site, "on">, { VpcId, CidrBlock, AvailabilityZone, ipv6 }: SubnetInput) {
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

/** What blocks whole VPCs or accounts. moto lacks the calls; the proxy answers as AWS would. */

import { region } from "../account";
import { ec2Reply, publicAccess } from "../proxy";
import { freshName, type Makers, nameless } from "./site";

export const blockMakers: Makers = {
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
};

/** The exclusions that a template declares, for the answers of one proxy. */
const exclusions = new WeakMap<object, string[]>();

export function forgetExclusions(proxy: object): void {
  exclusions.delete(proxy);
}

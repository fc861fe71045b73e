/** What stands in for things outside the template. */

import {
  AllocateAddressCommand,
  CreateNetworkAclCommand,
  CreateNetworkInterfaceCommand,
  DescribeInternetGatewaysCommand,
} from "@aws-sdk/client-ec2";
import { CreatePolicyCommand } from "@aws-sdk/client-iam";
import { vpcAccess } from "../account";
import { makeList } from "./filters";
import { documentOf } from "./roles";
import { makePeering, makeTransitGateway, makeVpnGateway } from "./routing";
import { freshName, given, type Kind, NotReplayable, type Outside } from "./site";
import { runInstance } from "./translation";
import { addSubnet, makeVpc } from "./vpc";

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

async function outsideOnly(what: string): Promise<never> {
  throw new NotReplayable(what);
}

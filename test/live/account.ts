/** Builds networks, functions and roles in an account, by the same API calls that a person's tools make. */
import { CloudFormationClient, CreateStackCommand, ListStackResourcesCommand } from "@aws-sdk/client-cloudformation";
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  type CreateRouteCommandInput,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from "@aws-sdk/client-lambda";

export const region = "eu-west-1";
export const vpcAccess = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";

/** An account as a test fills it. Ids are those that AWS gives. */
export function accountAt(endpoint: string) {
  const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };
  const settings = { endpoint, region, credentials, maxAttempts: 1 };
  const ec2 = new EC2Client(settings);
  const iam = new IAMClient(settings);
  const lambda = new LambdaClient(settings);
  const cloudformation = new CloudFormationClient(settings);
  let [blocks, names] = [0, 0];

  const account = {
    ec2,
    iam,
    lambda,

    async vpc(cidr = "10.0.0.0/16", more: { ipv6?: boolean } = {}): Promise<string> {
      const input = { CidrBlock: cidr, ...(more.ipv6 === true ? { AmazonProvidedIpv6CidrBlock: true } : {}) };
      return given((await ec2.send(new CreateVpcCommand(input))).Vpc?.VpcId);
    },

    /** Returns a /24 of a VPC in 10.0.0.0/16. */
    async subnet(vpc: string, ipv6?: string): Promise<string> {
      blocks = (blocks + 1) % 250;
      const input = {
        VpcId: vpc,
        CidrBlock: `10.0.${blocks}.0/24`,
        AvailabilityZone: `${region}a`,
        ...(ipv6 === undefined ? {} : { Ipv6CidrBlock: ipv6 }),
      };
      return given((await ec2.send(new CreateSubnetCommand(input))).Subnet?.SubnetId);
    },

    /** Returns a table used by these subnets. */
    async table(vpc: string, ...subnets: readonly string[]): Promise<string> {
      const RouteTableId = given(
        (await ec2.send(new CreateRouteTableCommand({ VpcId: vpc }))).RouteTable?.RouteTableId,
      );
      for (const SubnetId of subnets) await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
      return RouteTableId;
    },

    async route(table: string, target: Omit<CreateRouteCommandInput, "RouteTableId">): Promise<void> {
      const destination =
        "DestinationIpv6CidrBlock" in target || "DestinationPrefixListId" in target
          ? {}
          : { DestinationCidrBlock: "0.0.0.0/0" };
      await ec2.send(new CreateRouteCommand({ RouteTableId: table, ...destination, ...target }));
    },

    async internetGateway(vpc?: string): Promise<string> {
      const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
      const InternetGatewayId = given(InternetGateway?.InternetGatewayId);
      if (vpc !== undefined) await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: vpc }));
      return InternetGatewayId;
    },

    async nat(subnet: string, connectivity: "public" | "private" = "public"): Promise<string> {
      const address =
        connectivity === "private"
          ? {}
          : { AllocationId: given((await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }))).AllocationId) };
      const input = { SubnetId: subnet, ConnectivityType: connectivity, ...address };
      return given((await ec2.send(new CreateNatGatewayCommand(input))).NatGateway?.NatGatewayId);
    },

    /** Returns a group with EC2's allow-all egress rule. */
    async group(vpc: string): Promise<string> {
      const input = { VpcId: vpc, GroupName: `group-${++names}`, Description: "for a test" };
      return given((await ec2.send(new CreateSecurityGroupCommand(input))).GroupId);
    },

    /** Returns the ARN of a role with these managed policies. */
    async role(...policies: readonly string[]): Promise<string> {
      const RoleName = `role-${++names}`;
      const statement = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
      const document = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }));
      for (const PolicyArn of policies) await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
      return given(Role?.Arn);
    },

    async fn(
      name: string,
      subnets: readonly string[],
      groups: readonly string[],
      more: Partial<CreateFunctionCommandInput> = {},
    ): Promise<string> {
      const Role = more.Role ?? (await account.role(vpcAccess));
      const config = { SubnetIds: [...subnets], SecurityGroupIds: [...groups] };
      const input = {
        FunctionName: name,
        Runtime: "nodejs20.x" as const,
        Handler: "index.handler",
        Code: { ZipFile: emptyZip },
        ...(subnets.length === 0 ? {} : { VpcConfig: config }),
        ...more,
        Role,
      };
      return given((await lambda.send(new CreateFunctionCommand(input))).FunctionArn);
    },

    /** Returns the physical ids of a stack by its logical ids. moto leaves some types of resources out. */
    async stack(StackName: string, TemplateBody: string, parameters: Readonly<Record<string, string>> = {}) {
      const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      }));
      await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody, Parameters }));
      const { StackResourceSummaries = [] } = await cloudformation.send(new ListStackResourcesCommand({ StackName }));
      return new Map(StackResourceSummaries.map((one) => [one.LogicalResourceId ?? "", one.PhysicalResourceId ?? ""]));
    },

    /** A VPC with a public and a private subnet, a NAT gateway between them, and a function in the private one. */
    async natWorld(name = `worker-${++names}`) {
      const vpc = await account.vpc();
      const [open, closed] = [await account.subnet(vpc), await account.subnet(vpc)];
      const gateway = await account.internetGateway(vpc);
      const publicTable = await account.table(vpc, open);
      await account.route(publicTable, { GatewayId: gateway });
      const nat = await account.nat(open);
      const privateTable = await account.table(vpc, closed);
      await account.route(privateTable, { NatGatewayId: nat });
      const group = await account.group(vpc);
      const role = await account.role(vpcAccess);
      const arn = await account.fn(name, [closed], [group], { Role: role });
      return { name, vpc, open, closed, gateway, publicTable, nat, privateTable, group, role, arn };
    },

    /** Returns a VPC with IPv6 and a function in a subnet of which nothing but IPv6 gets out, by an egress-only gateway. */
    async ipv6World(name: string): Promise<string> {
      const vpc = await account.vpc("10.0.0.0/16", { ipv6: true });
      const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpc] }));
      const block = Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? "";
      const subnet = await account.subnet(vpc, block.replace(/\/56$/, "/64"));
      const { EgressOnlyInternetGateway } = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpc }));
      const gateway = EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId;
      const table = await account.table(vpc, subnet);
      await account.route(table, { DestinationIpv6CidrBlock: "::/0", EgressOnlyInternetGatewayId: gateway });
      // AWS gives the default ACL of such a VPC its rule 101, moto does not.
      const Filters = [{ Name: "vpc-id", Values: [vpc] }];
      const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
      for (const Egress of [true, false]) {
        const rule = { RuleNumber: 101, Protocol: "-1", RuleAction: "allow", Ipv6CidrBlock: "::/0", Egress } as const;
        await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId: NetworkAcls?.[0]?.NetworkAclId, ...rule }));
      }
      await account.fn(name, [subnet], [await account.group(vpc)]);
      return vpc;
    },

    close() {
      for (const client of [ec2, iam, lambda, cloudformation]) client.destroy();
    },
  };
  return account;
}

export type Account = ReturnType<typeof accountAt>;

/** A zip file without entries. */
const emptyZip = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

function given(id: string | undefined): string {
  if (id === undefined) throw new Error("the account gave no id");
  return id;
}

/** The live check of a function in a CloudFormation stack: each way to differ from the template, and that nothing else is told. */
import assert from "node:assert/strict";
import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupEgressCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkAclEntryCommand,
  DeleteRouteCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceNetworkAclEntryCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import { AttachRolePolicyCommand, DetachRolePolicyCommand } from "@aws-sdk/client-iam";
import { UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { checkDeployed, refusalOf } from "../server/src/account";
import { render } from "../server/src/message";
import { type DeployedReport, driftOf, toDeployedJson } from "../server/src/report/deployed";
import { type Account, region, vpcAccess } from "./live/account";
import { bench } from "./live/check";

const text = `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Cidr: { Type: String, Default: 10.0.0.0/8 }
  Secret: { Type: String, NoEcho: true, Default: "no" }
  Port: { Type: AWS::SSM::Parameter::Value<String>, Default: /port }
Conditions:
  IsOpen: !Equals [!Ref Secret, "yes"]
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: !Ref Cidr } }
  Open: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24 } }
  Closed: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24 } }
  Gateway: { Type: AWS::EC2::InternetGateway }
  Attachment: { Type: AWS::EC2::VPCGatewayAttachment, Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway } }
  OpenTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  OpenRoute:
    Type: AWS::EC2::Route
    Properties: { RouteTableId: !Ref OpenTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway }
  OpenUse: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Open, RouteTableId: !Ref OpenTable } }
  Address: { Type: AWS::EC2::EIP, Properties: { Domain: vpc } }
  Nat: { Type: AWS::EC2::NatGateway, Properties: { SubnetId: !Ref Open, AllocationId: !GetAtt Address.AllocationId } }
  ClosedTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  ClosedRoute:
    Type: AWS::EC2::Route
    Properties: { RouteTableId: !Ref ClosedTable, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat }
  ClosedUse: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Closed, RouteTableId: !Ref ClosedTable } }
  Acl: { Type: AWS::EC2::NetworkAcl, Properties: { VpcId: !Ref Vpc } }
  Out:
    Type: AWS::EC2::NetworkAclEntry
    Properties: { NetworkAclId: !Ref Acl, RuleNumber: 100, Egress: true, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0 }
  In:
    Type: AWS::EC2::NetworkAclEntry
    Properties: { NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 0.0.0.0/0, PortRange: { From: 1024, To: 65535 } }
  AclUse: { Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: { SubnetId: !Ref Closed, NetworkAclId: !Ref Acl } }
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: !Ref Vpc
      SecurityGroupEgress:
        - { IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 }
        - { IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: !Ref Cidr }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" }] }
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Code: { ZipFile: "exports.handler = async () => 1" }
      Role: !GetAtt Role.Arn
      VpcConfig: { SubnetIds: [!Ref Closed], SecurityGroupIds: [!Ref Group] }
`;

describe("a stack", function () {
  const on = bench(this);
  let count = 0;

  /** Deploys the template: through moto's CloudFormation, and by API calls what that leaves out. */
  async function deploy() {
    const name = `demo-${++count}`;
    // moto looks the SSM parameter up, and there is none.
    const supported = text.replace("AWS::SSM::Parameter::Value<String>", "String").replaceAll("!Ref Port", "8080");
    const ids = await on.account.stack(name, supported, { Cidr: "10.0.0.0/16", Secret: "no", Port: "/port" });
    const id = (of: string): string => ids.get(of) ?? assert.fail(`moto made no ${of}`);
    const { ec2 } = on.account;
    const uses = { Open: "OpenTable", Closed: "ClosedTable" };
    for (const [subnet, table] of Object.entries(uses)) {
      await ec2.send(new AssociateRouteTableCommand({ SubnetId: id(subnet), RouteTableId: id(table) }));
    }
    await on.account.iam.send(new AttachRolePolicyCommand({ RoleName: id("Role"), PolicyArn: vpcAccess }));
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: id("Vpc") }));
    ids.set("Acl", NetworkAcl?.NetworkAclId ?? "");
    const every = { NetworkAclId: id("Acl"), RuleNumber: 100, RuleAction: "allow", CidrBlock: "0.0.0.0/0" } as const;
    await ec2.send(new CreateNetworkAclEntryCommand({ ...every, Egress: true, Protocol: "-1" }));
    const PortRange = { From: 1024, To: 65535 };
    await ec2.send(new CreateNetworkAclEntryCommand({ ...every, Egress: false, Protocol: "6", PortRange }));
    await useAcl(on.account, id("Closed"), id("Acl"));
    await revoke(on.account, id("Group"), { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] });
    await allow(on.account, id("Group"), tcp(443, "0.0.0.0/0"));
    await allow(on.account, id("Group"), tcp(8080, "10.0.0.0/16"));
    const extra = ["Acl", "Out", "In", "AclUse"].map(
      (of) =>
        `<member><LogicalResourceId>${of}</LogicalResourceId><PhysicalResourceId>${ids.get(of) ?? of}</PhysicalResourceId><ResourceType>x</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`,
    );
    on.proxy.add(({ action }) => {
      switch (action) {
        case "cloudformation:ListStackResources":
          return (body) => body.replace("</StackResourceSummaries>", `${extra.join("")}</StackResourceSummaries>`);
        case "cloudformation:DescribeStacks":
          return (body) =>
            body
              .replace(/(<ParameterValue>)no</, "$1****<")
              .replace("<ParameterValue>/port<", "<ResolvedValue>8080</ResolvedValue><ParameterValue>/port<");
        case "cloudformation:GetTemplate":
          return (body) =>
            body.replace(/(<TemplateBody>).*(<\/TemplateBody>)/s, (_, open, close) => open + escaped(text) + close);
        default:
          return undefined;
      }
    });
    return { name, id };
  }

  type Deployed = Awaited<ReturnType<typeof deploy>>;

  async function reportOn({ name }: Pick<Deployed, "name">, template: string | undefined = text, fn = "Worker") {
    const against = { stack: name, template: template === undefined ? undefined : { path: "t.yaml", text: template } };
    const wish = { region, endpoint: on.proxy.url, env: process.env };
    const report = await checkDeployed(fn, wish, {}, undefined, against);
    if ("why" in report) assert.fail(refusalOf(report).text);
    return report;
  }

  async function tableUse(subnet: string): Promise<string | undefined> {
    const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
    const { RouteTables = [] } = await on.account.ec2.send(new DescribeRouteTablesCommand({ Filters }));
    const uses = RouteTables.flatMap(({ Associations = [] }) => Associations);
    return uses.find(({ SubnetId }) => SubnetId === subnet)?.RouteTableAssociationId;
  }

  /** Returns the rows as `subject cause: message`, with logical ids in the place of physical ones. */
  function rowsOf(report: DeployedReport, { id }: Deployed): string[] {
    assert.deepEqual(report.asked.failures, []);
    const names = ["Vpc", "Open", "Closed", "Gateway", "OpenTable", "Nat", "ClosedTable", "Acl", "Group", "Role"];
    return driftOf(report).map(({ subject, message, cause }) => {
      let words = render(message);
      for (const name of names) words = words.replaceAll(`${name} (${id(name)})`, name).replaceAll(id(name), name);
      words = words.replace(/main table rtb-\w+$/, "main table MAIN").replace(/(?:sg|acl)-\w+$/, "OTHER");
      words = words.replace(/role-\d+$/, "ANOTHER").replace(/ec2:\w+(?:, ec2:\w+)*$/, "ACTIONS");
      return `${subject} ${cause}: ${words}`;
    });
  }

  it("that is as the template has it gives no row", async () => {
    const stack = await deploy();
    const report = await reportOn(stack);
    assert.deepEqual(rowsOf(report, stack), []);
    assert.equal(report.functions[0]?.egress.verdict, "internet");
    assert.deepEqual(JSON.parse(toDeployedJson(report, false)).drift, []);
  });

  type Change = (of: Account, id: Deployed["id"]) => Promise<unknown>;
  const everywhere = { DestinationCidrBlock: "0.0.0.0/0" };
  const changes: readonly (readonly [what: string, change: Change, ...rows: string[]])[] = [
    [
      "a route that is gone",
      ({ ec2 }, id) => ec2.send(new DeleteRouteCommand({ RouteTableId: id("ClosedTable"), ...everywhere })),
      "ClosedRoute: the template has the route ClosedRoute to 0.0.0.0/0, and ClosedTable has none",
    ],
    [
      "a route that leads elsewhere",
      ({ ec2 }, id) =>
        ec2.send(new ReplaceRouteCommand({ RouteTableId: id("ClosedTable"), ...everywhere, GatewayId: id("Gateway") })),
      "ClosedRoute: the template leads route ClosedRoute to Nat, and it leads to Gateway",
    ],
    [
      "a NAT gateway that was deleted, and the black hole that it leaves",
      async ({ ec2 }, id) => {
        await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id("Nat") }));
        // moto's routes never become black holes.
        on.proxy.add(({ action }) =>
          action === "ec2:DescribeRouteTables"
            ? (body) =>
                body.replace(
                  new RegExp(`(<natGatewayId>${id("Nat")}</natGatewayId>.*?<state>)active`, "s"),
                  "$1blackhole",
                )
            : undefined,
        );
      },
      "ClosedRoute: the template leads route ClosedRoute to Nat, and the route is a black hole",
      "Nat: the template has the NAT gateway Nat, and it is deleted",
    ],
    [
      "a subnet that uses the main table",
      async ({ ec2 }, id) =>
        ec2.send(new DisassociateRouteTableCommand({ AssociationId: await tableUse(id("Closed")) })),
      "ClosedUse: the template gives subnet Closed the route table ClosedTable, and it uses the main table MAIN",
    ],
    [
      "a NAT gateway's subnet with another table",
      async ({ ec2 }, id) => {
        const AssociationId = await tableUse(id("Open"));
        await ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: id("ClosedTable") }));
      },
      "OpenUse: the template gives subnet Open the route table OpenTable, and it uses ClosedTable",
    ],
    [
      "an internet gateway that is detached",
      ({ ec2 }, id) =>
        ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id("Gateway"), VpcId: id("Vpc") })),
      "Attachment: the template attaches Gateway to Vpc, and it is not attached",
    ],
    [
      "other subnets and groups of the function",
      async ({ lambda, group }, id) => {
        const SecurityGroupIds = [await group(id("Vpc"))];
        const VpcConfig = { SubnetIds: [id("Open")], SecurityGroupIds };
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: id("Worker"), VpcConfig }));
      },
      "Worker: the template puts Worker into the subnets Closed, and it is in Open",
      "Worker: the template gives Worker the security groups Group, and it has OTHER",
    ],
    [
      "another role",
      async ({ lambda, role }, id) => {
        const Role = await role(vpcAccess);
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: id("Worker"), Role }));
      },
      "Worker: the template gives Worker the role Role, and it has ANOTHER",
    ],
    [
      "a role that lost its policy",
      ({ iam }, id) => iam.send(new DetachRolePolicyCommand({ RoleName: id("Role"), PolicyArn: vpcAccess })),
      "Role: the template lets role Role make network interfaces, and it lacks ACTIONS",
    ],
    [
      "an egress rule that is gone, and not of one that was added",
      async (of, id) => {
        await revoke(of, id("Group"), tcp(443, "0.0.0.0/0"));
        await allow(of, id("Group"), tcp(80, "0.0.0.0/0"));
      },
      "Group: the template lets security group Group send tcp 443 → 0.0.0.0/0, and it has no such rule",
    ],
    [
      "another ACL",
      async (of, id) => {
        const { NetworkAcl } = await of.ec2.send(new CreateNetworkAclCommand({ VpcId: id("Vpc") }));
        await useAcl(of, id("Closed"), NetworkAcl?.NetworkAclId ?? "");
      },
      "AclUse: the template gives subnet Closed the network ACL Acl, and it has OTHER",
    ],
    [
      "the ACL's rules: gone, changed, and denials that were added, but nothing that was allowed besides",
      async ({ ec2 }, id) => {
        const own = { NetworkAclId: id("Acl"), CidrBlock: "0.0.0.0/0" };
        await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: id("Acl"), Egress: true, RuleNumber: 100 }));
        const change = { ...own, Egress: false, RuleNumber: 100, Protocol: "6", PortRange: { From: 443, To: 443 } };
        await ec2.send(new ReplaceNetworkAclEntryCommand({ ...change, RuleAction: "allow" }));
        const added = { ...own, Egress: true, Protocol: "-1" };
        await ec2.send(new CreateNetworkAclEntryCommand({ ...added, RuleNumber: 50, RuleAction: "deny" }));
        await ec2.send(new CreateNetworkAclEntryCommand({ ...added, RuleNumber: 60, RuleAction: "allow" }));
      },
      "Out: the template gives network ACL Acl the rule 100 egress allow all 0.0.0.0/0, and it has none of that number",
      "In: the template gives network ACL Acl the rule 100 ingress allow tcp 1024-65535 0.0.0.0/0, and it has allow tcp 443 0.0.0.0/0",
      "Acl: network ACL Acl has the rule 50 egress deny all 0.0.0.0/0, and the template has none of that number",
    ],
  ];
  for (const [what, change, ...expected] of changes) {
    it(`tells of ${what}`, async () => {
      const stack = await deploy();
      await change(on.account, stack.id);
      const rows = rowsOf(await reportOn(stack), stack);
      assert.deepEqual(
        rows,
        expected.map((row) => row.replace(": ", " outside: ")),
      );
      // The stack's own template says the same, as it was deployed.
      assert.deepEqual(rowsOf(await reportOn(stack, undefined), stack), rows);
    });
  }
});

async function useAcl({ ec2 }: Account, subnet: string, NetworkAclId: string): Promise<void> {
  const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
  const own = NetworkAcls.flatMap(({ Associations = [] }) => Associations).find(({ SubnetId }) => SubnetId === subnet);
  const AssociationId = own?.NetworkAclAssociationId;
  await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
}

type Permission = NonNullable<
  ConstructorParameters<typeof RevokeSecurityGroupEgressCommand>[0]["IpPermissions"]
>[number];

async function revoke({ ec2 }: Account, GroupId: string, one: Permission): Promise<void> {
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [one] }));
}

function tcp(port: number, CidrIp: string): Permission {
  return { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] };
}

async function allow({ ec2 }: Account, GroupId: string, one: Permission): Promise<void> {
  await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [one] }));
}

function escaped(raw: string): string {
  return raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

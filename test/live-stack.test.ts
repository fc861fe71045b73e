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
import { Ajv2020 } from "ajv/dist/2020";
import schema from "../docs/report.schema.json";
import { checkDeployed, listStackFunctions, listStacks, refusalOf, viewOf } from "../server/src/account";
import { colorsFor } from "../server/src/cli/colors";
import { actions } from "../server/src/live/actions";
import { english, render } from "../server/src/message";
import { type DeployedReport, driftOf, toDeployedJson } from "../server/src/report/deployed";
import { toDeployedSarif } from "../server/src/report/deployed-sarif";
import { toDeployedMarkdown, toDeployedText } from "../server/src/report/deployed-text";
import { rulePage } from "../server/src/rules/page";
import { type Account, region, vpcAccess } from "./live/account";
import { bench } from "./live/check";
import { ec2Error, iamError } from "./live/proxy";
import { validSarif } from "./sarif-schema";

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
    const answers: Parameters<typeof on.proxy.add>[0] = ({ action, form: asked }) => {
      if (asked.get("StackName") !== name) return undefined;
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
    };
    on.proxy.add(answers);
    return { name, id, answers };
  }

  type Deployed = Awaited<ReturnType<typeof deploy>>;

  async function reportOn({ name }: Pick<Deployed, "name">, template: string | undefined = text, fn = "Worker") {
    const against = { stack: name, template: template === undefined ? undefined : { path: "t.yaml", text: template } };
    const wish = { region, endpoint: on.proxy.url, env: process.env };
    const report = await checkDeployed(fn, wish, {}, undefined, against);
    if ("why" in report) assert.fail(refusalOf(report, english).text);
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
    assert.deepEqual(JSON.parse(toDeployedJson(report, false, english)).drift, []);
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
      "what lies behind a route that is gone",
      async ({ ec2 }, id) => {
        await ec2.send(new DeleteRouteCommand({ RouteTableId: id("ClosedTable"), ...everywhere }));
        await ec2.send(new DisassociateRouteTableCommand({ AssociationId: await tableUse(id("Open")) }));
      },
      "ClosedRoute: the template has the route ClosedRoute to 0.0.0.0/0, and ClosedTable has none",
      "OpenUse: the template gives subnet Open the route table OpenTable, and it uses the main table MAIN",
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

  const worker = text.slice(text.indexOf("  Worker:"));
  /** A template that is not the deployed one. */
  const edits: readonly (readonly [what: string, edit: (template: string) => string, ...rows: string[]])[] = [
    [
      "a NAT gateway, a route and a rule that are not deployed yet",
      (template) =>
        `${template
          .replace("NatGatewayId: !Ref Nat }", "NatGatewayId: !Ref NewNat }")
          .replace(
            "FromPort: 443, ToPort: 443",
            "FromPort: 80, ToPort: 443",
          )}  NewNat: { Type: AWS::EC2::NatGateway, Properties: { SubnetId: !Ref Open, ConnectivityType: public } }
  NewRoute: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref ClosedTable, DestinationCidrBlock: 203.0.113.7/24, NatGatewayId: !Ref Nat } }
`,
      "Group: the template lets security group Group send tcp 80-443 → 0.0.0.0/0, and it has no such rule",
      "ClosedRoute: the template leads route ClosedRoute to NewNat, and it leads to Nat",
      "NewRoute: the template has the route NewRoute to 203.0.113.7/24, and ClosedTable has none",
    ],
    [
      "a further subnet, and groups and a role that are not deployed yet",
      (template) =>
        `${template
          .replace("SubnetIds: [!Ref Closed]", "SubnetIds: [!Ref Closed, !Ref Open]")
          .replace("SecurityGroupIds: [!Ref Group]", "SecurityGroupIds: [!Ref Group, !Ref NewGroup]")
          .replace("Role: !GetAtt Role.Arn", "Role: !GetAtt NewRole.Arn")}  NewGroup: { Type: AWS::EC2::SecurityGroup }
  NewRole: { Type: AWS::IAM::Role }
`,
      "Worker: the template puts Worker into the subnets Closed, Open, and it is in Closed",
      "Worker: the template gives Worker the security groups Group, NewGroup, and it has Group",
      "Worker: the template gives Worker the role NewRole, and it has Role",
    ],
    [
      "the rule that EC2 gives a group without rules",
      (template) => template.replace(/ +SecurityGroupEgress:\n(?: +- .*\n)+/, ""),
      "Group: the template lets security group Group send all → 0.0.0.0/0, and it has no such rule",
    ],
    [
      "a function outside the VPC",
      (template) => template.replace(/ +VpcConfig: .*\n/, ""),
      "Worker: the template puts Worker into no VPC, and it is in Closed",
    ],
    [
      "an association with another table, a network ACL of one's own",
      (template) =>
        `${template
          .replace(
            "SubnetId: !Ref Closed, RouteTableId: !Ref ClosedTable",
            "SubnetId: !Ref Closed, RouteTableId: !Ref OpenTable",
          )
          .replace(
            "SubnetId: !Ref Closed, NetworkAclId: !Ref Acl",
            "SubnetId: !Ref Closed, NetworkAclId: !Ref NewAcl",
          )}  NewAcl: { Type: AWS::EC2::NetworkAcl, Properties: { VpcId: !Ref Vpc } }
`,
      "ClosedUse: the template gives subnet Closed the route table OpenTable, and it uses ClosedTable",
      "AclUse: the template gives subnet Closed the network ACL NewAcl, and it has Acl",
    ],
    [
      "a role that SAM makes",
      (template) =>
        template
          .replace("Resources:", "Transform: AWS::Serverless-2016-10-31\nResources:")
          .replace(
            worker,
            worker.replace("AWS::Lambda::Function", "AWS::Serverless::Function").replace(/ +Role: .*\n/, ""),
          ),
      "Worker: the template gives Worker the role WorkerRole, and it has Role",
    ],
    // What follows says the same in other words, or what nobody can know.
    [
      "nothing where SAM keeps the function's name",
      (template) =>
        template
          .replace("Resources:", "Transform: AWS::Serverless-2016-10-31\nResources:")
          .replace(worker, worker.replace("AWS::Lambda::Function", "AWS::Serverless::Function")),
    ],
    [
      "nothing for what other stacks, SSM and a macro would tell",
      (template) =>
        template
          .replace("Resources:", "Transform: Mine\nResources:")
          .replace("NatGatewayId: !Ref Nat }", "NatGatewayId: !ImportValue nat }")
          .replace("NetworkAclId: !Ref Acl }", 'NetworkAclId: "{{resolve:ssm:acl}}" }')
          .replace("SubnetIds: [!Ref Closed]", "SubnetIds: !Split [',', !ImportValue subnets]")
          .replace("Role: !GetAtt Role.Arn", "Role: !ImportValue role"),
    ],
    [
      "nothing where a hidden parameter decides",
      (template) =>
        template
          .replace("FromPort: 443, ToPort: 443", "FromPort: !If [IsOpen, 80, 443], ToPort: 443")
          .replace("  ClosedRoute:\n", "  ClosedRoute:\n    Condition: IsOpen\n"),
    ],
    [
      "nothing for the same route, rule and role in other words",
      (template) =>
        template
          .replace("NatGatewayId: !Ref Nat }", "NatGatewayId: !GetAtt Nat.NatGatewayId }")
          .replace("IpProtocol: tcp, FromPort: 443, ToPort: 443", 'IpProtocol: "6", FromPort: "443", ToPort: "443"')
          .replace("Role: !GetAtt Role.Arn", 'Role: !Sub "arn:aws:iam::${AWS::AccountId}:role/${Role}"'),
    ],
    [
      "nothing for an allow-all rule that a standalone one takes away, nor for local routes",
      (template) =>
        `${template.replace(
          / +SecurityGroupEgress:\n(?: +- .*\n)+/,
          "",
        )}  Web: { Type: AWS::EC2::SecurityGroupEgress, Properties: { GroupId: !Ref Group, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 } }
  Local: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref ClosedTable, DestinationCidrBlock: 10.0.0.0/16, GatewayId: local } }
`,
    ],
    [
      "nothing for names that may be those of the very things",
      (template) => template.replace("SecurityGroupIds: [!Ref Group]", "SecurityGroupIds: [web]"),
    ],
    [
      "nothing for a table and an ACL that the template leaves to others",
      (template) => template.replace(/ {2}(?:ClosedUse|AclUse): .*\n/g, ""),
    ],
  ];
  describe("against a template that was changed", () => {
    let stack: Deployed;
    let answers: Parameters<typeof on.proxy.add>[0];
    before(async () => {
      stack = await deploy();
      answers = stack.answers;
    });
    beforeEach(() => on.proxy.add(answers));

    for (const [what, edit, ...expected] of edits) {
      it(`tells of ${what}`, async () => {
        const changed = edit(text);
        assert.notEqual(changed, text);
        const rows = expected.map((row) => row.replace(": ", " undeployed: "));
        assert.deepEqual(rowsOf(await reportOn(stack, changed), stack), rows);
      });
    }

    it("tells of literal ids and parameters by what they are", async () => {
      const withSubnets = (ids: string) =>
        text
          .replace("Parameters:", `Parameters:\n  Subnets: { Type: "List<AWS::EC2::Subnet::Id>", Default: "${ids}" }`)
          .replace("SubnetIds: [!Ref Closed]", "SubnetIds: !Ref Subnets");
      const [open, closed] = [stack.id("Open"), stack.id("Closed")];
      assert.deepEqual(rowsOf(await reportOn(stack, withSubnets(closed)), stack), []);
      assert.deepEqual(rowsOf(await reportOn(stack, withSubnets(`${closed}, ${open}`)), stack), [
        "Worker undeployed: the template puts Worker into the subnets Closed, Open, and it is in Closed",
      ]);
    });

    it("says that there is no function to compare with", async () => {
      for (const other of ["", "Resources: [", "Resources:\n  Topic: { Type: AWS::SNS::Topic }\n"]) {
        const report = await reportOn(stack, other);
        assert.equal("drift" in JSON.parse(toDeployedJson(report, false, english)), false);
        assert.match(
          toDeployedText(report, plain),
          /Stack demo-\d+: t\.yaml has no such function, so nothing is compared/,
        );
      }
    });

    it("tells nothing of what it could not see", async () => {
      for (const denied of Object.keys(actions)) {
        if (!/^(?:ec2|iam):/.test(denied)) continue;
        on.proxy.clear();
        on.proxy.add(answers);
        on.proxy.add(({ action }) =>
          action !== denied
            ? undefined
            : denied.startsWith("ec2:")
              ? ec2Error("UnauthorizedOperation", 403)
              : iamError("AccessDenied", 403),
        );
        const report = await reportOn(stack);
        assert.deepEqual(
          driftOf(report).map(({ message }) => render(message)),
          [],
          denied,
        );
      }
    });

    it("does without the deployed template, and then knows no cause", async () => {
      on.proxy.add(({ action }) =>
        action === "cloudformation:GetTemplate" ? iamError("AccessDenied", 403) : undefined,
      );
      const report = await reportOn(stack, text.replace("FromPort: 443", "FromPort: 80"));
      assert.deepEqual(
        driftOf(report).map(({ cause }) => cause),
        ["unknown"],
      );
      assert.deepEqual(
        report.asked.failures.map(({ action }) => action),
        ["cloudformation:GetTemplate"],
      );
    });

    it("says it where the stack is not at rest", async () => {
      for (const [status, says] of [
        ["UPDATE_IN_PROGRESS", "may be out of date in a minute"],
        ["UPDATE_ROLLBACK_COMPLETE", "its last deployment did not come to its end"],
      ] as const) {
        on.proxy.add(({ action }) =>
          action === "cloudformation:DescribeStacks"
            ? (body) => body.replace(/(?<=<StackStatus>)\w+/, status)
            : undefined,
        );
        assert.ok(
          toDeployedText(await reportOn(stack), plain).includes(`  - stack: the stack is in state ${status}`),
          says,
        );
      }
    });

    it("prints the rows with their lines and pages of the console, for people and programs", async () => {
      const changed = text
        .replace("NatGatewayId: !Ref Nat }", "NatGatewayId: !Ref NewNat }")
        .concat("  NewNat: { Type: AWS::EC2::NatGateway }\n");
      const line = 1 + changed.slice(0, changed.indexOf("  ClosedRoute:")).split("\n").length - 1;
      const report = await reportOn(stack, changed);
      const table = stack.id("ClosedTable");
      const link = `https://console.aws.amazon.com/go/view?arn=arn:aws:ec2:${region}:123456789012:route-table/${table}`;
      const says = `the template leads route ClosedRoute to NewNat, and it leads to ${stack.id("Nat")}`;
      const page = rulePage("template-drift", english);
      const whole = toDeployedText(report, plain);
      assert.ok(
        whole.includes(
          `\n  ! t.yaml:${line} ClosedRoute: ${says}\n    fix: the template is not deployed as it is: deploy it\n    warning template-drift: ${page}\n    ${link}\n`,
        ),
        whole,
      );
      assert.ok(
        toDeployedMarkdown(report, english).includes(
          `| t.yaml:${line} ClosedRoute | ${says} (warning [template-drift](${page})) | [${table}](${link}) | the template is not`,
        ),
      );
      const { function: fn, ...document } = JSON.parse(toDeployedJson(report, false, english));
      const [row] = document.drift;
      assert.deepEqual(row, {
        ...row,
        rule: "template-drift",
        severity: "warning",
        subject: "ClosedRoute",
        id: table,
        path: "t.yaml",
        line,
        link,
      });
      assert.ok(isDeployed({ ...document, function: fn }), ajv.errorsText(isDeployed.errors));
      const view = viewOf(report, english);
      assert.deepEqual(view.places, [{ line: line - 1, character: 2 }]);
      const html = view.html({ nonce: "n" });
      assert.ok(html.includes(`<a href="${page}">template-drift</a> (warning)`));
      assert.match(html, new RegExp(`<button type="button" class="place" data-open="0">t\\.yaml:${line}</button>`));
      const own = document.findings.filter((one: { rule: string }) => one.rule === "template-drift");
      assert.deepEqual(
        own.map((one: { id: string; docs: string }) => [one.id, one.docs]),
        [[table, page]],
      );
      const options = {
        version: "1.2.3",
        homepage: "https://example.com/",
        exitCode: 1,
        redact: false,
        catalogue: english,
      };
      const [run] = validSarif(JSON.parse(toDeployedSarif(report, options))).runs;
      assert.ok(run?.results?.some(({ ruleId, level }) => ruleId === "template-drift" && level === "warning"));
      const off = { ...report, severities: { "template-drift": "off" } } as const;
      for (const one of [
        toDeployedText(off, plain),
        toDeployedJson(off, false, english),
        viewOf(off, english).html({ nonce: "n" }),
      ]) {
        assert.doesNotMatch(one, /template-drift|differs from/);
      }
      assert.doesNotMatch(view.copies.redacted, /demo-\d|123456789012|\b(?:rtb|nat)-[0-9a-f]{8}/);
    });
  });

  it("refuses what is not there in words that tell it apart", async () => {
    const { name } = await deploy();
    const wish = { region, endpoint: on.proxy.url, env: process.env };
    for (const [stack, fn, says] of [
      ["none", "Worker", /^There is no such stack in account 123456789012, region eu-west-1, profile none\.$/],
      [name, "Nobody", /^The stack has no function Nobody in account 123456789012,/],
      [name, "Role", /^The stack has no function Role /],
    ] as const) {
      const answer = await checkDeployed(fn, wish, {}, undefined, { stack });
      assert.ok("why" in answer);
      const { text: words, remedy } = refusalOf(answer, english);
      assert.match(words, says);
      assert.equal(remedy, "elsewhere");
    }
  });

  it("knows a function by its logical id and by its name, and lists both stacks and functions", async () => {
    const stack = await deploy();
    for (const name of ["Worker", stack.id("Worker")]) {
      assert.equal((await reportOn(stack, text, name)).functions[0]?.deployed.key, stack.id("Worker"));
    }
    const place = { region, endpoint: on.proxy.url, env: process.env };
    const [names, ids]: [string[], string[]] = [[], []];
    assert.equal(await listStacks(place, {}, english, (page) => names.push(...page.map((one) => one.name))), undefined);
    assert.ok(names.includes(stack.name));
    assert.equal(await listStackFunctions(place, {}, english, stack.name, (page) => ids.push(...page)), undefined);
    assert.deepEqual(ids, ["Worker"]);
    assert.match((await listStackFunctions(place, {}, english, "none", () => undefined)) ?? "", /does not exist/);
  });
});

const ajv = new Ajv2020({ allErrors: true });
ajv.addSchema(schema, "report");
const isDeployed = ajv.getSchema("report#/$defs/deployed") ?? assert.fail("no schema");
const plain = { colors: colorsFor(process.stdout, false), catalogue: english };

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

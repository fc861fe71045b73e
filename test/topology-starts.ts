/** Templates whose function lacks a way out, from nearly nothing to all but one route. */
import { parse } from "../server/src/template/parse";
import { toJsonText } from "./print-json";

export interface Start {
  readonly text: string;
  /** The variants that are offered, in their order. */
  readonly offers: string;
}

const all = "nat nat-per-zone nat-regional nat-instance ipv6 endpoints";
const withoutCalls = "nat nat-per-zone nat-regional nat-instance ipv6";
const oneSubnet = "nat nat-regional nat-instance ipv6 endpoints";

const lambda = (subnets: string, groups: string) => `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  # Calls out.
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x # the newest
      Handler: index.handler
      Role: !GetAtt WorkerRole.Arn
      Code:
        ZipFile: exports.handler = async () => 1
      VpcConfig:
        SubnetIds: ${subnets}
        SecurityGroupIds: ${groups}
`;

/** A role that lets the function into a VPC, and call two services. */
const role = `
  WorkerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }
      ManagedPolicyArns:
        - !Sub arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole
      Policies:
        - {
            PolicyName: data,
            PolicyDocument: {
                Version: "2012-10-17",
                Statement: [{ Effect: Allow, Action: [s3:GetObject, sqs:SendMessage], Resource: "*" }],
              },
          }
`;

/** A resource in the shape of the others here. */
const resource = (id: string, type: string, properties: readonly string[], dependsOn?: string) =>
  `\n  ${id}:\n    Type: AWS::${type}\n${dependsOn === undefined ? "" : `    DependsOn: ${dependsOn}\n`}${
    properties.length === 0 ? "" : `    Properties:\n${properties.map((one) => `      ${one}\n`).join("")}`
  }`;

const vpc = resource("Network", "EC2::VPC", ["CidrBlock: 10.1.0.0/16"]);
const gateway = resource("Gateway", "EC2::InternetGateway", []);
const attachment = resource("GatewayAttachment", "EC2::VPCGatewayAttachment", [
  "VpcId: !Ref Network",
  "InternetGatewayId: !Ref Gateway",
]);
const table = (id: string) => resource(id, "EC2::RouteTable", ["VpcId: !Ref Network"]);
const subnet = (id: string, cidr: string, more: readonly string[] = []) =>
  resource(id, "EC2::Subnet", ["VpcId: !Ref Network", `CidrBlock: ${cidr}`, ...more]);
const association = (id: string, to: string) =>
  resource(`${id}Association`, "EC2::SubnetRouteTableAssociation", [
    `SubnetId: !Ref ${id}`,
    `RouteTableId: !Ref ${to}`,
  ]);
const route = (id: string, of: string, target: string, dependsOn?: string) =>
  resource(
    id,
    "EC2::Route",
    [`RouteTableId: !Ref ${of}`, "DestinationCidrBlock: 0.0.0.0/0", `${target} # by hand`],
    dependsOn,
  );
const open = subnet("Open", "10.1.0.0/24") + table("OpenTable") + association("Open", "OpenTable");
const publicRoute = route("OpenRoute", "OpenTable", "GatewayId: !Ref Gateway", "GatewayAttachment");
const inner = (id: string, cidr: string) => subnet(id, cidr) + association(id, "InnerTable");
const two = table("InnerTable") + inner("InnerA", "10.1.1.0/24") + inner("InnerB", "10.1.2.0/24");
const group = (...egress: readonly string[]) =>
  resource("Group", "EC2::SecurityGroup", ["GroupDescription: Worker", "VpcId: !Ref Network", ...egress]);
const nat = (where: string) =>
  resource("Address", "EC2::EIP", ["Domain: vpc"], "GatewayAttachment") +
  resource(
    "Nat",
    "EC2::NatGateway",
    [`SubnetId: !Ref ${where}`, "AllocationId: !GetAtt Address.AllocationId"],
    "GatewayAttachment",
  );
const natRoute = route("InnerRoute", "InnerTable", "NatGatewayId: !Ref Nat");
const outside = vpc + gateway + attachment;

const sam = (config: string, globals = "", policies = "") => `Transform: AWS::Serverless-2016-10-31
${globals}Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: exports.handler = async () => 1
${config}${policies}`;
const samConfig =
  "      VpcConfig:\n        SubnetIds:\n          - !Ref PrivateSubnet\n        SecurityGroupIds:\n          - !Ref LambdaSecurityGroup\n";
const samGlobals = `Globals:
  Function:
    Timeout: 5
    VpcConfig:
      SubnetIds: [subnet-12345678, subnet-87654321]
      SecurityGroupIds: [sg-12345678]
`;

const bare = (config: string) => `Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: exports.handler = async () => 1
      VpcConfig:${config}
`;

/** Functions as they are pasted, into templates that have nothing else, or nothing that fits. */
export const pasted: Readonly<Record<string, Start>> = {
  "empty lists": { text: lambda("[]", "[]") + role, offers: all },
  "an empty VpcConfig, and no role": { text: bare(""), offers: withoutCalls },
  "names of nothing": {
    text: lambda("[!Ref PrivateSubnetA, !Ref PrivateSubnetB]", "[!Ref LambdaGroup]") + role,
    offers: all,
  },
  "names of nothing, role too": {
    text: lambda("[!Ref PrivateSubnet]", "[!Ref LambdaGroup]"),
    offers: "nat nat-regional nat-instance ipv6",
  },
  "names of nothing for whole lists": { text: lambda("!Ref SubnetIds", "!Ref SecurityGroupIds") + role, offers: all },
  "a name that says public": { text: lambda("[!Ref PublicSubnet]", "[]") + role, offers: all },
  "ids from an example": { text: lambda("[subnet-12345678]", "[sg-12345678]") + role, offers: all },
  "half a VpcConfig": {
    text: bare("\n        SubnetIds:\n          - subnet-0123456789abcdef0 # mine"),
    offers: withoutCalls,
  },
  "flow style": {
    text: "Resources: { Worker: { Type: AWS::Lambda::Function, Properties: { Runtime: nodejs22.x, Handler: index.handler, Code: { ZipFile: x }, VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } } } }\n",
    offers: withoutCalls,
  },
  SAM: {
    text: sam(samConfig, "", "      Policies:\n        - SQSSendMessagePolicy:\n            QueueName: jobs\n"),
    offers: oneSubnet,
  },
  "SAM, without its Transform": {
    text: sam(samConfig).replace(/^Transform.*\n/, "# Of a blog.\n"),
    offers: "nat nat-regional nat-instance ipv6",
  },
  "SAM, in Globals": { text: sam("", samGlobals), offers: withoutCalls },
};

/** Networks that somebody began. */
export const begun: Readonly<Record<string, Start>> = {
  "a VPC": { text: lambda("[]", "[]") + vpc + role, offers: all },
  "a VPC whose range is a parameter": {
    text: `Parameters:\n  Range:\n    Type: String\n    Default: 10.3.0.0/20\n${(lambda("[]", "[]") + vpc + role).replace("10.1.0.0/16", "!Ref Range")}`,
    offers: all,
  },
  "a VPC that only the group names": { text: lambda("[]", "[!Ref Group]") + group() + role, offers: all },
  "a public subnet with the function in it": {
    text: lambda("[!Ref Open]", "[!Ref Group]") + outside + open + publicRoute + group() + role,
    offers: all,
  },
  "a gateway that is attached to nothing": {
    text: lambda("[!Ref InnerA]", "[!Ref Group]") + vpc + gateway + subnet("InnerA", "10.1.0.0/24") + group() + role,
    offers: oneSubnet,
  },
  "everything but the route": {
    text:
      lambda("[!Ref InnerA, !Ref InnerB]", "[!Ref Group]") +
      outside +
      open +
      publicRoute +
      two +
      nat("Open") +
      group() +
      role,
    offers: "nat nat-per-zone",
  },
  "everything but the associations": {
    text:
      lambda("[!Ref InnerA, !Ref InnerB]", "[!Ref Group]") +
      outside +
      open +
      publicRoute +
      nat("Open") +
      table("InnerTable") +
      natRoute +
      subnet("InnerA", "10.1.1.0/24") +
      subnet("InnerB", "10.1.2.0/24") +
      group() +
      role,
    offers: "nat nat-per-zone",
  },
  "everything but the public route": {
    text:
      lambda("[!Ref InnerA, !Ref InnerB]", "[!Ref Group]") +
      outside +
      open +
      two +
      nat("Open") +
      natRoute +
      group() +
      role,
    offers: "nat nat-per-zone",
  },
  "a NAT gateway in the function's own subnet": {
    text:
      lambda("[!Ref InnerA, !Ref InnerB]", "[!Ref Group]") + outside + two + nat("InnerA") + natRoute + group() + role,
    offers: "nat nat-per-zone",
  },
  "a route to a peering connection": {
    text:
      lambda("[!Ref InnerA]", "[!Ref Group]") +
      outside +
      open +
      publicRoute +
      table("InnerTable") +
      inner("InnerA", "10.1.1.0/24") +
      route("InnerRoute", "InnerTable", "VpcPeeringConnectionId: pcx-0123456789abcdef0") +
      group() +
      role,
    offers: oneSubnet,
  },
  "one good subnet and one bad": {
    text:
      lambda("[!Ref InnerA, !Ref Open]", "[!Ref Group]") +
      outside +
      open +
      publicRoute +
      table("InnerTable") +
      inner("InnerA", "10.1.1.0/24") +
      nat("Open") +
      natRoute +
      group() +
      role,
    offers: "nat",
  },
  "a group that lets nothing out": {
    text:
      lambda("[!Ref InnerA]", "[!Ref Group]") +
      outside +
      subnet("InnerA", "10.1.1.0/24") +
      group(
        "SecurityGroupEgress:",
        "  - IpProtocol: tcp",
        "    FromPort: 5432",
        "    ToPort: 5432",
        "    CidrIp: 10.1.0.0/16",
      ) +
      role,
    offers: oneSubnet,
  },
  "an endpoint already": {
    text:
      lambda("[!Ref InnerA, !Ref InnerB]", "[!Ref Group]") +
      vpc +
      two +
      group() +
      resource("Store", "EC2::VPCEndpoint", [
        "VpcId: !Ref Network",
        "ServiceName: !Sub com.amazonaws.${AWS::Region}.s3",
        "RouteTableIds: [!Ref InnerTable]",
      ]) +
      role,
    offers: "nat nat-regional nat-instance ipv6 endpoints",
  },
};

/** Templates for which nothing is offered: because nothing is missing, or because too little is known. */
export const content: Readonly<Record<string, string>> = {
  "a function that reaches the internet":
    lambda("[!Ref InnerA, !Ref InnerB]", "[!Ref Group]") +
    outside +
    open +
    publicRoute +
    two +
    nat("Open") +
    natRoute +
    group() +
    role,
  "a function in no VPC": bare("").replace("      VpcConfig:\n", ""),
  "subnets from a parameter": `Parameters:\n  Subnets:\n    Type: List<AWS::EC2::Subnet::Id>\n${lambda("!Ref Subnets", "[sg-12345678]")}${role}`,
  "a list that a condition decides": `Conditions:
  Apart: !Equals [!Ref AWS::Region, eu-west-1]
${lambda("!If [Apart, [subnet-12345678], [subnet-87654321]]", "[sg-12345678]")}${role}`,
  "a VpcConfig that a condition decides": `Conditions:
  Apart: !Equals [!Ref AWS::Region, eu-west-1]
${bare(" !If [Apart, { SubnetIds: [subnet-12345678], SecurityGroupIds: [sg-12345678] }, !Ref AWS::NoValue]")}`,
  "subnets of another stack": lambda("[!ImportValue subnet-a]", "[sg-12345678]") + role,
  "two VPCs to choose from": lambda("[]", "[]") + vpc + vpc.replace("Network", "Other") + role,
  "no room left": lambda("[]", "[]") + vpc.replace("/16", "/28") + role,
  "Globals that other functions share": `${sam("", samGlobals)}  Other:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: exports.handler = async () => 1
`,
};

/** The same template in other hands: four spaces, Windows line breaks, JSON, JSON on one line. */
export const styles: Readonly<Record<string, (text: string) => string>> = {
  "four spaces": (text) => text.replace(/^ +/gm, (indent) => indent + indent),
  "Windows line breaks": (text) => text.replaceAll("\n", "\r\n"),
  JSON: (text) => json(text),
  "JSON on one line": (text) => JSON.stringify(JSON.parse(json(text))),
};

function json(text: string): string {
  const { root } = parse(text);
  return root === undefined ? text : toJsonText(root);
}

/** Templates in which conditions decide about one part or another of a function's way out. */

/** What a condition may decide about. */
export const slots = [
  "route",
  "otherRoute",
  "nat",
  "association",
  "aclEntry",
  "aclAction",
  "webRule",
  "otherRule",
  "ownRule",
  "role",
  "statement",
  "policy",
  "endpoint",
  "publicRoute",
  "attachment",
  "secondSubnet",
  "vpcConfig",
  "privateRoute",
  "dns",
] as const;

export type Slot = (typeof slots)[number];

export interface Shape {
  readonly conditions: readonly {
    readonly kind: "is" | "not" | "and" | "or";
    readonly parameter: number;
    readonly other: number;
  }[];
  /** Which condition decides about what. */
  readonly uses: readonly { readonly slot: Slot; readonly condition: number }[];
}

/** Returns the template, its parameters `P0`, `P1` … being `yes` or `no`. */
export function conditionalTemplate({ conditions, uses }: Shape): string {
  const deciding = new Map(uses.map(({ slot, condition }) => [slot, `C${condition}`]));
  const resourceIf = (slot: Slot): string => (deciding.has(slot) ? `Condition: ${deciding.get(slot)}, ` : "");
  const choice = (slot: Slot, yes: string, no = "!Ref AWS::NoValue"): string =>
    deciding.has(slot) ? `!If [${deciding.get(slot)}, ${yes}, ${no}]` : yes;
  const names = [...new Set(conditions.flatMap(({ parameter, other }) => [parameter, other]))];
  const test = (parameter: number): string => `!Equals [!Ref P${parameter}, "yes"]`;
  const written = conditions.map(({ kind, parameter, other }, at) => {
    const [one, two] = [test(parameter), test(other)];
    return `  C${at}: ${{ is: one, not: `!Not [${one}]`, and: `!And [${one}, ${two}]`, or: `!Or [${one}, ${two}]` }[kind]}`;
  });
  const web = "{ IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 }";
  const config = `{ SecurityGroupIds: [!Ref Group], SubnetIds: [!Ref A, ${choice("secondSubnet", "!Ref B")}] }`;
  return `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
${names.map((at) => `  P${at}: { Type: String, Default: "yes", AllowedValues: ["yes", "no"] }`).join("\n")}
Conditions:
${written.join("\n")}
Resources:
  Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 10.0.0.0/16, EnableDnsSupport: ${choice("dns", "true", "false")} } }
  Igw: { Type: "AWS::EC2::InternetGateway" }
  Attach: { Type: "AWS::EC2::VPCGatewayAttachment", ${resourceIf("attachment")}Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw } }
  Public: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.255.0/24 } }
  PublicTable: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: !Ref Vpc } }
  PublicRoute: { Type: "AWS::EC2::Route", ${resourceIf("publicRoute")}DependsOn: Attach, Properties: { RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw } }
  PublicTableOfPublic: { Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: { SubnetId: !Ref Public, RouteTableId: !Ref PublicTable } }
  Eip: { Type: "AWS::EC2::EIP", Properties: { Domain: vpc } }
  Nat: { Type: "AWS::EC2::NatGateway", ${resourceIf("nat")}Properties: { SubnetId: !Ref Public, AllocationId: !GetAtt Eip.AllocationId } }
  A: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [0, !GetAZs ""] } }
  B: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: !Select [1, !GetAZs ""] } }
  Table: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: !Ref Vpc } }
  OtherTable: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: !Ref Vpc } }
  Route: { Type: "AWS::EC2::Route", ${resourceIf("route")}Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat } }
  OtherRoute: { Type: "AWS::EC2::Route", ${resourceIf("otherRoute")}Properties: { RouteTableId: !Ref OtherTable, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat } }
  PrivateRoute: { Type: "AWS::EC2::Route", ${resourceIf("privateRoute")}Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 172.16.0.0/12, TransitGatewayId: tgw-0123456789abcdef0 } }
  TableOfA: { Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: { SubnetId: !Ref A, RouteTableId: ${choice("association", "!Ref Table", "!Ref PublicTable")} } }
  TableOfB: { Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: { SubnetId: !Ref B, RouteTableId: !Ref OtherTable } }
  Acl: { Type: "AWS::EC2::NetworkAcl", Properties: { VpcId: !Ref Vpc } }
  AclOfA: { Type: "AWS::EC2::SubnetNetworkAclAssociation", Properties: { SubnetId: !Ref A, NetworkAclId: !Ref Acl } }
  AclIn: { Type: "AWS::EC2::NetworkAclEntry", Properties: { NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0 } }
  AclOut: { Type: "AWS::EC2::NetworkAclEntry", Properties: { NetworkAclId: !Ref Acl, RuleNumber: 100, Egress: true, Protocol: 6, RuleAction: ${choice("aclAction", "allow", "deny")}, CidrBlock: 0.0.0.0/0, PortRange: { From: 443, To: 443 } } }
  AclMail: { Type: "AWS::EC2::NetworkAclEntry", ${resourceIf("aclEntry")}Properties: { NetworkAclId: !Ref Acl, RuleNumber: 90, Egress: true, Protocol: 6, RuleAction: deny, CidrBlock: 0.0.0.0/0, PortRange: { From: 25, To: 25 } } }
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: worker
      VpcId: !Ref Vpc
      SecurityGroupEgress:
        - { IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.0.0.0/16 }
        - ${choice("webRule", web)}
        - ${choice("otherRule", "{ IpProtocol: tcp, FromPort: 5000, ToPort: 5000, CidrIp: 0.0.0.0/0 }")}
  OwnRule: { Type: "AWS::EC2::SecurityGroupEgress", ${resourceIf("ownRule")}Properties: { GroupId: !Ref Group, IpProtocol: tcp, FromPort: 6379, ToPort: 6379, CidrIp: 10.0.0.0/16 } }
  Endpoint: { Type: "AWS::EC2::VPCEndpoint", ${resourceIf("endpoint")}Properties: { VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-central-1.s3, RouteTableIds: [!Ref Table] } }
  Policy: { Type: "AWS::IAM::Policy", ${resourceIf("policy")}Properties: { PolicyName: p, Roles: [!Ref Role], PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "ec2:*", Resource: "*" }] } } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" }] }
      ManagedPolicyArns: [${choice("role", "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")}]
      Policies: [{ PolicyName: own, PolicyDocument: { Version: "2012-10-17", Statement: [${choice("statement", '{ Effect: Allow, Action: "s3:GetObject", Resource: "*" }')}] } }]
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code: { ZipFile: "exports.handler = async () => 1;" }
      Role: !GetAtt Role.Arn
      VpcConfig: ${choice("vpcConfig", config)}
`;
}

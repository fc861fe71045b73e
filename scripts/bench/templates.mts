/** The templates that the bench measures on: one kind of stack in several sizes, as YAML by hand and as JSON from CDK. */
import { parse } from "../../server/src/template/parse";
import { toJsonText } from "../../test/print-json";

const head = `AWSTemplateFormatVersion: "2010-09-09"
Description: Functions behind one NAT gateway
Parameters:
  Stage:
    Type: String
    Default: dev
    AllowedValues: [dev, prod]
  CodeBucket:
    Type: String
`;

const shared = `  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  InternetGateway:
    Type: AWS::EC2::InternetGateway
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties:
      VpcId: !Ref Vpc
      InternetGatewayId: !Ref InternetGateway
  PublicSubnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.255.0/24
  PublicTable:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
  PublicRoute:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties:
      RouteTableId: !Ref PublicTable
      DestinationCidrBlock: 0.0.0.0/0
      GatewayId: !Ref InternetGateway
  PublicAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref PublicSubnet
      RouteTableId: !Ref PublicTable
  Address:
    Type: AWS::EC2::EIP
    DependsOn: Attachment
    Properties:
      Domain: vpc
  Nat:
    Type: AWS::EC2::NatGateway
    Properties:
      SubnetId: !Ref PublicSubnet
      AllocationId: !GetAtt Address.AllocationId
`;

export interface Shape {
  /** Functions, each with six more resources of its own. */
  readonly functions: number;
  /** Conditions in the template, and how many of them one function's network depends on. */
  readonly conditions?: number;
  readonly slice?: number;
  /** Characters of further environment variables a function, to fill a template up. */
  readonly padding?: number;
}

/** Returns a YAML template: 9 resources and 7 a function. */
export function template({ functions, conditions = 0, slice = 0, padding = 0 }: Shape): string {
  const blocks = Array.from({ length: functions }, (_, index) => block(index, { conditions, slice, padding }));
  return [head, parametersOf(conditions), conditionsOf(conditions), "Resources:\n", shared, ...blocks].join("");
}

/** Returns a template as CDK prints it: JSON with an indent of one, each resource with the path of its construct. */
export function asCdk(text: string): string {
  const { root } = parse(text);
  if (root === undefined) throw new Error("the template has no root");
  const template = JSON.parse(toJsonText(root));
  const resources = Object.entries<object>(template.Resources).map(([id, resource]) => [
    id,
    { ...resource, Metadata: { "aws:cdk:path": `Bench/${id}/Resource` } },
  ]);
  return JSON.stringify({ ...template, Resources: Object.fromEntries(resources) }, undefined, 1);
}

/** A template as small as they come: one function in one subnet without a way out. */
export const small = `AWSTemplateFormatVersion: "2010-09-09"
Description: One function in a subnet without a way out
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.0.0/24
  Table:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
  Association:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref Subnet
      RouteTableId: !Ref Table
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: function
      VpcId: !Ref Vpc
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: exports.handler = async () => 1;
      VpcConfig:
        SubnetIds: [!Ref Subnet]
        SecurityGroupIds: [!Ref Group]
`;

function parametersOf(conditions: number): string {
  return Array.from(
    { length: conditions },
    (_, index) => `  Flag${index}:\n    Type: String\n    Default: "yes"\n`,
  ).join("");
}

function conditionsOf(conditions: number): string {
  if (conditions === 0) return "";
  const lines = Array.from({ length: conditions }, (_, index) => `  Has${index}: !Equals [!Ref Flag${index}, "yes"]\n`);
  return `Conditions:\n${lines.join("")}`;
}

function block(index: number, { conditions, slice, padding }: Required<Omit<Shape, "functions">>): string {
  const filler = Array.from({ length: Math.floor(padding / 60) }, (_, line) => {
    const name = `          SETTING_${String(line).padStart(3, "0")}: `;
    return `${name}${"value ".repeat(6)}\n`;
  }).join("");
  // Each condition of the slice decides over one more rule of the function's group.
  const rules = Array.from({ length: slice }, (_, rule) => {
    const condition = `Has${(index + rule) % Math.max(1, conditions)}`;
    return `        - !If [${condition}, {IpProtocol: tcp, FromPort: ${5000 + rule}, ToPort: ${5000 + rule}, CidrIp: 0.0.0.0/0}, !Ref "AWS::NoValue"]\n`;
  }).join("");
  return `  Subnet${index}:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.${index % 250}.0/28
      AvailabilityZone: !Select
        - 0
        - !GetAZs ""
      Tags:
        - Key: Name
          Value: !Sub "\${AWS::StackName}-subnet-${index}"
  Table${index}:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
      Tags:
        - Key: Name
          Value: !Sub "\${AWS::StackName}-table-${index}"
  Route${index}:
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref Table${index}
      DestinationCidrBlock: 0.0.0.0/0
      NatGatewayId: !Ref Nat
  Association${index}:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref Subnet${index}
      RouteTableId: !Ref Table${index}
  Group${index}:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: !Sub "function ${index} of \${AWS::StackName}"
      VpcId: !Ref Vpc
      SecurityGroupEgress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 0.0.0.0/0
${rules}  Role${index}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub "arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
  Worker${index}:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub "\${AWS::StackName}-worker-${index}"
      Runtime: python3.13
      Handler: index.handler
      MemorySize: 256
      Timeout: 30
      Role: !GetAtt Role${index}.Arn
      Code:
        S3Bucket: !Ref CodeBucket
        S3Key: worker${index}.zip
      VpcConfig:
        SubnetIds:
          - !Ref Subnet${index}
        SecurityGroupIds:
          - !Ref Group${index}
      Environment:
        Variables:
          STAGE: !Ref Stage
          INDEX: "${index}"
          URL: https://example.com/${index}
${filler}`;
}

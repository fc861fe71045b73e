/** Which values name the same thing. */
import type { Node } from "./syntax";
import type { Resource } from "./template";
import type { Value } from "./value";

/**
 * Which attributes name the resource itself, so that `!GetAtt Nat.NatGatewayId` equals `!Ref Nat`.
 * Source: the resource types' return values in the CloudFormation template reference.
 */
const idAttributes: Readonly<Record<string, readonly string[]>> = {
  "AWS::EC2::VPC": ["VpcId"],
  "AWS::EC2::Subnet": ["SubnetId"],
  "AWS::EC2::RouteTable": ["RouteTableId"],
  "AWS::EC2::InternetGateway": ["InternetGatewayId"],
  "AWS::EC2::EgressOnlyInternetGateway": ["Id"],
  "AWS::EC2::NatGateway": ["NatGatewayId"],
  "AWS::EC2::SecurityGroup": ["GroupId", "Id"],
  "AWS::EC2::NetworkAcl": ["Id"],
  "AWS::EC2::NetworkInterface": ["Id"],
  "AWS::EC2::Instance": ["InstanceId"],
  "AWS::EC2::VPCEndpoint": ["Id"],
  "AWS::EC2::PrefixList": ["PrefixListId"],
  "AWS::EC2::VPNGateway": ["VPNGatewayId"],
  "AWS::EC2::TransitGateway": ["Id"],
  "AWS::EC2::VPCPeeringConnection": ["Id"],
  "AWS::EC2::LaunchTemplate": ["LaunchTemplateId"],
  "AWS::IAM::ManagedPolicy": ["PolicyArn"],
};

/** Returns undefined where `attribute` of a resource of this type is what `Ref` gives, else the attribute. */
export function distinctAttribute(type: string, attribute: string): string | undefined {
  return idAttributes[type]?.includes(attribute) === true ? undefined : attribute;
}

/**
 * Attributes that give back what the property of the same name was given. Source: the return values of the resource
 * types in the CloudFormation template reference.
 */
const givenAttributes: Readonly<Record<string, readonly string[]>> = {
  "AWS::EC2::VPC": ["CidrBlock"],
  "AWS::EC2::Subnet": ["CidrBlock", "VpcId"],
  "AWS::EC2::SecurityGroup": ["VpcId"],
};

/** Tells whether `attribute` of a resource of this type is what its property of that name was given. */
export function isGiven(type: string, attribute: string): boolean {
  return givenAttributes[type]?.includes(attribute) === true;
}

/** Tells whether a resource calls a function, or a topic, while the stack is made. */
export function isCustom({ type }: Pick<Resource, "type">): boolean {
  return type.startsWith("Custom::") || type === "AWS::CloudFormation::CustomResource";
}

/** Tells whether any attribute of a resource of this type gives back a property. */
export function givesBack(type: string): boolean {
  return Object.hasOwn(givenAttributes, type);
}

/** Returns the ids in a bound value, where it is nothing else: what they name lies outside, but is known by its id. */
export function idsIn(
  text: string,
  { at, ref }: { readonly at: Node; readonly ref: string },
): readonly Value[] | undefined {
  const ids = text.split(",").map((id) => id.trim());
  return ids.every((id) => /^(?:subnet|vpc|sg|rtb|nat|igw|eigw|acl|tgw|pcx|vpce|eni|vgw|i)-[0-9a-z]+$/.test(id))
    ? ids.map((id, index) => ({ kind: "text", text: id, at, ref: ids.length > 1 ? `${ref}[${index}]` : ref }))
    : undefined;
}

/**
 * What each resource of a topology is written as. The names and shapes are those of the snippets, so that a
 * template made by either reads the same.
 */
import type { Value, ValueMap } from "../value";

export function ref(id: string): ValueMap {
  return { Ref: id };
}

export function attribute(id: string, name: string): ValueMap {
  return { "Fn::GetAtt": [id, name] };
}

/** Returns an Availability Zone of the region by its index; two indices are two zones. */
export function zone(index: number): ValueMap {
  return { "Fn::Select": [index, { "Fn::GetAZs": "" }] };
}

export function vpc(cidr: string): ValueMap {
  return {
    Type: "AWS::EC2::VPC",
    Properties: { CidrBlock: cidr, EnableDnsSupport: true, EnableDnsHostnames: true },
  };
}

export function internetGateway(): ValueMap {
  return { Type: "AWS::EC2::InternetGateway" };
}

export function gatewayAttachment(vpcId: string, gateway: string): ValueMap {
  return {
    Type: "AWS::EC2::VPCGatewayAttachment",
    Properties: { VpcId: ref(vpcId), InternetGatewayId: ref(gateway) },
  };
}

export function subnet(vpcId: string, availabilityZone: Value, cidr: Value, ipv6?: Value): ValueMap {
  const properties = { VpcId: ref(vpcId), AvailabilityZone: availabilityZone, CidrBlock: cidr };
  return {
    Type: "AWS::EC2::Subnet",
    Properties: ipv6 === undefined ? properties : { ...properties, Ipv6CidrBlock: ipv6 },
  };
}

export function routeTable(vpcId: string): ValueMap {
  return { Type: "AWS::EC2::RouteTable", Properties: { VpcId: ref(vpcId) } };
}

/** `target` is the property that names it, such as `{ NatGatewayId: … }`. */
export function route(table: string, destination: ValueMap, target: ValueMap, dependsOn?: string): ValueMap {
  return waiting("AWS::EC2::Route", dependsOn, { RouteTableId: ref(table), ...destination, ...target });
}

export function association(subnetId: string, table: string): ValueMap {
  return {
    Type: "AWS::EC2::SubnetRouteTableAssociation",
    Properties: { SubnetId: ref(subnetId), RouteTableId: ref(table) },
  };
}

/** An address may be asked for only once the gateway is attached, and so may what uses it. */
export function address(dependsOn: string | undefined): ValueMap {
  return waiting("AWS::EC2::EIP", dependsOn, { Domain: "vpc" });
}

export function natGateway(subnetId: string, allocation: string, dependsOn: string | undefined): ValueMap {
  return waiting("AWS::EC2::NatGateway", dependsOn, {
    SubnetId: ref(subnetId),
    AllocationId: attribute(allocation, "AllocationId"),
  });
}

/**
 * A NAT gateway of the whole VPC needs neither a public subnet nor an address of the template: AWS gives it both
 * (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html).
 */
export function regionalNatGateway(vpcId: string, dependsOn: string | undefined): ValueMap {
  return waiting("AWS::EC2::NatGateway", dependsOn, { AvailabilityMode: "regional", VpcId: ref(vpcId) });
}

/**
 * A machine that forwards what it gets, set up as in AWS's guide
 * (https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html). It has its address from
 * the first moment, as its start-up script loads a package.
 */
export function natInstance(subnetId: string, group: string, dependsOn: string | undefined): ValueMap {
  return waiting("AWS::EC2::Instance", dependsOn, {
    ImageId: "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}",
    InstanceType: "t4g.nano",
    SourceDestCheck: false,
    NetworkInterfaces: [
      { DeviceIndex: "0", AssociatePublicIpAddress: true, SubnetId: ref(subnetId), GroupSet: [ref(group)] },
    ],
    UserData: { "Fn::Base64": forwarding },
  });
}

const forwarding = `#!/bin/bash
dnf install -y iptables-services
systemctl enable --now iptables
echo net.ipv4.ip_forward=1 > /etc/sysctl.d/90-nat.conf
sysctl -p /etc/sysctl.d/90-nat.conf
iptables -t nat -A POSTROUTING -j MASQUERADE
iptables -F FORWARD
service iptables save
`;

export function natInstanceGroup(vpcId: string, from: Value): ValueMap {
  return {
    Type: "AWS::EC2::SecurityGroup",
    Properties: {
      GroupDescription: "Lets the VPC through the NAT instance",
      VpcId: ref(vpcId),
      SecurityGroupIngress: [{ IpProtocol: "-1", CidrIp: from }],
    },
  };
}

export function functionGroup(vpcId: string, ipv6: boolean): ValueMap {
  const https = { IpProtocol: "tcp", FromPort: 443, ToPort: 443 };
  return {
    Type: "AWS::EC2::SecurityGroup",
    Properties: {
      GroupDescription: "Lets the function call out over HTTPS",
      VpcId: ref(vpcId),
      SecurityGroupEgress: [{ ...https, CidrIp: "0.0.0.0/0" }, ...(ipv6 ? [{ ...https, CidrIpv6: "::/0" }] : [])],
    },
  };
}

export function endpointGroup(vpcId: string, from: Value): ValueMap {
  return {
    Type: "AWS::EC2::SecurityGroup",
    Properties: {
      GroupDescription: "Lets the VPC call AWS services over HTTPS",
      VpcId: ref(vpcId),
      SecurityGroupIngress: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIp: from }],
    },
  };
}

export function gatewayEndpoint(vpcId: string, service: string, tables: readonly string[]): ValueMap {
  return endpoint(vpcId, service, "Gateway", { RouteTableIds: tables.map(ref) });
}

export function interfaceEndpoint(vpcId: string, service: string, subnets: readonly string[], group: string): ValueMap {
  return endpoint(vpcId, service, "Interface", {
    PrivateDnsEnabled: true,
    SubnetIds: subnets.map(ref),
    SecurityGroupIds: [ref(group)],
  });
}

function endpoint(vpcId: string, service: string, type: string, properties: ValueMap): ValueMap {
  return {
    Type: "AWS::EC2::VPCEndpoint",
    Properties: {
      VpcId: ref(vpcId),
      VpcEndpointType: type,
      ServiceName: { "Fn::Sub": `com.amazonaws.\${AWS::Region}.${service}` },
      ...properties,
    },
  };
}

export function ipv6Range(vpcId: string): ValueMap {
  return {
    Type: "AWS::EC2::VPCCidrBlock",
    Properties: { VpcId: ref(vpcId), AmazonProvidedIpv6CidrBlock: true },
  };
}

/** Returns one of the 256 blocks that a subnet may have of its VPC's IPv6 range. */
export function ipv6Block(vpcId: string, index: number): ValueMap {
  const whole = { "Fn::Select": [0, attribute(vpcId, "Ipv6CidrBlocks")] };
  return { "Fn::Select": [index, { "Fn::Cidr": [whole, 256, 64] }] };
}

export function egressOnlyGateway(vpcId: string): ValueMap {
  return { Type: "AWS::EC2::EgressOnlyInternetGateway", Properties: { VpcId: ref(vpcId) } };
}

export function role(policy: Value): ValueMap {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
      ManagedPolicyArns: [policy],
    },
  };
}

/** Returns a resource that is made once another one is. */
export function waiting(type: string, dependsOn: string | undefined, properties: ValueMap): ValueMap {
  return { Type: type, ...(dependsOn === undefined ? {} : { DependsOn: dependsOn }), Properties: properties };
}

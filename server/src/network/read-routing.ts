/** Reads VPCs, subnets, route tables and the gateways that routes lead to. */

import type { Resolver } from "../template/resolve";
import type { Value } from "../template/value";
import type * as model from "./model";
import { absent, type Fact } from "./model";
import type { Reader } from "./parts";
import { inText, keyOf } from "./read";
import { entity, properties } from "./read-resource";

export const routing: Readonly<Record<string, Reader>> = {
  "AWS::EC2::VPC": (resource, resolver) => {
    const { text, flag } = properties(resource, resolver);
    const is: model.Vpc = {
      ...entity(resource),
      cidrs: [text("CidrBlock")],
      ipv6: absent,
      tenancy: text("InstanceTenancy"),
      dnsSupport: flag("EnableDnsSupport"),
      dnsHostnames: flag("EnableDnsHostnames"),
      attachments: [],
      mainTable: absent,
    };
    return [{ part: "vpc", is }];
  },

  "AWS::EC2::VPCCidrBlock": (resource, resolver) => {
    const { key, text, flag, given } = properties(resource, resolver);
    const provided = flag("AmazonProvidedIpv6CidrBlock");
    const ipv6: Fact<boolean> =
      given("Ipv6CidrBlock") || given("Ipv6IpamPoolId") || given("Ipv6Pool")
        ? { is: "known", value: true, at: inText(resource.at) }
        : provided;
    return [{ part: "vpc-cidr", of: key("VpcId"), cidr: text("CidrBlock"), ipv6 }];
  },

  "AWS::EC2::Subnet": (resource, resolver) => {
    const { key, text, flag, given, value } = properties(resource, resolver);
    const zone = value("AvailabilityZone");
    const ipv6 = ["Ipv6CidrBlock", "Ipv6CidrBlocks", "Ipv6IpamPoolId"].some(given);
    const is: model.Subnet = {
      ...entity(resource),
      vpc: key("VpcId"),
      cidr: text("CidrBlock"),
      zone: keyOf(zone.kind === "nothing" ? value("AvailabilityZoneId") : zone),
      ipv6: ipv6 ? { is: "known", value: true, at: inText(resource.at) } : absent,
      ipv6Native: flag("Ipv6Native"),
      publicIpOnLaunch: flag("MapPublicIpOnLaunch"),
      tables: [],
      acls: [],
    };
    return [{ part: "subnet", is }];
  },

  "AWS::EC2::SubnetCidrBlock": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "subnet-ipv6", of: key("SubnetId"), at: inText(resource.at) }];
  },

  "AWS::EC2::RouteTable": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [
      { part: "table", is: { ...entity(resource), vpc: key("VpcId"), routes: [], propagations: [], exported: false } },
    ];
  },

  "AWS::EC2::Route": (resource, resolver) => {
    const { key, text, value, given } = properties(resource, resolver);
    const targets = routeTargets.flatMap(([name, kind]): model.Target[] =>
      given(name) ? [{ kind: kindOfGateway(kind, value(name)), key: key(name), at: inText(value(name).at) }] : [],
    );
    const [destination, family] = given("DestinationCidrBlock")
      ? ([text("DestinationCidrBlock"), "ipv4"] as const)
      : given("DestinationIpv6CidrBlock")
        ? ([text("DestinationIpv6CidrBlock"), "ipv6"] as const)
        : given("DestinationPrefixListId")
          ? ([key("DestinationPrefixListId"), "prefix-list"] as const)
          : ([absent, "ipv4"] as const);
    const is: model.Route = { key: resource.id, at: inText(resource.at), destination, family, targets };
    return [{ part: "route", of: key("RouteTableId"), is }];
  },

  "AWS::EC2::VPNGatewayRoutePropagation": (resource, resolver) => {
    const { items } = properties(resource, resolver);
    return (items("RouteTableIds") ?? []).map((table) => ({
      part: "propagation",
      of: keyOf(table),
      at: inText(resource.at),
    }));
  },

  "AWS::EC2::RouteServerPropagation": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "propagation", of: key("RouteTableId"), at: inText(resource.at) }];
  },

  "AWS::EC2::SubnetRouteTableAssociation": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [
      {
        part: "table-association",
        of: key("SubnetId"),
        is: { at: inText(resource.at), target: key("RouteTableId") },
      },
    ];
  },

  "AWS::EC2::GatewayRouteTableAssociation": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "edge", is: { at: inText(resource.at), gateway: key("GatewayId"), table: key("RouteTableId") } }];
  },

  "AWS::EC2::InternetGateway": (resource) => [
    { part: "internet-gateway", is: { ...entity(resource), kind: "internet-gateway" } },
  ],

  "AWS::EC2::VPCGatewayAttachment": (resource, resolver) => {
    const { key, given } = properties(resource, resolver);
    if (!given("InternetGatewayId")) return [];
    return [
      { part: "attachment", of: key("VpcId"), is: { at: inText(resource.at), gateway: key("InternetGatewayId") } },
    ];
  },

  "AWS::EC2::EgressOnlyInternetGateway": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "egress-only-gateway", is: { ...entity(resource), vpc: key("VpcId") } }];
  },

  "AWS::EC2::NatGateway": (resource, resolver) => {
    const { key, text, value, items } = properties(resource, resolver);
    const zones = (items("AvailabilityZoneAddresses") ?? []).flatMap((item) => {
      if (item.kind !== "map") return [];
      const zone = resolver.property(item.node, "AvailabilityZone");
      return [keyOf(zone.kind === "nothing" ? resolver.property(item.node, "AvailabilityZoneId") : zone)];
    });
    const is: model.NatGateway = {
      ...entity(resource),
      connectivity: text("ConnectivityType"),
      availability: text("AvailabilityMode"),
      subnet: key("SubnetId"),
      vpc: key("VpcId"),
      allocation: allocation(resolver, value("AllocationId")),
      zones,
    };
    return [{ part: "nat", is }];
  },

  "AWS::EC2::VPCEncryptionControl": (resource, resolver) => {
    const { key, text } = properties(resource, resolver);
    const excluded = (name: string): Fact<boolean> => {
      const fact = text(name);
      return fact.is === "known" ? { ...fact, value: fact.value.toLowerCase() === "enable" } : fact;
    };
    const is: model.EncryptionControl = {
      at: inText(resource.at),
      mode: text("Mode"),
      lambdaExcluded: excluded("LambdaExclusionInput"),
      natExcluded: excluded("NatGatewayExclusionInput"),
      internetGatewayExcluded: excluded("InternetGatewayExclusionInput"),
      egressOnlyGatewayExcluded: excluded("EgressOnlyInternetGatewayExclusionInput"),
    };
    return [{ part: "encryption", of: key("VpcId"), is }];
  },

  "AWS::EC2::VPCBlockPublicAccessOptions": (resource, resolver) => {
    const { text } = properties(resource, resolver);
    return [
      {
        part: "public-access",
        is: { at: inText(resource.at), mode: text("InternetGatewayBlockMode"), exclusions: [] },
      },
    ];
  },

  "AWS::EC2::VPCBlockPublicAccessExclusion": (resource, resolver) => {
    const { text, key, given } = properties(resource, resolver);
    const target = key(given("SubnetId") ? "SubnetId" : "VpcId");
    return [
      {
        part: "public-access-exclusion",
        is: { at: inText(resource.at), mode: text("InternetGatewayExclusionMode"), target },
      },
    ];
  },
};

/** The properties of a route that name its target (A route table entry has exactly one). */
const routeTargets: readonly (readonly [string, model.TargetKind])[] = [
  ["GatewayId", "gateway"],
  ["NatGatewayId", "nat-gateway"],
  ["InstanceId", "instance"],
  ["NetworkInterfaceId", "network-interface"],
  ["EgressOnlyInternetGatewayId", "egress-only-gateway"],
  ["TransitGatewayId", "transit-gateway"],
  ["VpcPeeringConnectionId", "peering"],
  ["VpcEndpointId", "endpoint"],
  ["LocalGatewayId", "local-gateway"],
  ["CarrierGatewayId", "carrier-gateway"],
  ["CoreNetworkArn", "core-network"],
  ["OdbNetworkArn", "other"],
];

/** A literal gateway id tells its kind; a reference is told apart by what the network holds under its key. */
function kindOfGateway(kind: model.TargetKind, value: Value): model.TargetKind {
  if (kind !== "gateway" || value.kind !== "text") return kind;
  if (value.text.startsWith("igw-")) return "internet-gateway";
  return value.text.startsWith("vgw-") ? "vpn-gateway" : kind;
}

/** `!Ref Eip` is the address, `!GetAtt Eip.AllocationId` the allocation that a NAT gateway needs. */
function allocation(resolver: Resolver, value: Value): model.NatGateway["allocation"] {
  if (value.kind === "nothing" || (value.kind === "text" && value.text === "")) return absent;
  if (value.kind === "unknown") return { is: "unknown", why: value.why, at: inText(value.at) };
  const isAddress =
    (value.kind === "resource" &&
      resolver.typeOf(value.id) === "AWS::EC2::EIP" &&
      value.attribute !== "AllocationId") ||
    (value.kind === "text" && /^\d+\.\d+\.\d+\.\d+$/.test(value.text));
  return { is: "known", value: { isAddress }, at: inText(value.at) };
}

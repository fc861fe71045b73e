/** Turns one resource into the parts of the network that it declares, in one world. */
import { message } from "../message";
import type { Resolver } from "../template/resolve";
import type { Node } from "../template/syntax";
import type { Resource } from "../template/template";
import { asWritten, type Value } from "../template/value";
import type * as model from "./model";
import { absent, type Fact, type Key } from "./model";
import { booleanFact, inText, keyOf, numberFact, portsFact, refOf, textFact } from "./read";
import { readPolicyResource, readRole } from "./read-role";

/** A declaration: a thing of the network, or a statement about another thing (`of`). */
export type Part =
  | { readonly part: "vpc"; readonly is: model.Vpc }
  | { readonly part: "vpc-cidr"; readonly of: Fact<Key>; readonly cidr: Fact<string>; readonly ipv6: Fact<boolean> }
  | { readonly part: "subnet"; readonly is: model.Subnet }
  | { readonly part: "subnet-ipv6"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "table"; readonly is: model.RouteTable }
  | { readonly part: "route"; readonly of: Fact<Key>; readonly is: model.Route }
  | { readonly part: "propagation"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "table-association"; readonly of: Fact<Key>; readonly is: model.Association }
  | { readonly part: "acl-association"; readonly of: Fact<Key>; readonly is: model.Association }
  | { readonly part: "attachment"; readonly of: Fact<Key>; readonly is: model.Attachment }
  | { readonly part: "encryption"; readonly of: Fact<Key>; readonly is: model.EncryptionControl }
  | { readonly part: "internet-gateway"; readonly is: model.InternetGateway }
  | { readonly part: "egress-only-gateway"; readonly is: model.EgressOnlyGateway }
  | { readonly part: "nat"; readonly is: model.NatGateway }
  | { readonly part: "instance"; readonly is: model.Instance }
  | { readonly part: "interface"; readonly is: model.NetworkInterface }
  | { readonly part: "public-address"; readonly of: Fact<Key>; readonly at: model.Origin }
  | { readonly part: "interface-attachment"; readonly of: Fact<Key>; readonly instance: Fact<Key> }
  | { readonly part: "acl"; readonly is: model.NetworkAcl }
  | { readonly part: "acl-entry"; readonly of: Fact<Key>; readonly is: model.AclEntry }
  | { readonly part: "group"; readonly is: model.SecurityGroup }
  | { readonly part: "group-egress"; readonly of: Fact<Key>; readonly is: model.GroupRule }
  | { readonly part: "group-ingress"; readonly of: Fact<Key>; readonly is: model.GroupRule }
  | { readonly part: "prefix-list"; readonly is: model.PrefixList }
  | { readonly part: "endpoint"; readonly is: model.Endpoint }
  | { readonly part: "firewall"; readonly is: model.Firewall }
  | { readonly part: "edge"; readonly is: model.EdgeAssociation }
  | { readonly part: "function"; readonly is: model.LambdaFunction }
  | { readonly part: "role"; readonly is: model.Role; readonly name: Fact<string> }
  | { readonly part: "policy"; readonly of: readonly Value[]; readonly is: model.AttachedPolicy }
  | { readonly part: "public-access"; readonly is: model.BlockPublicAccess }
  | { readonly part: "public-access-exclusion"; readonly is: model.BlockPublicAccess["exclusions"][number] };

type Reader = (resource: Resource, resolver: Resolver) => readonly Part[];

/** Returns what a resource declares; nothing for types that do not bear on egress. */
export function partsOf(resource: Resource, resolver: Resolver): readonly Part[] {
  return readers[resource.type]?.(resource, resolver) ?? [];
}

const readers: Readonly<Record<string, Reader>> = {
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

  "AWS::EC2::SubnetNetworkAclAssociation": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [
      { part: "acl-association", of: key("SubnetId"), is: { at: inText(resource.at), target: key("NetworkAclId") } },
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
      allocation: allocation(value("AllocationId")),
      zones,
    };
    return [{ part: "nat", is }];
  },

  "AWS::EC2::EIP": (resource, resolver) => {
    const { key, given } = properties(resource, resolver);
    return given("InstanceId") ? [{ part: "public-address", of: key("InstanceId"), at: inText(resource.at) }] : [];
  },

  "AWS::EC2::EIPAssociation": (resource, resolver) => {
    const { key, given } = properties(resource, resolver);
    return ["InstanceId", "NetworkInterfaceId"]
      .filter(given)
      .map((name) => ({ part: "public-address", of: key(name), at: inText(resource.at) }));
  },

  "AWS::EC2::Instance": (resource, resolver) => {
    const { key, flag, items, value } = properties(resource, resolver);
    const inline = (items("NetworkInterfaces") ?? []).flatMap((item) => (item.kind === "map" ? [item.node] : []));
    const first = inline[0];
    const own = (name: string): Value => (first === undefined ? value(name) : resolver.property(first, name));
    const subnet = first === undefined ? key("SubnetId") : keyOf(own("SubnetId"));
    const groups = first === undefined ? value("SecurityGroupIds") : own("GroupSet");
    const interfaces = inline.map((node) => keyOf(resolver.property(node, "NetworkInterfaceId")));
    const is: model.Instance = {
      ...entity(resource),
      subnet,
      sourceDestCheck: flag("SourceDestCheck"),
      publicAddress: first === undefined ? absent : booleanFact(resolver, own("AssociatePublicIpAddress")),
      groups: keys(resolver, groups),
      interfaces: interfaces.filter((fact) => fact.is !== "absent"),
    };
    return [{ part: "instance", is }];
  },

  "AWS::EC2::NetworkInterface": (resource, resolver) => {
    const { key, flag, value } = properties(resource, resolver);
    const is: model.NetworkInterface = {
      ...entity(resource),
      subnet: key("SubnetId"),
      sourceDestCheck: flag("SourceDestCheck"),
      publicAddress: absent,
      groups: keys(resolver, value("GroupSet")),
      attached: false,
    };
    return [{ part: "interface", is }];
  },

  "AWS::EC2::NetworkInterfaceAttachment": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "interface-attachment", of: key("NetworkInterfaceId"), instance: key("InstanceId") }];
  },

  "AWS::EC2::NetworkAcl": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "acl", is: { ...entity(resource), vpc: key("VpcId"), isDefault: false, entries: [] } }];
  },

  "AWS::EC2::NetworkAclEntry": (resource, resolver) => {
    const { key, text, flag, value, given } = properties(resource, resolver);
    const ports = value("PortRange");
    const is: model.AclEntry = {
      key: resource.id,
      at: inText(resource.at),
      ruleNumber: numberFact(resolver, value("RuleNumber")),
      egress: flag("Egress"),
      protocol: text("Protocol"),
      action: text("RuleAction"),
      cidr: text(given("Ipv6CidrBlock") ? "Ipv6CidrBlock" : "CidrBlock"),
      family: given("Ipv6CidrBlock") ? "ipv6" : "ipv4",
      ports:
        ports.kind === "map"
          ? portsFact(resolver, resolver.property(ports.node, "From"), resolver.property(ports.node, "To"))
          : absent,
    };
    return [{ part: "acl-entry", of: key("NetworkAclId"), is }];
  },

  "AWS::EC2::SecurityGroup": (resource, resolver) => {
    const { key, value } = properties(resource, resolver);
    const egress = rules(resolver, value("SecurityGroupEgress"), "Destination");
    const is: model.SecurityGroup = {
      ...entity(resource),
      vpc: key("VpcId"),
      inlineEgress: egress,
      standaloneEgress: [],
      ingress: ingressRules(resolver, value("SecurityGroupIngress"), resource),
      isDefault: false,
      exported: false,
    };
    return [{ part: "group", is }];
  },

  "AWS::EC2::SecurityGroupEgress": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    if (resource.properties?.kind !== "map") return [];
    const is = { ...rule(resolver, resource.properties, "Destination"), at: inText(resource.at) };
    return [{ part: "group-egress", of: key("GroupId"), is }];
  },

  "AWS::EC2::SecurityGroupIngress": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    if (resource.properties?.kind !== "map") return [];
    const is = { ...rule(resolver, resource.properties, "Source"), at: inText(resource.at) };
    return [{ part: "group-ingress", of: key("GroupId"), is }];
  },

  "AWS::EC2::PrefixList": (resource, resolver) => {
    const { items, value } = properties(resource, resolver);
    const entries = items("Entries");
    const cidrs: model.PrefixList["cidrs"] =
      entries === undefined
        ? { is: "unknown", why: message("its entries are known only after deployment") }
        : {
            is: "known",
            value: entries.map((item) =>
              item.kind === "map"
                ? textFact(resolver, resolver.property(item.node, "Cidr"))
                : { is: "unknown", why: message("this value cannot be read") },
            ),
            at: inText(value("Entries").at),
          };
    return [{ part: "prefix-list", is: { ...entity(resource), cidrs } }];
  },

  "AWS::EC2::VPCEndpoint": (resource, resolver) => {
    const { key, text, flag, items, value } = properties(resource, resolver);
    const service = asWritten(value("ServiceName")).replace(
      /^.*(?:com\.amazonaws\.|aws\.(?:api|sagemaker)\.)(?:\$\{[^}]*\}|[a-z]{2}(?:-[a-z]+)+-\d)\./,
      "",
    );
    const is: model.Endpoint = {
      ...entity(resource),
      type: text("VpcEndpointType"),
      service:
        value("ServiceName").kind === "nothing"
          ? absent
          : { is: "known", value: service, at: inText(value("ServiceName").at) },
      vpc: key("VpcId"),
      tables: (items("RouteTableIds") ?? []).map(keyOf),
      subnets: (items("SubnetIds") ?? []).map(keyOf),
      groups: keys(resolver, value("SecurityGroupIds")),
      privateDns: flag("PrivateDnsEnabled"),
    };
    return [{ part: "endpoint", is }];
  },

  "AWS::NetworkFirewall::Firewall": (resource, resolver) => {
    const { items } = properties(resource, resolver);
    const subnets = (items("SubnetMappings") ?? []).map((item) =>
      item.kind === "map" ? keyOf(resolver.property(item.node, "SubnetId")) : keyOf(item),
    );
    return [{ part: "firewall", is: { ...entity(resource), subnets } }];
  },

  "AWS::NetworkFirewall::VpcEndpointAssociation": (resource, resolver) => {
    const { value } = properties(resource, resolver);
    const mapping = value("SubnetMapping");
    const subnets = mapping.kind === "map" ? [keyOf(resolver.property(mapping.node, "SubnetId"))] : [];
    return [{ part: "firewall", is: { ...entity(resource), subnets } }];
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

  "AWS::Lambda::Function": (resource, resolver) => [readFunction(resource, resolver, "VpcConfig", false)],
  "AWS::Synthetics::Canary": (resource, resolver) => [readFunction(resource, resolver, "VPCConfig", true)],
  "AWS::IAM::Role": readRole,
  "AWS::IAM::Policy": readPolicyResource,
  "AWS::IAM::RolePolicy": readPolicyResource,
  "AWS::IAM::ManagedPolicy": readPolicyResource,
};

function readFunction(resource: Resource, resolver: Resolver, property: string, canary: boolean): Part {
  const role = resolver.property(resource, canary ? "ExecutionRoleArn" : "Role");
  const roleKey = role.kind === "resource" && role.attribute === "Arn" ? role.id : undefined;
  const is: model.LambdaFunction = {
    ...entity(resource),
    vpcConfig: vpcConfig(resolver, resolver.property(resource, property)),
    role:
      role.kind === "nothing"
        ? absent
        : role.kind === "unknown"
          ? { is: "unknown", why: role.why, at: inText(role.at) }
          : { is: "known", value: { key: roleKey ?? refOf(role), ref: roleKey ?? refOf(role) }, at: inText(role.at) },
    canary,
  };
  return { part: "function", is };
}

function vpcConfig(resolver: Resolver, value: Value): Fact<model.VpcConfig> {
  if (value.kind === "nothing" || (value.kind === "text" && value.text === "")) return absent;
  const at = inText(value.at);
  if (value.kind !== "map") return { is: "unknown", why: message("its VpcConfig cannot be read"), at };
  const list = (name: string): Fact<readonly model.SubnetReference[]> => {
    const given = resolver.property(value.node, name);
    if (given.kind === "nothing" || (given.kind === "text" && given.text === "")) return absent;
    const items = resolver.items(given);
    if (items === undefined) {
      return {
        is: "unknown",
        why: given.kind === "unknown" ? given.why : message("{0} cannot be read", name),
        at: inText(given.at),
      };
    }
    const references = items.map((item) => ({
      at: inText(item.at),
      key: keyOf(item),
      ref: refOf(item),
      whole: (item.kind === "external" && item.list) || (item.kind === "resource" && item.attribute !== undefined),
    }));
    return { is: "known", value: references, at: inText(given.at) };
  };
  return {
    is: "known",
    at,
    value: {
      at,
      subnets: list("SubnetIds"),
      groups: list("SecurityGroupIds"),
      ipv6Allowed: booleanFact(resolver, resolver.property(value.node, "Ipv6AllowedForDualStack")),
    },
  };
}

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
function allocation(value: Value): model.NatGateway["allocation"] {
  if (value.kind === "nothing" || (value.kind === "text" && value.text === "")) return absent;
  const isAddress =
    (value.kind === "resource" && value.attribute !== "AllocationId") ||
    (value.kind === "text" && /^\d+\.\d+\.\d+\.\d+$/.test(value.text));
  return { is: "known", value: { isAddress }, at: inText(value.at) };
}

function rules(resolver: Resolver, value: Value, peer: "Destination" | "Source"): Fact<readonly model.GroupRule[]> {
  if (value.kind === "nothing") return absent;
  const items = resolver.items(value);
  if (items === undefined || items.some((item) => item.kind !== "map")) {
    return { is: "unknown", why: message("its rules are known only after deployment"), at: inText(value.at) };
  }
  if (items.length === 0) return absent;
  const read = items.flatMap((item) => (item.kind === "map" ? [rule(resolver, item.node, peer)] : []));
  return { is: "known", value: read, at: inText(value.at) };
}

function ingressRules(resolver: Resolver, value: Value, resource: Resource): readonly model.GroupRule[] {
  const read = rules(resolver, value, "Source");
  if (read.is === "known") return read.value;
  if (read.is === "absent") return [];
  const at = inText(resource.at);
  return [{ at, protocol: read, ports: read, peer: { kind: "unknown", why: read.why } }];
}

function rule(resolver: Resolver, node: Node & { kind: "map" }, peer: "Destination" | "Source"): model.GroupRule {
  const value = (name: string): Value => resolver.property(node, name);
  return {
    at: inText(node),
    protocol: textFact(resolver, value("IpProtocol")),
    ports: portsFact(resolver, value("FromPort"), value("ToPort")),
    peer: peerOf(resolver, value, peer),
  };
}

function peerOf(resolver: Resolver, value: (name: string) => Value, peer: string): model.GroupPeer {
  const given = (name: string): boolean => value(name).kind !== "nothing";
  if (given("CidrIp")) return { kind: "ipv4", cidr: textFact(resolver, value("CidrIp")) };
  if (given("CidrIpv6")) return { kind: "ipv6", cidr: textFact(resolver, value("CidrIpv6")) };
  if (given(`${peer}PrefixListId`)) return { kind: "prefix-list", list: keyOf(value(`${peer}PrefixListId`)) };
  if (given(`${peer}SecurityGroupId`)) return { kind: "group", group: keyOf(value(`${peer}SecurityGroupId`)) };
  if (given(`${peer}SecurityGroupName`)) {
    return { kind: "unknown", why: message("the group is given by name") };
  }
  return { kind: "absent" };
}

function keys(resolver: Resolver, value: Value): Fact<readonly Fact<Key>[]> {
  if (value.kind === "nothing") return absent;
  const items = resolver.items(value);
  if (items === undefined) return { is: "unknown", why: message("this value cannot be read"), at: inText(value.at) };
  return { is: "known", value: items.map(keyOf), at: inText(value.at) };
}

function entity(resource: Resource): model.Entity {
  return { key: resource.id, at: inText(resource.at), external: false };
}

/** Readers of one resource's properties by name. */
function properties(resource: Resource, resolver: Resolver) {
  const value = (name: string): Value => resolver.property(resource, name);
  return {
    value,
    given: (name: string): boolean => value(name).kind !== "nothing",
    key: (name: string): Fact<Key> => keyOf(value(name)),
    text: (name: string): Fact<string> => textFact(resolver, value(name)),
    flag: (name: string): Fact<boolean> => booleanFact(resolver, value(name)),
    items: (name: string): readonly Value[] | undefined => resolver.items(value(name)),
  };
}

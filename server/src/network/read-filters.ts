/** Reads network ACLs, security groups and prefix lists: what may pass. */

import { message } from "../message";
import type { Resolver } from "../template/resolve";
import type { Node } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Value } from "../template/value";
import type * as model from "./model";
import { absent, type Fact } from "./model";
import type { Reader } from "./parts";
import { inText, keyOf, numberFact, portsFact, textFact } from "./read";
import { entity, properties } from "./read-resource";

export const filters: Readonly<Record<string, Reader>> = {
  "AWS::EC2::SubnetNetworkAclAssociation": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [
      { part: "acl-association", of: key("SubnetId"), is: { at: inText(resource.at), target: key("NetworkAclId") } },
    ];
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
          ? within(
              ports.at,
              portsFact(resolver, resolver.property(ports.node, "From"), resolver.property(ports.node, "To")),
            )
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

  "AWS::EC2::SecurityGroupVpcAssociation": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "group-association", of: key("GroupId"), at: inText(resource.at) }];
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
};

/** A range is one thing to a person, so it stands where its map does. */
function within<T>(node: Node, fact: Fact<T>): Fact<T> {
  return fact.is === "known" ? { ...fact, at: inText(node) } : fact;
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

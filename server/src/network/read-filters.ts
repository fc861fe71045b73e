/** Reads network ACLs, security groups and prefix lists: what may pass. */

import { message } from "../message";
import type { Resolver } from "../template/resolve";
import { get, intrinsic, type Node } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Value } from "../template/value";
import { parseCidr } from "./address-space";
import { matchedPorts } from "./matching";
import type * as model from "./model";
import { absent, type Fact, known, knownOr } from "./model";
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
    const is: model.AclEntry = {
      key: resource.id,
      at: inText(resource.at),
      ruleNumber: numberFact(resolver, value("RuleNumber")),
      egress: flag("Egress"),
      protocol: text("Protocol"),
      action: text("RuleAction"),
      cidr: text(given("Ipv6CidrBlock") ? "Ipv6CidrBlock" : "CidrBlock"),
      family: given("Ipv6CidrBlock") ? "ipv6" : "ipv4",
      ports: portRange(resource, resolver),
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

/**
 * Returns a group as far as its rules may concern some traffic, undefined where that cannot be told without the others.
 * What an `Fn::If` puts in or leaves out for other ports is not asked about, and neither is whether rules of their own
 * for other ports exist. `others`: the resources that may say something about the group.
 */
export function groupOn(
  group: Resource,
  others: readonly Resource[],
  resolver: Resolver,
  traffic: model.Traffic | model.FamilyTraffic | undefined,
): model.SecurityGroup | undefined {
  const { key } = properties(group, resolver);
  const bare: model.SecurityGroup = {
    ...entity(group),
    vpc: key("VpcId"),
    inlineEgress: absent,
    standaloneEgress: [],
    ingress: [],
    isDefault: false,
    exported: false,
  };
  if (others.some(({ type }) => type === "AWS::EC2::SecurityGroupVpcAssociation")) return undefined;
  if (traffic === undefined) return bare;
  const { direction, ports } = traffic;
  const isEgress = direction === "egress";
  const peer = isEgress ? "Destination" : "Source";
  const isOther = (node: Node): boolean =>
    node.kind === "map" && intrinsic(node) === undefined && !concerns(rule(resolver, node, peer), ports);
  const family = "family" in traffic ? traffic.family : undefined;
  const isEnough = ({ protocol, ports: own, peer: far }: model.GroupRule): boolean =>
    far.kind === family &&
    known(protocol) !== "-1" &&
    parseCidr(known(far.cidr) ?? "")?.prefixLength === 0 &&
    matchedPorts(protocol, own).least.some((range) => range.from <= ports.from && ports.to < range.end);
  const inline = rulesOn(
    resolver,
    get(group.properties, `SecurityGroup${isEgress ? "Egress" : "Ingress"}`),
    peer,
    isOther,
    isEnough,
  );
  if (inline === undefined) return undefined;
  const type = `AWS::EC2::SecurityGroup${isEgress ? "Egress" : "Ingress"}`;
  const standalone = others.flatMap((other): model.GroupRule[] => {
    const { properties: node } = other;
    if (other.type !== type || node?.kind !== "map" || isOther(node) || !resolver.exists(other)) return [];
    const of = properties(other, resolver).key("GroupId");
    return known(of) === group.id ? [{ ...rule(resolver, node, peer), at: inText(other.at) }] : [];
  });
  if (!isEgress) return { ...bare, ingress: [...inline, ...standalone] };
  // A group without rules lets everything out, and a rule of its own may take away one that does.
  const isSettled =
    inline.length > 0
      ? inline.every(({ protocol }) => protocol.is === "known" && protocol.value !== "-1")
      : get(group.properties, "SecurityGroupEgress") === undefined && standalone.length > 0;
  if (!isSettled) return undefined;
  const first = inline[0];
  const inlineEgress = first === undefined ? absent : { is: "known" as const, value: inline, at: first.at };
  return { ...bare, inlineEgress, standaloneEgress: standalone };
}

/**
 * Returns the rules of a list without those that `isOther`, and no further conditional ones once one `isEnough`;
 * undefined where they cannot be read one by one.
 */
function rulesOn(
  resolver: Resolver,
  list: Node | undefined,
  peer: "Destination" | "Source",
  isOther: (node: Node) => boolean,
  isEnough: (rule: model.GroupRule) => boolean,
): readonly model.GroupRule[] | undefined {
  if (list === undefined) return [];
  if (list.kind !== "list") return undefined;
  const found: model.GroupRule[] = [];
  const isOpen = (node: Node): boolean => branchesOf(node) !== undefined;
  const nodes = [...list.items.filter((node) => !isOpen(node)), ...list.items.filter(isOpen)];
  for (const node of nodes) {
    const branches = branchesOf(node);
    const isIdle = (branches ?? [node]).every((one) => isOther(one) || isNothing(one));
    if (branches !== undefined && (isIdle || found.some(isEnough))) continue;
    const item = resolver.value(node, node);
    const read = item.kind === "nothing" ? [] : known(rules(resolver, { kind: "list", at: list, items: [item] }, peer));
    if (read === undefined) return undefined;
    found.push(...read);
  }
  // Without any egress rule a group lets everything out.
  return found.length === 0 && peer === "Destination" ? undefined : found;
}

/** Returns what a condition chooses between, where each is a rule or nothing. */
function branchesOf(node: Node): readonly Node[] | undefined {
  const call = intrinsic(node);
  if (call?.name !== "Fn::If" || call.argument.kind !== "list" || call.argument.items.length !== 3) return undefined;
  const branches = call.argument.items.slice(1);
  return branches.every((one) => isNothing(one) || (one.kind === "map" && intrinsic(one) === undefined))
    ? branches
    : undefined;
}

function isNothing(node: Node): boolean {
  const call = intrinsic(node);
  return call?.name === "Ref" && call.argument.kind === "scalar" && call.argument.text === "AWS::NoValue";
}

function concerns({ protocol, ports, peer }: model.GroupRule, asked: model.PortRange): boolean {
  const range = known(ports);
  const isNear = range !== undefined && range.from <= asked.to && asked.from <= range.to;
  return peer.kind === "absent" || isNear || meets(protocol, ports, asked);
}

/** Returns the place that an ACL's entry takes, by its direction and number. */
export function slotOf(entry: Resource, resolver: Resolver): string {
  const { flag, value } = properties(entry, resolver);
  return `${knownOr(flag("Egress"), false)} ${known(numberFact(resolver, value("RuleNumber"))) ?? entry.id}`;
}

/** Tells whether an ACL's entry may decide about some traffic. */
export function entryConcerns(
  entry: Resource,
  resolver: Resolver,
  { direction, family, ports }: model.FamilyTraffic,
): boolean {
  const { text, flag, given } = properties(entry, resolver);
  const egress = knownOr(flag("Egress"), false);
  if ((given("Ipv6CidrBlock") ? "ipv6" : "ipv4") !== family) return false;
  if (egress !== undefined && egress !== (direction === "egress")) return false;
  return meets(text("Protocol"), portRange(entry, resolver), ports);
}

function meets(protocol: Fact<string>, ports: Fact<model.PortRange>, { from, to }: model.PortRange): boolean {
  return matchedPorts(protocol, ports).most.some((range) => range.from <= to && from < range.end);
}

/** A range is one thing to a person, so it stands where its map does. */
function within<T>(node: Node, fact: Fact<T>): Fact<T> {
  return fact.is === "known" ? { ...fact, at: inText(node) } : fact;
}

function portRange(entry: Resource, resolver: Resolver): Fact<model.PortRange> {
  const ports = resolver.property(entry, "PortRange");
  if (ports.kind !== "map") return absent;
  const [from, to] = ["From", "To"].map((name) => resolver.property(ports.node, name));
  return from === undefined || to === undefined ? absent : within(ports.at, portsFact(resolver, from, to));
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

/** Turns security groups, network ACLs and prefix lists of an account into the network's. */
import type { IpPermission, NetworkAcl, NetworkAclEntry, SecurityGroup } from "@aws-sdk/client-ec2";
import { message } from "../message";
import type * as model from "../network/model";
import { absent, type Fact, type GroupPeer, type Origin } from "../network/model";
import { whyFailed } from "./failure";
import type { Snapshot } from "./snapshot";

/** An account lists the rules that there are, those of a default group too, so none is implied. */
export function toGroup(key: string, group: SecurityGroup): model.SecurityGroup {
  const at = aws(key);
  return {
    key,
    at,
    external: false,
    vpc: fact(group.VpcId, at),
    inlineEgress: { is: "known", value: (group.IpPermissionsEgress ?? []).flatMap((one) => toRules(key, one)), at },
    standaloneEgress: [],
    ingress: (group.IpPermissions ?? []).flatMap((one) => toRules(key, one)),
    isDefault: false,
    exported: false,
  };
}

export function toAcl(key: string, acl: NetworkAcl): model.NetworkAcl {
  return {
    key,
    at: aws(key),
    external: false,
    vpc: fact(acl.VpcId, aws(key)),
    isDefault: acl.IsDefault === true,
    entries: (acl.Entries ?? []).map((entry) => toEntry(key, entry)),
  };
}

/** A list of AWS names its own services, none of which is any address of the internet. */
export function toPrefixList(key: string, snapshot: Snapshot): model.PrefixList {
  const at = aws(key);
  const entries = snapshot.prefixListEntries.get(key);
  const cidrs: model.PrefixList["cidrs"] =
    entries === undefined
      ? { is: "known", value: [], at }
      : entries.ok
        ? { is: "known", value: entries.value.map((cidr) => fact(cidr, at)), at }
        : { is: "unknown", why: whyFailed(entries.failure), at };
  return { key, at, external: false, cidrs };
}

/** Returns a value as a fact, absent where AWS leaves it out. */
export function fact<T>(value: T | undefined, at: Origin): Fact<T> {
  return value === undefined ? absent : { is: "known", value, at };
}

export function aws(id: string): Origin {
  return { kind: "aws", id };
}

/** One permission of EC2 has many peers; a rule has one. */
function toRules(group: string, permission: IpPermission): model.GroupRule[] {
  const { IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs } = permission;
  const range = FromPort === undefined || FromPort === ToPort ? `${FromPort ?? "all"}` : `${FromPort}-${ToPort ?? ""}`;
  const rule = (name: string | undefined, peer: (at: Origin) => GroupPeer): model.GroupRule => {
    const at = aws(`${group}|${IpProtocol === "-1" ? "all" : `${IpProtocol} ${range}`}|${name ?? "?"}`);
    const ports = FromPort === undefined ? undefined : { from: FromPort, to: ToPort ?? FromPort };
    return { at, protocol: fact(IpProtocol, at), ports: fact(ports, at), peer: peer(at) };
  };
  return [
    ...(IpRanges ?? []).map(({ CidrIp }) => rule(CidrIp, (at) => ({ kind: "ipv4", cidr: fact(CidrIp, at) }))),
    ...(Ipv6Ranges ?? []).map(({ CidrIpv6 }) => rule(CidrIpv6, (at) => ({ kind: "ipv6", cidr: fact(CidrIpv6, at) }))),
    ...(PrefixListIds ?? []).map(({ PrefixListId }) =>
      rule(PrefixListId, (at) => ({ kind: "prefix-list", list: fact(PrefixListId, at) })),
    ),
    ...(UserIdGroupPairs ?? []).map(({ GroupId }) =>
      rule(GroupId, (at) => ({ kind: "group", group: fact(GroupId, at) })),
    ),
  ];
}

function toEntry(acl: string, entry: NetworkAclEntry): model.AclEntry {
  const { CidrBlock, Ipv6CidrBlock, Egress, PortRange, Protocol, RuleAction, RuleNumber } = entry;
  const key = `${acl}|${Egress === true ? "egress" : "ingress"}|${RuleNumber ?? "?"}`;
  const at = aws(key);
  const { From, To } = PortRange ?? {};
  const lost = { is: "unknown", why: message("AWS did not say it"), at } as const;
  const told = <T>(value: T | undefined): Fact<T> => (value === undefined ? lost : fact(value, at));
  return {
    key,
    at,
    ruleNumber: told(RuleNumber),
    egress: told(Egress),
    protocol: told(Protocol),
    action: told(RuleAction),
    cidr: told(Ipv6CidrBlock ?? CidrBlock),
    family: Ipv6CidrBlock === undefined ? "ipv4" : "ipv6",
    ports: From === undefined || To === undefined ? absent : { is: "known", value: { from: From, to: To }, at },
  };
}

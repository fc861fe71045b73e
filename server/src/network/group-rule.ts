/** What one rule of a security group admits, as far as its facts are known. */
import { message } from "../message";
import { type AddressSet, isEmpty, noAddresses, parseCidr } from "./address-space";
import {
  type Bounds,
  exactly,
  matchedAddresses,
  matchedPorts,
  type PortSet,
  together,
  unknownAddresses,
} from "./matching";
import { type Fact, type GroupPeer, type GroupRule, type Key, known, type PrefixList } from "./model";
import type { Family } from "./verdict";

export type PrefixLists = ReadonlyMap<Key, PrefixList>;

/** Returns the addresses that one rule admits on one port. A rule without peer leaves everything open (it may add nothing). */
export function admitted(
  rule: GroupRule,
  family: Family,
  port: number,
  lists: PrefixLists,
  ofGroup: (group: Fact<Key>) => Bounds<AddressSet>,
): Bounds<AddressSet> {
  if (rule.peer.kind === "absent") return unknownAddresses(family, message("a rule names nobody it applies to"));
  const ports = matchedPorts(rule.protocol, rule.ports);
  const peers = peerAddresses(rule.peer, family, lists, ofGroup);
  if (!holds(ports.most, port) || isEmpty(peers.most)) return exactly(noAddresses(family));
  if (holds(ports.least, port)) return peers;
  return { least: noAddresses(family), most: peers.most, whys: [...ports.whys, ...peers.whys] };
}

/**
 * Returns the addresses of a rule's peer. Those of another group are for the caller to say, since it
 * depends on the direction; a list out of sight may hold any address.
 */
export function peerAddresses(
  peer: GroupPeer,
  family: Family,
  lists: PrefixLists,
  ofGroup: (group: Fact<Key>) => Bounds<AddressSet>,
): Bounds<AddressSet> {
  switch (peer.kind) {
    case "ipv4":
    case "ipv6":
      return peer.kind === family ? matchedAddresses(peer.cidr, family) : exactly(noAddresses(family));
    case "prefix-list":
      return listAddresses(peer.list, family, lists);
    case "group":
      return ofGroup(peer.group);
    case "unknown":
      return unknownAddresses(family, peer.why);
    case "absent":
      return exactly(noAddresses(family));
  }
}

/** Returns whether the rule is, or may be, about this TCP port. */
export function matchesPort(rule: GroupRule, port: number): boolean {
  return holds(matchedPorts(rule.protocol, rule.ports).most, port);
}

/** A prefix list has one address family; entries of the other admit nothing. */
function listAddresses(key: Fact<Key>, family: Family, lists: PrefixLists): Bounds<AddressSet> {
  if (key.is === "unknown") return unknownAddresses(family, key.why);
  if (key.is === "absent") return exactly(noAddresses(family));
  const list = lists.get(key.value);
  const cidrs = list?.external ? undefined : list?.cidrs;
  if (!cidrs) return unknownAddresses(family, message("the entries of prefix list {0} are not known", key.value));
  if (cidrs.is === "unknown") return unknownAddresses(family, cidrs.why);
  const entries = (known(cidrs) ?? []).filter((cidr) => isOf(family, cidr));
  return together(
    family,
    entries.map((cidr) => matchedAddresses(cidr, family)),
  );
}

function isOf(family: Family, cidr: Fact<string>): boolean {
  return cidr.is !== "known" || (parseCidr(cidr.value)?.family ?? family) === family;
}

function holds(ports: PortSet, port: number): boolean {
  return ports.some(({ from, end }) => from <= port && port < end);
}

/**
 * What one rule of an ACL or of a security group matches, as far as its facts are known.
 *
 * A rule with unknown facts matches something between `least` and `most`. Whoever evaluates rules
 * carries both along: an answer that is the same at both ends needs no missing fact.
 */
import { type Message, message } from "../message";
import {
  type AddressSet,
  allAddresses,
  cidrSet,
  covers,
  intersect,
  noAddresses,
  parseCidr,
  union,
} from "./address-space";
import type { Intervals } from "./intervals";
import type { Fact, PortRange } from "./model";
import type { Family } from "./verdict";

export interface Bounds<S> {
  /** What it certainly matches. */
  readonly least: S;
  /** What it may match; equal to `least` where every fact is known. */
  readonly most: S;
  /** Why the two differ; empty where they do not. */
  readonly whys: readonly Message[];
}

/** How much of the asked traffic gets through. */
export type Extent = "all" | "none" | "some" | "unknown";

/** Returns the extent of traffic of which some certainly passes, some certainly does not, and some may. */
export function extent(passing: boolean, failing: boolean, doubtful: boolean): Extent {
  if (passing && failing) return "some";
  if (doubtful) return "unknown";
  return failing ? "none" : "all";
}

/** TCP ports. */
export type PortSet = Intervals<number>;

export const allPorts: PortSet = [{ from: 0, end: 65536 }];

export function portSet(range: PortRange): PortSet {
  return [{ from: range.from, end: range.to + 1 }];
}

/** Returns how many ports the set holds. */
export function countPorts(ports: PortSet): number {
  return ports.reduce((sum, { from, end }) => sum + (end - from), 0);
}

/** Returns the ports as people write them: `443, 1024-65535`; `∅` for none. */
export function describePorts(ports: PortSet): string {
  if (ports.length === 0) return "∅";
  return ports.map(({ from, end }) => (from === end - 1 ? `${from}` : `${from}-${end - 1}`)).join(", ");
}

/**
 * Returns the TCP ports that a rule with this protocol and these ports matches. Protocol `-1` matches
 * every port and ignores the range; a protocol other than TCP matches nothing of TCP, whatever its
 * number. TCP without a range, or with one outside 0-65535, is refused by EC2: then nothing is known.
 */
export function matchedPorts(protocol: Fact<string>, ports: Fact<PortRange>): Bounds<PortSet> {
  if (protocol.is === "absent") return unknownPorts(message("no protocol is given"));
  if (protocol.is === "unknown") return unknownPorts(protocol.why);
  const name = protocol.value.toLowerCase();
  if (name === "-1" || name === "all") return exactly(allPorts);
  if (name !== "tcp" && name !== "6") return exactly([]);
  if (ports.is === "absent") return unknownPorts(message("a rule for TCP gives no ports"));
  if (ports.is === "unknown") return unknownPorts(ports.why);
  const { from, to } = ports.value;
  if (from < 0 || to > 65535 || from > to) return unknownPorts(message("{0}-{1} is no range of TCP ports", from, to));
  return exactly(portSet(ports.value));
}

/** Returns the addresses of a CIDR block that a rule names; one that EC2 would refuse is unknown. */
export function matchedAddresses(cidr: Fact<string>, family: Family): Bounds<AddressSet> {
  if (cidr.is === "absent") return unknownAddresses(family, message("no CIDR block is given"));
  if (cidr.is === "unknown") return unknownAddresses(family, cidr.why);
  const block = parseCidr(cidr.value);
  if (block?.family !== family) return unknownAddresses(family, message("{0} is no valid CIDR block", cidr.value));
  return exactly(cidrSet(block));
}

/** Returns bounds that meet: everything is known. */
export function exactly<S>(set: S): Bounds<S> {
  return { least: set, most: set, whys: [] };
}

/** Returns the bounds of something that may match any address, or none. */
export function unknownAddresses(family: Family, why: Message): Bounds<AddressSet> {
  return { least: noAddresses(family), most: allAddresses(family), whys: [why] };
}

/** Returns the bounds of what matches inside `asked`; reasons that concern only the rest are dropped. */
export function within(asked: AddressSet, bounds: Bounds<AddressSet>): Bounds<AddressSet> {
  const least = intersect(asked, bounds.least);
  if (bounds.least === bounds.most) return exactly(least);
  const most = intersect(asked, bounds.most);
  return { least, most, whys: covers(least, most) ? [] : bounds.whys };
}

/** Returns the bounds of all of these together. */
export function together(family: Family, bounds: readonly Bounds<AddressSet>[]): Bounds<AddressSet> {
  const all = (side: "least" | "most"): AddressSet =>
    union(
      family,
      bounds.map((one) => one[side]),
    );
  const least = all("least");
  const isExact = bounds.every((one) => one.least === one.most);
  return { least, most: isExact ? least : all("most"), whys: bounds.flatMap(({ whys }) => whys) };
}

function unknownPorts(why: Message): Bounds<PortSet> {
  return { least: [], most: allPorts, whys: [why] };
}

/**
 * Sets of IPv4 or IPv6 addresses, and longest-prefix match over them.
 *
 * Routes, ACL entries and group rules are compared as sets, not as texts, so 0.0.0.0/1 together with
 * 128.0.0.0/1 is 0.0.0.0/0 without anybody having thought of it.
 *
 * CIDR blocks are parsed here and not by a package: cidr-tools throws on bad text and takes
 * `10.0.0.0`, `10.0.0.0/00`, `10.0.0.0/33` and `010.0.0.0/8` for networks, all of which EC2 refuses.
 */
import { common, type Interval, type Intervals, merge, without } from "./intervals";
import type { Family } from "./verdict";

/** An immutable set of addresses of one family. Addresses are numbers, the first octet being the highest. */
export interface AddressSet {
  readonly family: Family;
  readonly ranges: Intervals<bigint>;
}

export interface Cidr {
  readonly family: Family;
  readonly prefixLength: number;
  readonly range: Interval<bigint>;
}

/**
 * Returns the block, with host bits cleared as EC2 does (100.68.0.18/18 is 100.68.0.0/18), or
 * undefined where EC2 would refuse the text (no prefix length, leading zeros, missing octets).
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const prefix = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const family: Family = text.includes(":") ? "ipv6" : "ipv4";
  const address = text.slice(0, slash);
  const value = family === "ipv4" ? parseIpv4(address) : parseIpv6(address);
  const hostBits = bits(family) - Number(prefix);
  if (value === undefined || hostBits < 0) return undefined;
  const from = (value >> BigInt(hostBits)) << BigInt(hostBits);
  return { family, prefixLength: Number(prefix), range: { from, end: from + (1n << BigInt(hostBits)) } };
}

/** Returns the addresses of one block. */
export function cidrSet(cidr: Cidr): AddressSet {
  return { family: cidr.family, ranges: [cidr.range] };
}

/** Returns every address of the family. */
export function allAddresses(family: Family): AddressSet {
  return { family, ranges: [{ from: 0n, end: 1n << BigInt(bits(family)) }] };
}

/** Returns no address of the family. */
export function noAddresses(family: Family): AddressSet {
  return { family, ranges: [] };
}

/**
 * Returns the public unicast space, "the internet". IPv4 leaves out what IANA's special-purpose
 * registry marks as not globally reachable, and the documentation blocks; IPv6 is 2000::/3 without
 * its documentation block.
 */
export function publicSpace(family: Family): AddressSet {
  return family === "ipv4" ? publicIpv4 : publicIpv6;
}

/** Returns the addresses of `family` that are in any of the sets; sets of the other family add none. */
export function union(family: Family, sets: Iterable<AddressSet>): AddressSet {
  const own = [...sets].filter((set) => set.family === family);
  const [only] = own;
  return own.length === 1 && only !== undefined ? only : { family, ranges: merge(own.flatMap(({ ranges }) => ranges)) };
}

/** Returns what both sets hold: nothing, where they are of different families. */
export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  return { family: a.family, ranges: a.family === b.family ? common(a.ranges, b.ranges) : [] };
}

/** Returns what `a` holds and `b` does not. */
export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  return a.family === b.family ? { family: a.family, ranges: without(a.ranges, b.ranges) } : a;
}

export function isEmpty(set: AddressSet): boolean {
  return set.ranges.length === 0;
}

/** Returns whether every address of `b` is in `a`. */
export function covers(a: AddressSet, b: AddressSet): boolean {
  return isEmpty(subtract(b, a));
}

export function overlaps(a: AddressSet, b: AddressSet): boolean {
  return !isEmpty(intersect(a, b));
}

/** Returns the number of addresses. */
export function size(set: AddressSet): bigint {
  return set.ranges.reduce((sum, { from, end }) => sum + (end - from), 0n);
}

/**
 * Returns the set in words short enough for a message and the same in every language: at most three
 * of its blocks, then how many more there are (`3.0.0.0/8, 52.0.0.0/8, 54.0.0.0/8, … (+4)`).
 */
export function describeAddresses(set: AddressSet): string {
  if (isEmpty(set)) return "∅";
  const blocks = set.ranges.flatMap((range) => toBlocks(set.family, range));
  const shown = blocks.slice(0, 3).join(", ");
  return blocks.length > 3 ? `${shown}, … (+${blocks.length - 3})` : shown;
}

export interface PrefixRoute<T> {
  readonly cidr: Cidr;
  readonly value: T;
}

/**
 * Splits `space` among routes by longest prefix. `won` has one entry for every value that wins some
 * of it (the parts of routes with the same value are one); of two routes with the same block the
 * first wins. Routes of the other family win nothing.
 */
export function longestPrefixMatch<T>(
  space: AddressSet,
  routes: readonly PrefixRoute<T>[],
): { readonly won: ReadonlyMap<T, AddressSet>; readonly unrouted: AddressSet } {
  const { family } = space;
  const pieces = winners(routes.filter(({ cidr }) => cidr.family === family));
  const won = new Map<T, AddressSet>();
  for (const [value, ranges] of pieces) {
    const part = intersect(space, { family, ranges: merge(ranges) });
    if (!isEmpty(part)) won.set(value, part);
  }
  const routed = merge(routes.flatMap(({ cidr }) => (cidr.family === family ? [cidr.range] : [])));
  return { won, unrouted: subtract(space, { family, ranges: routed }) };
}

/**
 * Returns, for every value, the ranges in which its block is the innermost. Blocks are nested or
 * apart, never crossing, so one walk over their starts with the open blocks on a stack is enough.
 */
function winners<T>(routes: readonly PrefixRoute<T>[]): Map<T, Interval<bigint>[]> {
  const pieces = new Map<T, Interval<bigint>[]>();
  const open: PrefixRoute<T>[] = [];
  let cursor = 0n;
  const advance = (to: bigint) => {
    const innermost = open.at(-1);
    if (innermost && cursor < to) {
      const ranges = pieces.get(innermost.value);
      if (ranges) ranges.push({ from: cursor, end: to });
      else pieces.set(innermost.value, [{ from: cursor, end: to }]);
    }
    cursor = to;
  };
  const closeUntil = (address: bigint) => {
    for (let last = open.at(-1); last && last.cidr.range.end <= address; last = open.at(-1)) {
      advance(last.cidr.range.end);
      open.pop();
    }
  };
  for (const route of [...routes].sort(outerFirst)) {
    const outer = open.at(-1)?.cidr;
    if (outer?.range.from === route.cidr.range.from && outer.prefixLength === route.cidr.prefixLength) continue;
    closeUntil(route.cidr.range.from);
    advance(route.cidr.range.from);
    open.push(route);
  }
  closeUntil(1n << 128n);
  return pieces;
}

function outerFirst(a: PrefixRoute<unknown>, b: PrefixRoute<unknown>): number {
  if (a.cidr.range.from !== b.cidr.range.from) return a.cidr.range.from < b.cidr.range.from ? -1 : 1;
  return a.cidr.prefixLength - b.cidr.prefixLength;
}

function bits(family: Family): number {
  return family === "ipv4" ? 32 : 128;
}

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)) {
    return undefined;
  }
  return BigInt(octets.reduce((sum, octet) => sum * 256 + Number(octet), 0));
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

/** Returns the 16-bit groups of one side of `::`; the last two may be written as an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const words = text.split(":");
  const embedded = words.at(-1)?.includes(".") ? parseIpv4(words.pop() ?? "") : undefined;
  if (text.includes(".") && embedded === undefined) return undefined;
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  const groups = words.map((word) => Number.parseInt(word, 16));
  return embedded === undefined ? groups : [...groups, Number(embedded >> 16n), Number(embedded & 0xffffn)];
}

/** Returns the fewest CIDR blocks that make up the range, as texts. */
function toBlocks(family: Family, { from, end }: Interval<bigint>): string[] {
  const blocks: string[] = [];
  for (let start = from; start < end; ) {
    let hostBits = 0n;
    while (hostBits < bits(family) && start % (2n << hostBits) === 0n && start + (2n << hostBits) <= end) hostBits++;
    blocks.push(`${formatAddress(family, start)}/${bits(family) - Number(hostBits)}`);
    start += 1n << hostBits;
  }
  return blocks;
}

function formatAddress(family: Family, value: bigint): string {
  if (family === "ipv4") return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const zeros = groups.join(":").match(/\b0(:0)+\b/g) ?? [];
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), "");
  const text = groups.join(":");
  if (longest === "") return text;
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
  return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + longest.length).replace(/^:/, "")}`;
}

function blocks(family: Family, texts: string): AddressSet {
  return union(
    family,
    texts.split(" ").flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr ? [cidrSet(cidr)] : [];
    }),
  );
}

const publicIpv4 = subtract(
  allAddresses("ipv4"),
  blocks(
    "ipv4",
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 " +
      "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3",
  ),
);
const publicIpv6 = subtract(blocks("ipv6", "2000::/3"), blocks("ipv6", "2001:db8::/32"));

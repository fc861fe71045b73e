/**
 * What may be asked about in place of the internet: a block of addresses and a port, as written on a
 * command line or in a setting.
 */
import { type Message, message } from "../message";
import { once } from "../template/once";
import {
  type AddressSet,
  cidrSet,
  covers,
  describeAddresses,
  intersect,
  isEmpty,
  noAddresses,
  parseCidr,
  publicSpace,
  union,
} from "./address-space";
import type { Destination } from "./egress";
import type { Family } from "./verdict";

/** How a destination is written, for error messages. */
export const destinationForm = message("CIDR:PORT, such as 203.0.113.0/24:443 or [2001:db8::1]:443");

/**
 * Returns the destination that a text names: `CIDR:PORT`, IPv6 addresses in brackets or with a prefix
 * length; an address alone is a block of one. Undefined for any other text.
 *
 * Of a block that holds public addresses only those are asked about: 0.0.0.0/0 is the internet.
 */
export function parseDestination(text: string): Destination | undefined {
  const [, bracketed, plain, digits = ""] = /^(?:\[([^\]]*)\]|([^[\]]*)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const block = bracketed ?? plain ?? "";
  const port = Number(digits);
  const v6 = block.includes(":");
  // Without brackets or length, the last colon could belong to the address.
  if (port < 1 || port > 65_535 || (v6 ? bracketed === undefined && !block.includes("/") : bracketed !== undefined)) {
    return undefined;
  }
  const cidr = parseCidr(block.includes("/") ? block : `${block}/${v6 ? 128 : 32}`);
  if (cidr === undefined) return undefined;
  const asked = askable(cidrSet(cidr));
  const [ipv4, ipv6] = [noAddresses("ipv4"), noAddresses("ipv6")];
  return cidr.family === "ipv4" ? { ipv4: asked, ipv6, port } : { ipv4, ipv6: asked, port };
}

/** Returns a destination in words, to stand after "reaches". */
export function describeDestination({ ipv4, ipv6, port }: Destination): Message {
  if (!isEmpty(ipv4) && !isEmpty(ipv6)) return message("the internet");
  const set = isEmpty(ipv4) ? ipv6 : ipv4;
  const place = placeOf(set);
  const isWhole = typeof place !== "string";
  return isWhole && set === ipv6
    ? message("{0} on port {1} over IPv6", place, port)
    : message("{0} on port {1}", place, port);
}

/** Returns a set of addresses in words: the internet, or its blocks. */
export function placeOf(set: AddressSet): Message | string {
  return covers(set, publicSpace(set.family)) ? message("the internet") : describeAddresses(set);
}

/** Tells whether no address of the set is ever on the internet. */
export const isPrivate = once((set: AddressSet): boolean => {
  return !isEmpty(set) && isEmpty(intersect(set, routable[set.family]));
});

function askable(set: AddressSet): AddressSet {
  for (const space of [publicSpace(set.family), routable[set.family]]) {
    const part = intersect(set, space);
    if (!isEmpty(part)) return part;
  }
  return set;
}

const examples: Readonly<Record<Family, AddressSet>> = {
  ipv4: blocks("ipv4", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
  ipv6: blocks("ipv6", "2001:db8::/32"),
};

/** Public space and the documentation blocks: who asks about an example means an address on the internet. */
const routable: Readonly<Record<Family, AddressSet>> = {
  ipv4: union("ipv4", [publicSpace("ipv4"), examples.ipv4]),
  ipv6: union("ipv6", [publicSpace("ipv6"), examples.ipv6]),
};

function blocks(family: Family, ...texts: readonly string[]): AddressSet {
  return union(
    family,
    texts.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === undefined ? [] : [cidrSet(cidr)];
    }),
  );
}

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AddressSet,
  allAddresses,
  type Cidr,
  cidrSet,
  covers,
  describeAddresses,
  intersect,
  isEmpty,
  longestPrefixMatch,
  noAddresses,
  overlaps,
  parseCidr,
  publicSpace,
  size,
  subtract,
  union,
} from "../server/src/network/address-space";
import { describePorts } from "../server/src/network/matching";
import type { Family } from "../server/src/network/verdict";

describe("address space", () => {
  const canonical: [string, string][] = [
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["100.68.0.18/18", "100.68.0.0/18"],
    ["10.1.2.3/32", "10.1.2.3/32"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["::/0", "::/0"],
    ["2001:DB8::1/32", "2001:db8::/32"],
    ["2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"],
    ["1:0:0:2:0:0:0:3/128", "1:0:0:2::3/128"],
    ["1:2:3:4:5:6:7:8/112", "1:2:3:4:5:6:7:0/112"],
    ["64:ff9b::192.0.2.33/96", "64:ff9b::/96"],
    ["::ffff:1.2.3.4/128", "::ffff:102:304/128"],
    ["::1/128", "::1/128"],
    ["fe80::/10", "fe80::/10"],
  ];
  for (const [text, expected] of canonical) {
    it(`reads ${text} as ${expected}`, () => {
      assert.equal(describeAddresses(setOf(text)), expected);
    });
  }

  const refused = [
    ..."0.0.0.0/00 0/0 10.0.0.0 10.0.0.0/33 10.0.0/8 10.0.0.0.0/8 256.0.0.0/8 010.0.0.0/8 10.0.0.0/-1".split(" "),
    ..."10.0.0.0/ /8 10.0.0.0/8/8 10.0.0.0/1e1 1.2.3.4/0x8 ::/129 ::/00 :/0 :::/0 1::2::3/64 12345::/16".split(" "),
    ..."1:2:3:4:5:6:7/64 1:2:3:4:5:6:7:8:9/64 1:2:3:4:5:6:7:8::/64 ::1.2.3/96 ::1.2.3.4:5/96 fe80::1%eth0/64".split(
      " ",
    ),
    "",
    " 10.0.0.0/8",
    "10.0.0.0/8 ",
    "sg-0123",
    "pl-63a5400a",
  ];
  it("refuses what EC2 refuses", () => {
    assert.deepEqual(
      refused.filter((text) => parseCidr(text) !== undefined),
      [],
    );
  });

  it("knows the prefix length and the family", () => {
    assert.deepEqual(parseCidr("52.0.0.0/8"), {
      family: "ipv4",
      prefixLength: 8,
      range: { from: 52n << 24n, end: 53n << 24n },
    });
    assert.equal(parseCidr("::/0")?.range.end, 1n << 128n);
  });

  it("leaves out of the internet what nobody reaches there", () => {
    const outside = ["0/8", "10/8", "100.64/10", "127/8", "169.254/16", "172.16/12", "192.168/16", "192.0.0/24"];
    outside.push("198.18/15", "224/3", "192.0.2/24", "198.51.100/24", "203.0.113/24");
    const full = outside.map((text) => {
      const [octets = "", length] = text.split("/");
      return setOf(`${[...octets.split("."), "0", "0", "0"].slice(0, 4).join(".")}/${length}`);
    });
    const excluded = union("ipv4", full);
    assert.deepEqual(publicSpace("ipv4"), subtract(allAddresses("ipv4"), excluded));
    assert.equal(size(publicSpace("ipv4")), (1n << 32n) - full.reduce((sum, set) => sum + size(set), 0n));
    for (const text of ["1.1.1.1/32", "100.63.255.255/32", "172.32.0.0/11", "192.0.1.0/24", "223.255.255.255/32"]) {
      assert.ok(covers(publicSpace("ipv4"), setOf(text)), text);
    }
  });

  it("takes 2000::/3 without its documentation block for the IPv6 internet", () => {
    assert.equal(size(publicSpace("ipv6")), (1n << 125n) - (1n << 96n));
    assert.ok(covers(publicSpace("ipv6"), setOf("2600:1f00::/24")));
    for (const text of ["2001:db8:1::/48", "fd00::/8", "fe80::/10", "64:ff9b::/96"]) {
      assert.ok(!overlaps(publicSpace("ipv6"), setOf(text)), text);
    }
  });

  it("keeps the families apart", () => {
    const v4 = allAddresses("ipv4");
    const v6 = allAddresses("ipv6");
    assert.ok(isEmpty(intersect(v4, v6)));
    assert.deepEqual(subtract(v4, v6), v4);
    assert.ok(!covers(v6, v4));
    assert.deepEqual(union("ipv4", [v4, v6]), v4);
  });

  it("describes sets briefly", () => {
    assert.equal(describeAddresses(noAddresses("ipv4")), "∅");
    assert.equal(describeAddresses(setOf("52.0.0.0/8", "3.0.0.0/8")), "3.0.0.0/8, 52.0.0.0/8");
    assert.equal(
      describeAddresses(subtract(allAddresses("ipv4"), setOf("0.0.0.0/5"))),
      "8.0.0.0/5, 16.0.0.0/4, 32.0.0.0/3, … (+2)",
    );
    assert.equal(describeAddresses(allAddresses("ipv6")), "::/0");
    assert.equal(
      describePorts([
        { from: 443, end: 444 },
        { from: 1024, end: 65536 },
      ]),
      "443, 1024-65535",
    );
  });
});

describe("longest-prefix match", () => {
  const internet = publicSpace("ipv4");

  it("finds the two halves as good as the whole", () => {
    const halves = match(internet, ["0.0.0.0/1", "nat"], ["128.0.0.0/1", "nat"]);
    assert.deepEqual(halves, match(internet, ["0.0.0.0/0", "nat"]));
    assert.deepEqual(halves.won.get("nat"), internet);
    assert.ok(isEmpty(halves.unrouted));
  });

  it("finds one half to be one half", () => {
    const { won, unrouted } = match(internet, ["0.0.0.0/1", "nat"]);
    assert.deepEqual(unrouted, intersect(internet, setOf("128.0.0.0/1")));
    assert.deepEqual(won.get("nat"), intersect(internet, setOf("0.0.0.0/1")));
  });

  it("lets the more specific route win, and the local one win nothing public", () => {
    const routes: [string, string][] = [
      ["0.0.0.0/0", "nat"],
      ["52.0.0.0/8", "peering"],
      ["10.0.0.0/16", "local"],
    ];
    const { won, unrouted } = match(internet, ...routes);
    assert.deepEqual(won.get("peering"), setOf("52.0.0.0/8"));
    assert.deepEqual(won.get("nat"), subtract(internet, setOf("52.0.0.0/8")));
    assert.equal(won.has("local"), false);
    assert.ok(isEmpty(unrouted));
  });

  it("takes the first of two routes with one block", () => {
    assert.deepEqual([...match(internet, ["0.0.0.0/0", "static"], ["0.0.0.0/0", "propagated"]).won.keys()], ["static"]);
  });

  it("routes IPv6 by IPv6 routes only", () => {
    const space = publicSpace("ipv6");
    assert.deepEqual(match(space, ["0.0.0.0/0", "nat"]), { won: new Map(), unrouted: space });
    assert.deepEqual(match(space, ["::/0", "egress-only"]).won.get("egress-only"), space);
  });
});

/** Thirty-two addresses at the start, middle or end of a family's space are a universe small enough to look at one by one. */
interface Universe {
  readonly family: Family;
  readonly first: bigint;
}

const universes: Universe[] = [
  { family: "ipv4", first: 0n },
  { family: "ipv4", first: (1n << 32n) - 32n },
  { family: "ipv6", first: (1n << 128n) - 32n },
];

describe("laws of address sets", () => {
  for (const universe of universes) {
    const { family } = universe;
    const sets = fc.array(block(universe), { maxLength: 6 }).map((cidrs) => union(family, cidrs.map(cidrSet)));

    it(`hold for every ${family} address from ${universe.first}`, () => {
      fc.assert(
        fc.property(sets, sets, sets, (a, b, c) => {
          for (const address of addresses(universe)) {
            const [inA, inB, inC] = [holds(a, address), holds(b, address), holds(c, address)];
            assert.equal(holds(union(family, [a, b, c]), address), inA || inB || inC);
            assert.equal(holds(intersect(a, b), address), inA && inB);
            assert.equal(holds(subtract(a, b), address), inA && !inB);
          }
          for (const set of [a, union(family, [a, b]), intersect(a, b), subtract(a, b), subtract(subtract(a, b), c)]) {
            assertNormal(set);
          }
          assert.equal(
            covers(a, b),
            [...addresses(universe)].every((x) => !holds(b, x) || holds(a, x)),
          );
          assert.equal(
            overlaps(a, b),
            [...addresses(universe)].some((x) => holds(a, x) && holds(b, x)),
          );
          assert.equal(size(a), BigInt([...addresses(universe)].filter((x) => holds(a, x)).length));
          assert.deepEqual(union(family, [intersect(a, b), subtract(a, b)]), a);
        }),
      );
    });

    it(`longest-prefix match agrees with a lookup of every ${family} address from ${universe.first}`, () => {
      const routes = fc.array(
        fc.record({ cidr: block(universe), value: fc.constantFrom<string[]>("nat", "igw", "pcx") }),
        {
          maxLength: 8,
        },
      );
      fc.assert(
        fc.property(sets, routes, (space, table) => {
          const { won, unrouted } = longestPrefixMatch(space, table);
          for (const address of addresses(universe)) {
            const winner = holds(space, address) ? lookup(table, address) : undefined;
            for (const value of ["nat", "igw", "pcx"]) {
              assert.equal(holds(won.get(value) ?? noAddresses(family), address), winner === value);
            }
            assert.equal(holds(unrouted, address), holds(space, address) && winner === undefined);
          }
          for (const part of [unrouted, ...won.values()]) assertNormal(part);
          assert.ok([...won.values()].every((part) => !isEmpty(part)));
        }),
      );
    });
  }

  it("a described block is read back", () => {
    for (const family of ["ipv4", "ipv6"] as const) {
      const bits = family === "ipv4" ? 32 : 128;
      // Few bits set, so that runs of zero groups are frequent.
      const sparse = fc
        .array(fc.nat(bits - 1), { maxLength: 5 })
        .map((ones) => ones.reduce((value, bit) => value | (1n << BigInt(bit)), 0n));
      const values = fc.oneof(sparse, fc.bigInt(0n, (1n << BigInt(bits)) - 1n));
      fc.assert(
        fc.property(values, fc.nat(bits), (value, prefixLength) => {
          const hostBits = BigInt(bits - prefixLength);
          const from = (value >> hostBits) << hostBits;
          const cidr: Cidr = { family, prefixLength, range: { from, end: from + (1n << hostBits) } };
          assert.deepEqual(parseCidr(describeAddresses(cidrSet(cidr))), cidr);
        }),
      );
    }
  });
});

function setOf(...texts: string[]): AddressSet {
  const cidrs = texts.map(cidr);
  return union(cidrs[0]?.family ?? "ipv4", cidrs.map(cidrSet));
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  assert.ok(parsed, `${text} is a CIDR block`);
  return parsed;
}

function match(space: AddressSet, ...routes: [string, string][]) {
  return longestPrefixMatch(
    space,
    routes.map(([text, value]) => ({ cidr: cidr(text), value })),
  );
}

function block({ family, first }: Universe): fc.Arbitrary<Cidr> {
  const bits = family === "ipv4" ? 32 : 128;
  return fc.record({ host: fc.nat(31), length: fc.nat(5) }).map(({ host, length }) => {
    const hostBits = BigInt(5 - length);
    const from = ((first + BigInt(host)) >> hostBits) << hostBits;
    return { family, prefixLength: bits - Number(hostBits), range: { from, end: from + (1n << hostBits) } };
  });
}

function* addresses({ first }: Universe): Generator<bigint> {
  for (let offset = 0n; offset < 32n; offset++) yield first + offset;
}

function holds(set: AddressSet, address: bigint): boolean {
  return set.ranges.some(({ from, end }) => from <= address && address < end);
}

function lookup(table: readonly { cidr: Cidr; value: string }[], address: bigint): string | undefined {
  let best: { cidr: Cidr; value: string } | undefined;
  for (const route of table) {
    const { from, end } = route.cidr.range;
    const matches = from <= address && address < end;
    if (matches && route.cidr.prefixLength > (best?.cidr.prefixLength ?? -1)) best = route;
  }
  return best?.value;
}

/** Sorted, not empty, and with a gap between neighbours: so that equal sets are equal data. */
function assertNormal({ ranges }: AddressSet): void {
  ranges.forEach((range, index) => {
    const next = ranges[index + 1];
    assert.ok(range.from < range.end && (!next || range.end < next.from), "normal form");
  });
}

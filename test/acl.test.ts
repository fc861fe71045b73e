import assert from "node:assert/strict";
import fc from "fast-check";
import { render } from "../server/src/message";
import { type AclQuestion, askAcl } from "../server/src/network/acl";
import {
  type AddressSet,
  cidrSet,
  describeAddresses,
  parseCidr,
  publicSpace,
  subtract,
  union,
} from "../server/src/network/address-space";
import { describePorts, type Extent } from "../server/src/network/matching";
import { type AclEntry, absent, type Fact, type NetworkAcl, type PortRange } from "../server/src/network/model";
import type { Family } from "../server/src/network/verdict";
import { inAccount, inTemplate, is, unsure } from "./facts";

/** An entry in the order of AWS's console: number, direction, action, protocol, ports, peer. */
type Line = readonly [number, "in" | "out" | "", string, string, string, string];

interface Case {
  readonly title: string;
  readonly acl: NetworkAcl;
  readonly question: AclQuestion;
  readonly allowed: Extent;
  /** Rule number of the entry that decides; 0 where none does. */
  readonly deciding: number;
  readonly overridden?: number;
  readonly ports?: string;
  readonly peers?: string;
  readonly otherPeers?: readonly number[];
  readonly otherPorts?: readonly number[];
}

const internet = publicSpace("ipv4");
const out443 = ask("egress", "443", internet);
const in443 = ask("ingress", "443", setOf("10.0.1.0/24"));
const answers = ask("ingress", "1024-65535", internet);

const cases: Case[] = [
  { title: "an ACL without entries denies", acl: custom(), question: out443, allowed: "none", deciding: 0 },
  {
    title: "443 both ways does not let answers in (F.15)",
    acl: custom([100, "in", "allow", "6", "443", "0.0.0.0/0"], [100, "out", "allow", "6", "443", "0.0.0.0/0"]),
    question: answers,
    allowed: "none",
    deciding: 100,
    otherPorts: [100],
  },
  {
    title: "443 both ways lets the request out",
    acl: custom([100, "in", "allow", "6", "443", "0.0.0.0/0"], [100, "out", "allow", "6", "443", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "answers from the VPC's range only are no answers from the internet (F.15)",
    acl: custom([100, "in", "allow", "6", "443", "0.0.0.0/0"], [110, "in", "allow", "6", "1024-65535", "10.0.0.0/16"]),
    question: answers,
    allowed: "none",
    deciding: 100,
    otherPeers: [110],
    otherPorts: [100],
  },
  {
    title: "too narrow an ephemeral range lets some answers in (F.16)",
    acl: custom([90, "in", "allow", "6", "443", "0.0.0.0/0"], [100, "in", "allow", "6", "32768-65535", "0.0.0.0/0"]),
    question: answers,
    allowed: "some",
    deciding: 100,
    ports: "32768-65535",
    peers: describeAddresses(internet),
    otherPorts: [90],
  },
  {
    title: "several entries together cover the ephemeral range",
    acl: custom(
      [100, "in", "allow", "6", "32768-65535", "0.0.0.0/0"],
      [110, "in", "allow", "6", "1024-32767", "0.0.0.0/1"],
      [120, "in", "allow", "6", "1000-40000", "128.0.0.0/1"],
    ),
    question: answers,
    allowed: "all",
    deciding: 0,
    ports: "1024-65535",
  },
  {
    title: "the NAT subnet's ACL lets nothing in from the function's subnet (F.17)",
    acl: custom([100, "in", "allow", "6", "1024-65535", "0.0.0.0/0"], [100, "out", "allow", "-1", "", "0.0.0.0/0"]),
    question: in443,
    allowed: "none",
    deciding: 100,
    otherPorts: [100],
  },
  {
    title: "a lower-numbered deny overrides the allow behind it (F.18)",
    acl: custom([200, "out", "allow", "-1", "", "0.0.0.0/0"], [100, "out", "deny", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 100,
    overridden: 200,
  },
  {
    title: "the first of two denies decides",
    acl: custom(
      [100, "out", "deny", "6", "443", "0.0.0.0/0"],
      [110, "out", "deny", "-1", "", "0.0.0.0/0"],
      [200, "out", "allow", "-1", "", "0.0.0.0/0"],
    ),
    question: out443,
    allowed: "none",
    deciding: 100,
    overridden: 200,
  },
  {
    title: "a deny behind the allow changes nothing",
    acl: custom([100, "out", "allow", "-1", "", "0.0.0.0/0"], [200, "out", "deny", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "a closing deny at the end is not what is wrong, the narrow allow is",
    acl: custom([100, "out", "allow", "6", "80", "0.0.0.0/0"], [200, "out", "deny", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 100,
    otherPorts: [100],
  },
  {
    title: "an allow behind the deny would not help, however wide",
    acl: custom([100, "out", "deny", "6", "443", "0.0.0.0/0"], [200, "out", "allow", "6", "80", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 100,
    otherPorts: [200],
  },
  {
    title: "a lone deny decides",
    acl: custom([100, "out", "deny", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 100,
  },
  {
    title: "a deny of one range leaves the rest",
    acl: custom([90, "out", "deny", "-1", "", "52.0.0.0/8"], [100, "out", "allow", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "some",
    deciding: 90,
    overridden: 100,
    peers: describeAddresses(subtract(internet, setOf("52.0.0.0/8"))),
  },
  {
    title: "a deny of one address is not why the ephemeral range is too narrow",
    acl: custom([50, "in", "deny", "-1", "", "52.1.2.3/32"], [100, "in", "allow", "6", "49152-65535", "0.0.0.0/0"]),
    question: answers,
    allowed: "some",
    deciding: 100,
    ports: "49152-65535",
  },
  {
    title: "an entry without direction is for ingress (F.18)",
    acl: custom([100, "", "allow", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 0,
  },
  {
    title: "an entry without direction lets answers in",
    acl: custom([100, "", "allow", "-1", "", "0.0.0.0/0"]),
    question: answers,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "the default ACL lets everything through",
    acl: byDefault(),
    question: answers,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "a deny in front of the default ACL's own rule blocks (F.19)",
    acl: byDefault([90, "out", "deny", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 90,
  },
  {
    title: "a deny behind the default ACL's own rule does nothing",
    acl: byDefault([110, "out", "deny", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "an entry 100 takes the place of the default ACL's own rule",
    acl: byDefault([100, "out", "deny", "6", "22", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 0,
  },
  {
    title: "an entry 100 for ingress leaves the default ACL's own egress rule",
    acl: byDefault([100, "in", "deny", "6", "22", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "the account lists the default ACL's rules itself, with the implicit deny as 32767",
    acl: { ...byDefault([32767, "out", "deny", "-1", "", "0.0.0.0/0"]), at: inAccount },
    question: out443,
    allowed: "none",
    deciding: 0,
  },
  {
    title: "the action is read in any case",
    acl: custom([100, "out", "ALLOW", "-1", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "TCP may be given by name in any case",
    acl: custom([100, "out", "allow", "TCP", "443", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "protocol -1 ignores its ports",
    acl: custom([100, "out", "allow", "-1", "22", "0.0.0.0/0"]),
    question: out443,
    allowed: "all",
    deciding: 0,
  },
  {
    title: "another protocol is nothing of TCP (H.1)",
    acl: custom([90, "out", "deny", "17", "443", "0.0.0.0/0"], [100, "out", "allow", "50", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "none",
    deciding: 0,
  },
  {
    title: "TCP without ports may mean anything",
    acl: custom([100, "out", "allow", "6", "", "0.0.0.0/0"]),
    question: out443,
    allowed: "unknown",
    deciding: 0,
  },
  {
    title: "a block that EC2 refuses may mean anything",
    acl: custom([100, "out", "allow", "6", "443", "0.0.0.0"]),
    question: out443,
    allowed: "unknown",
    deciding: 0,
  },
  {
    title: "IPv4 entries say nothing about IPv6",
    acl: custom([100, "out", "allow", "-1", "", "0.0.0.0/0"]),
    question: ask("egress", "443", publicSpace("ipv6")),
    allowed: "none",
    deciding: 0,
  },
  {
    title: "IPv6 entries are for IPv6",
    acl: custom([100, "out", "deny", "-1", "", "0.0.0.0/0"], [101, "out", "allow", "-1", "", "::/0"]),
    question: ask("egress", "443", publicSpace("ipv6")),
    allowed: "all",
    deciding: 0,
  },
  {
    title: "the default ACL's IPv6 rule is 101",
    acl: byDefault([100, "out", "deny", "-1", "", "0.0.0.0/0"], [102, "out", "deny", "-1", "", "::/0"]),
    question: ask("egress", "443", publicSpace("ipv6")),
    allowed: "all",
    deciding: 0,
  },
];

describe("network ACL", () => {
  for (const { title, acl, question, ...expected } of cases) {
    it(title, () => {
      const answer = askAcl(acl, question);
      assert.equal(answer.allowed, expected.allowed);
      assert.equal(numberOf(answer.deciding), expected.deciding, "deciding entry");
      assert.equal(numberOf(answer.overridden), expected.overridden ?? 0, "overridden entry");
      assert.deepEqual(answer.otherPeers.map(numberOf), expected.otherPeers ?? [], "other peers");
      assert.deepEqual(answer.otherPorts.map(numberOf), expected.otherPorts ?? [], "other ports");
      if (expected.ports !== undefined) assert.equal(describePorts(answer.ports), expected.ports);
      if (expected.peers !== undefined) assert.equal(describeAddresses(answer.peers), expected.peers);
      assert.equal(answer.unknowns.length > 0, expected.allowed === "unknown", "reasons exactly where unknown");
    });
  }

  const allowAll = entry([100, "out", "allow", "-1", "", "0.0.0.0/0"]);
  const why = unsure("it comes from parameter P");
  const doubtful: { title: string; entries: AclEntry[]; allowed: Extent; isDefault?: boolean }[] = [
    { title: "an allow to an unknown range", entries: [{ ...allowAll, cidr: why }], allowed: "unknown" },
    {
      title: "an allow of unknown ports",
      entries: [{ ...allowAll, protocol: is("6"), ports: why }],
      allowed: "unknown",
    },
    { title: "an allow of an unknown protocol", entries: [{ ...allowAll, protocol: why }], allowed: "unknown" },
    { title: "an unknown action", entries: [{ ...allowAll, action: why }], allowed: "unknown" },
    { title: "an action that is none", entries: [{ ...allowAll, action: is("permit") }], allowed: "unknown" },
    { title: "an unknown direction", entries: [{ ...allowAll, egress: why }], allowed: "unknown" },
    { title: "a lone allow with an unknown number", entries: [{ ...allowAll, ruleNumber: why }], allowed: "all" },
    {
      title: "an unknown range where an entry in front allows all",
      entries: [allowAll, { ...allowAll, ruleNumber: is(200), action: is("deny"), cidr: why }],
      allowed: "all",
    },
    {
      title: "an unknown allow where an entry behind allows all",
      entries: [{ ...allowAll, ruleNumber: is(50), cidr: why }, allowAll],
      allowed: "all",
    },
    {
      title: "a deny of an unknown range in front of the allow",
      entries: [{ ...allowAll, ruleNumber: is(50), action: is("deny"), cidr: why }, allowAll],
      allowed: "unknown",
    },
    {
      title: "a deny of other ports with an unknown number",
      entries: [entry([0, "out", "deny", "6", "22", "0.0.0.0/0"], { ruleNumber: why }), allowAll],
      allowed: "all",
    },
    {
      title: "a deny of everything with an unknown number",
      entries: [entry([0, "out", "deny", "-1", "", "0.0.0.0/0"], { ruleNumber: why }), allowAll],
      allowed: "unknown",
    },
    {
      title: "a deny with an unknown number on the default ACL",
      entries: [entry([0, "out", "deny", "-1", "", "0.0.0.0/0"], { ruleNumber: why })],
      allowed: "unknown",
      isDefault: true,
    },
    {
      title: "an allow of unknown ports in one range where the rest is closed for sure",
      entries: [
        entry([90, "out", "allow", "6", "443", "3.0.0.0/8"]),
        entry([100, "out", "allow", "6", "443", "52.0.0.0/8"], { ports: why }),
      ],
      allowed: "some",
    },
    {
      title: "an unknown entry of the other direction",
      entries: [entry([50, "in", "deny", "-1", "", "0.0.0.0/0"], { cidr: why, ruleNumber: why }), allowAll],
      allowed: "all",
    },
  ];
  for (const { title, entries, allowed, isDefault = false } of doubtful) {
    it(`${title}: ${allowed}`, () => {
      const answer = askAcl({ ...custom(), isDefault, entries }, out443);
      assert.equal(answer.allowed, allowed);
      const reasons = answer.unknowns.map((reason) => render(reason));
      if (allowed !== "unknown") assert.deepEqual(reasons, []);
      else assert.match(reasons.join(), /^entry Rule\d+: (it comes from parameter P|it neither allows nor denies)$/);
    });
  }

  it("an ACL out of sight is unknown, whatever entries are seen", () => {
    const { allowed, unknowns } = askAcl({ ...custom(), external: true, entries: [allowAll] }, out443);
    assert.equal(allowed, "unknown");
    assert.deepEqual(
      unknowns.map((reason) => render(reason)),
      ["network ACL Acl is not in sight"],
    );
  });
});

describe("laws of network ACLs", () => {
  it("the answer is that of every packet", () => {
    fc.assert(
      fc.property(acls(), fc.constantFrom("ingress", "egress"), (acl, direction) => {
        const { answer, passing, packets } = compare(acl, acl, direction);
        assert.equal(answer.allowed, extentOf(passing.length, packets));
        for (const [address, port] of grid()) {
          assert.equal(
            answer.ports.some(({ from, end }) => from <= port && port < end),
            passing.some(([, open]) => open === port),
          );
          assert.equal(
            answer.peers.ranges.some(({ from, end }) => from <= address && address < end),
            passing.some(([peer]) => peer === address),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("an answer given without some facts is the answer with them", () => {
    let settled = 0;
    fc.assert(
      fc.property(
        acls(),
        fc.infiniteStream(fc.nat(3)),
        fc.constantFrom("ingress", "egress"),
        (acl, dice, direction) => {
          // EC2 refuses a second rule 100, so a number that is not known is not that of the built-in rule.
          fc.pre(
            !acl.isDefault ||
              acl.entries.every(({ ruleNumber }) => ruleNumber.is !== "known" || ruleNumber.value !== 100),
          );
          const roll = () => dice.next().value === 0;
          const masked = { ...acl, entries: acl.entries.map((full) => mask(full, roll)) };
          const { answer, passing, packets } = compare(acl, masked, direction);
          if (answer.allowed === "unknown") return;
          settled++;
          assert.equal(answer.allowed, extentOf(passing.length, packets));
        },
      ),
      { numRuns: 600 },
    );
    assert.ok(settled > 50, `${settled} answers were settled`);
  });

  it("an entry decides only where not all is allowed, and is one of the direction asked about", () => {
    fc.assert(
      fc.property(acls(), (acl) => {
        const { answer } = compare(acl, acl, "egress");
        if (answer.allowed === "all") assert.equal(answer.deciding, undefined);
        else if (answer.deciding)
          assert.deepEqual([answer.deciding.egress.is === "known" && answer.deciding.egress.value], [true]);
        if (answer.overridden)
          assert.equal(answer.deciding?.action.is === "known" && answer.deciding.action.value, "deny");
      }),
    );
  });
});

type Packet = readonly [address: bigint, port: number];

const firstAddress = parseCidr("52.0.0.0/32")?.range.from ?? 0n;

/** Eight addresses times eight ports. */
function* grid(): Generator<Packet> {
  for (let a = 0n; a < 8n; a++) for (let port = 1024; port < 1032; port++) yield [firstAddress + a, port];
}

/** Asks `seen` about the whole grid, and looks every packet up in `full`, entry by entry. */
function compare(full: NetworkAcl, seen: NetworkAcl, direction: "ingress" | "egress") {
  const answer = askAcl(seen, ask(direction, "1024-1031", setOf("52.0.0.0/29")));
  const packets = [...grid()];
  const passing = packets.filter((packet) => passes(full, direction, packet));
  return { answer, passing, packets: packets.length };
}

function passes(acl: NetworkAcl, direction: "ingress" | "egress", [address, port]: Packet): boolean {
  const lines = acl.entries.map((each) => ({
    number: value(each.ruleNumber),
    allow: value(each.action) === "allow",
    matches:
      value(each.egress) === (direction === "egress") &&
      contains(value(each.cidr), address) &&
      (value(each.protocol) === "-1" ||
        (value(each.protocol) === "6" && value(each.ports).from <= port && port <= value(each.ports).to)),
    egress: value(each.egress),
  }));
  const replaced = lines.some(({ number, egress }) => number === 100 && egress === (direction === "egress"));
  const builtIn = acl.isDefault && !replaced ? [{ number: 100, allow: true, matches: true, egress: true }] : [];
  const first = [...lines, ...builtIn].sort((a, b) => a.number - b.number).find(({ matches }) => matches);
  return first?.allow ?? false;
}

function contains(text: string, address: bigint): boolean {
  const range = parseCidr(text)?.range;
  return range !== undefined && range.from <= address && address < range.end;
}

function value<T>(fact: Fact<T>): T {
  assert.ok(fact.is === "known");
  return fact.value;
}

function extentOf(passing: number, packets: number): Extent {
  return passing === 0 ? "none" : passing === packets ? "all" : "some";
}

function acls(): fc.Arbitrary<NetworkAcl> {
  const cidrs = fc.oneof(
    { weight: 1, arbitrary: fc.constant("0.0.0.0/0") },
    {
      weight: 3,
      arbitrary: fc
        .record({ host: fc.nat(7), length: fc.integer({ min: 29, max: 32 }) })
        .map((c) => `52.0.0.${c.host}/${c.length}`),
    },
  );
  const ranges = fc
    .tuple(fc.integer({ min: 1022, max: 1033 }), fc.nat(8))
    .map(([from, more]) => ({ from, to: from + more }));
  const entries = fc.uniqueArray(
    fc.record({
      number: fc.integer({ min: 96, max: 104 }),
      egress: fc.boolean(),
      action: fc.constantFrom("allow", "deny"),
      protocol: fc.constantFrom("-1", "6", "6", "17"),
      cidr: cidrs,
      ports: ranges,
    }),
    { maxLength: 7, selector: ({ number, egress }) => `${number}${egress}` },
  );
  return fc.record({ isDefault: fc.boolean(), entries }).map(({ isDefault, entries }) => ({
    ...custom(),
    isDefault,
    entries: entries.map(({ number, egress, action, protocol, cidr, ports }) => ({
      key: `Rule${number}`,
      at: inTemplate(),
      ruleNumber: is(number),
      egress: is(egress),
      action: is(action),
      protocol: is(protocol),
      cidr: is(cidr),
      family: "ipv4",
      ports: is(ports),
    })),
  }));
}

/** Forgets each fact of an entry with a chance of one in four. */
function mask(full: AclEntry, roll: () => boolean): AclEntry {
  const hide = <T>(fact: Fact<T>): Fact<T> => (roll() ? unsure("hidden") : fact);
  return {
    ...full,
    ruleNumber: hide(full.ruleNumber),
    egress: hide(full.egress),
    action: hide(full.action),
    protocol: hide(full.protocol),
    cidr: hide(full.cidr),
    ports: hide(full.ports),
  };
}

function custom(...lines: Line[]): NetworkAcl {
  const at = inTemplate();
  return {
    key: "Acl",
    at,
    external: false,
    vpc: is("Vpc"),
    isDefault: false,
    entries: lines.map((line) => entry(line)),
  };
}

function byDefault(...lines: Line[]): NetworkAcl {
  return { ...custom(...lines), key: "Vpc.DefaultNetworkAcl", isDefault: true };
}

function entry([number, direction, action, protocol, ports, cidr]: Line, other: Partial<AclEntry> = {}): AclEntry {
  return {
    key: `Rule${number}`,
    at: inTemplate(),
    ruleNumber: is(number),
    egress: direction === "" ? absent : is(direction === "out"),
    protocol: is(protocol),
    action: is(action),
    cidr: is(cidr),
    family: cidr.includes(":") ? "ipv6" : "ipv4",
    ports: ports === "" ? absent : is(range(ports)),
    ...other,
  };
}

function ask(direction: "ingress" | "egress", ports: string, peers: AddressSet): AclQuestion {
  const family: Family = peers.family;
  return { direction, family, peers, ports: range(ports), protocol: "tcp" };
}

function range(text: string): PortRange {
  const [from, to] = text.split("-").map(Number);
  return { from: from ?? 0, to: to ?? from ?? 0 };
}

function setOf(text: string): AddressSet {
  const cidr = parseCidr(text);
  assert.ok(cidr, `${text} is a CIDR block`);
  return union(cidr.family, [cidrSet(cidr)]);
}

/** The number of an entry by its name, since the number itself may be unknown; 0 for no entry. */
function numberOf(found: AclEntry | undefined): number {
  return Number(found?.key.slice("Rule".length) ?? 0);
}

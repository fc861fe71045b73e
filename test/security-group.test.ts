import assert from "node:assert/strict";
import fc from "fast-check";
import { render } from "../server/src/message";
import {
  type AddressSet,
  cidrSet,
  describeAddresses,
  parseCidr,
  publicSpace,
  union,
} from "../server/src/network/address-space";
import type { Extent } from "../server/src/network/matching";
import {
  absent,
  type Fact,
  type GroupPeer,
  type GroupRule,
  type Key,
  type PrefixList,
  type SecurityGroup,
} from "../server/src/network/model";
import { askGroups, askIngress, type GroupsAnswer } from "../server/src/network/security-group";
import { inAccount, inTemplate, is, unsure } from "./facts";

const internet = publicSpace("ipv4");
const internet6 = publicSpace("ipv6");
const elsewhere = unsure("it comes from parameter P");

const toAll = rule("-1", "", "0.0.0.0/0");
const toAll6 = rule("-1", "", "::/0");
const toDatabase = rule("tcp", "5432", { kind: "group", group: is("DatabaseGroup") });
const loopback = rule("-1", "", "127.0.0.1/32");
const ofCdk = rule("icmp", "252-86", "255.255.255.255/32");

interface Case {
  readonly title: string;
  readonly groups: readonly (SecurityGroup | undefined)[];
  /** The IPv4 internet on 443 where absent. */
  readonly destination?: AddressSet;
  readonly allowed: Extent;
  readonly reason?: GroupsAnswer["reason"];
  /** Keys of the groups that the reason is about, all where absent. */
  readonly about?: readonly string[];
  readonly deciding?: GroupRule;
  readonly revocable?: readonly string[];
  readonly unknowns?: readonly string[];
}

const cases: Case[] = [
  { title: "a group without egress rules allows all (F.14)", groups: [group("A")], allowed: "all" },
  { title: "an empty list is no list (F.14)", groups: [group("A", [])], allowed: "all" },
  {
    title: "a standalone rule removes the default rule (F.12)",
    groups: [{ ...group("A"), standaloneEgress: [toDatabase] }],
    allowed: "none",
    reason: "standalone",
  },
  {
    title: "a standalone rule removes the default rule of an empty list too",
    groups: [{ ...group("A", []), standaloneEgress: [toDatabase] }],
    allowed: "none",
    reason: "standalone",
  },
  {
    title: "a standalone rule may itself lead to the internet",
    groups: [{ ...group("A"), standaloneEgress: [rule("tcp", "443", "0.0.0.0/0")] }],
    allowed: "all",
  },
  {
    title: "a standalone rule beside inline allow-all: still allowed, but revocable",
    groups: [{ ...group("A", [toAll]), standaloneEgress: [toDatabase] }],
    allowed: "all",
    revocable: ["A"],
  },
  {
    title: "groups are a union (F.13)",
    groups: [group("Closed", [loopback]), group("Default")],
    allowed: "all",
  },
  {
    title: "closed the way AWS shows it",
    groups: [group("A", [loopback])],
    allowed: "none",
    reason: "idiom",
    deciding: loopback,
  },
  { title: "closed the way the CDK does it", groups: [group("A", [ofCdk])], allowed: "none", reason: "idiom" },
  {
    title: "a closing rule beside another is no idiom",
    groups: [group("A", [loopback, rule("tcp", "443", "10.0.0.0/8")])],
    allowed: "none",
    reason: "closed",
    deciding: loopback,
  },
  {
    title: "another port",
    groups: [group("A", [toDatabase, rule("tcp", "80", "0.0.0.0/0")])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "one stripped group among closed ones is the reason",
    groups: [{ ...group("Stripped"), standaloneEgress: [toDatabase] }, group("Closed", [loopback])],
    allowed: "none",
    reason: "standalone",
    about: ["Stripped"],
  },
  { title: "a range of ports", groups: [group("A", [rule("tcp", "0-65535", "0.0.0.0/0")])], allowed: "all" },
  { title: "TCP by number", groups: [group("A", [rule("6", "443", "0.0.0.0/0")])], allowed: "all" },
  { title: "TCP in capitals", groups: [group("A", [rule("TCP", "443", "0.0.0.0/0")])], allowed: "all" },
  {
    title: "the port is an end of the range",
    groups: [group("A", [rule("tcp", "80-443", "0.0.0.0/1"), rule("tcp", "443-8443", "128.0.0.0/1")])],
    allowed: "all",
  },
  {
    title: "UDP is not TCP",
    groups: [group("A", [rule("udp", "443", "0.0.0.0/0")])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "another protocol by number is nothing of TCP (H.1)",
    groups: [group("A", [rule("50", "", "0.0.0.0/0")])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "part of the internet",
    groups: [group("A", [rule("tcp", "443", "52.0.0.0/8")])],
    allowed: "some",
    reason: "closed",
  },
  {
    title: "the part that is asked about",
    groups: [group("A", [rule("tcp", "443", "52.0.0.0/8")])],
    destination: setOf("52.1.2.0/24"),
    allowed: "all",
  },
  {
    title: "the default group allows all",
    groups: [{ ...group("Vpc.DefaultSecurityGroup"), isDefault: true }],
    allowed: "all",
  },
  {
    title: "the default group of a VPC out of sight allows all",
    groups: [{ ...group("Vpc.DefaultSecurityGroup"), isDefault: true, external: true }],
    allowed: "all",
  },
  {
    title: "a standalone rule removes the default group's rule as well",
    groups: [{ ...group("Vpc.DefaultSecurityGroup"), isDefault: true, standaloneEgress: [toDatabase] }],
    allowed: "none",
    reason: "standalone",
  },
  {
    title: "in an account no rule means no egress",
    groups: [{ ...group("sg-1"), at: inAccount, isDefault: true }],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "in an account the rules that are listed count",
    groups: [{ ...group("sg-1", [toAll]), at: inAccount, standaloneEgress: [] }],
    allowed: "all",
  },
  {
    title: "a group out of sight",
    groups: [undefined, group("A", [loopback])],
    allowed: "unknown",
    unknowns: ["a security group is not in sight"],
  },
  {
    title: "a group out of sight beside one that allows another group",
    groups: [undefined, group("A", [rule("-1", "", { kind: "group", group: is("Other") })])],
    allowed: "unknown",
    unknowns: ["a security group is not in sight"],
  },
  { title: "a group out of sight beside one that allows all", groups: [undefined, group("A")], allowed: "all" },
  {
    title: "a group of which only standalone rules are seen",
    groups: [{ ...group("param:Group"), external: true, standaloneEgress: [toDatabase] }],
    allowed: "unknown",
    unknowns: ["security group param:Group: its rules are not in sight"],
  },
  {
    title: "a group of which only an allow-all rule is seen",
    groups: [{ ...group("param:Group"), external: true, standaloneEgress: [toAll] }],
    allowed: "all",
  },
  {
    title: "unknown rules",
    groups: [{ ...group("A"), inlineEgress: elsewhere }],
    allowed: "unknown",
    unknowns: ["security group A: it comes from parameter P"],
  },
  {
    title: "no groups",
    groups: [],
    allowed: "unknown",
    unknowns: ["no security group is given, so the default group of the VPC applies"],
  },
  {
    title: "an unknown range",
    groups: [group("A", [rule("tcp", "443", { kind: "ipv4", cidr: elsewhere })])],
    allowed: "unknown",
    unknowns: ["security group A: it comes from parameter P"],
  },
  {
    title: "an unknown range of another port",
    groups: [group("A", [rule("tcp", "5432", { kind: "ipv4", cidr: elsewhere })])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "unknown ports to the VPC only",
    groups: [group("A", [{ ...rule("tcp", "", "10.0.0.0/8"), ports: elsewhere }])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "unknown ports to the internet",
    groups: [group("A", [toDatabase, { ...rule("tcp", "", "0.0.0.0/0"), ports: elsewhere }])],
    allowed: "unknown",
    unknowns: ["security group A: it comes from parameter P"],
  },
  {
    title: "TCP without ports",
    groups: [group("A", [rule("tcp", "", "0.0.0.0/0")])],
    allowed: "unknown",
    unknowns: ["security group A: a rule for TCP gives no ports"],
  },
  {
    title: "ports that EC2 refuses",
    groups: [group("A", [rule("tcp", "-1--1", "0.0.0.0/0")])],
    allowed: "unknown",
    unknowns: ["security group A: -1--1 is no range of TCP ports"],
  },
  {
    title: "an unknown protocol",
    groups: [group("A", [{ ...rule("tcp", "443", "0.0.0.0/0"), protocol: elsewhere }])],
    allowed: "unknown",
    unknowns: ["security group A: it comes from parameter P"],
  },
  {
    title: "a rule without destination (H.15)",
    groups: [group("A", [rule("tcp", "443", { kind: "absent" })])],
    allowed: "unknown",
    unknowns: ["security group A: a rule names nobody it applies to"],
  },
  {
    title: "a rule without destination beside allow-all",
    groups: [group("A", [rule("tcp", "443", { kind: "absent" }), toAll])],
    allowed: "all",
  },
  {
    title: "a prefix list of the template",
    groups: [group("A", [rule("tcp", "443", { kind: "prefix-list", list: is("Everything") })])],
    allowed: "all",
  },
  {
    title: "a prefix list of private ranges",
    groups: [group("A", [rule("tcp", "443", { kind: "prefix-list", list: is("Private") })])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "a prefix list with an unknown entry",
    groups: [group("A", [rule("tcp", "443", { kind: "prefix-list", list: is("Open") })])],
    allowed: "unknown",
    unknowns: ["security group A: it comes from parameter P"],
  },
  {
    title: "a prefix list out of sight",
    groups: [group("A", [rule("tcp", "443", { kind: "prefix-list", list: is("literal:pl-63a5400a") })])],
    allowed: "unknown",
    unknowns: ["security group A: the entries of prefix list pl-63a5400a are not known"],
  },
  {
    title: "a prefix list of which only statements are seen",
    groups: [group("A", [rule("tcp", "443", { kind: "prefix-list", list: is("param:List") })])],
    allowed: "unknown",
    unknowns: ["security group A: the entries of prefix list param:List are not known"],
  },
  {
    title: "a prefix list out of sight for another port",
    groups: [group("A", [rule("tcp", "80", { kind: "prefix-list", list: is("literal:pl-63a5400a") })])],
    allowed: "none",
    reason: "closed",
  },
  {
    title: "another group as destination, when a private address is asked about",
    groups: [group("A", [toDatabase, rule("tcp", "443", { kind: "group", group: is("Other") })])],
    destination: setOf("10.0.3.0/24"),
    allowed: "unknown",
    unknowns: ["security group A: the addresses of another security group are not known"],
  },
  {
    title: "the default rule and IPv6",
    groups: [group("A")],
    destination: internet6,
    allowed: "unknown",
    unknowns: ["security group A: it names no egress rules, and whether it then allows IPv6 is not settled"],
  },
  { title: "an explicit IPv6 rule", groups: [group("A", [toAll, toAll6])], destination: internet6, allowed: "all" },
  {
    title: "only an IPv4 rule, and IPv6",
    groups: [group("A", [toAll])],
    destination: internet6,
    allowed: "none",
    reason: "closed",
  },
  { title: "only an IPv6 rule", groups: [group("A", [toAll6])], allowed: "none", reason: "closed" },
];

const lists: ReadonlyMap<Key, PrefixList> = new Map([
  list("Everything", is("0.0.0.0/1"), is("128.0.0.0/1")),
  list("Private", is("10.0.0.0/8"), is("172.16.0.0/12")),
  list("Open", is("10.0.0.0/8"), elsewhere),
  ["param:List", { key: "param:List", at: inTemplate(), external: true, cidrs: absent }],
]);

describe("security groups, egress", () => {
  for (const expected of cases) {
    it(`${expected.title}: ${expected.allowed}`, () => {
      const destination = expected.destination ?? internet;
      const answer = askGroups(expected.groups, { family: destination.family, destination, port: 443 }, lists);
      assert.equal(answer.allowed, expected.allowed);
      assert.equal(answer.reason, expected.reason);
      const all = expected.groups.flatMap((each) => each?.key ?? []);
      assert.deepEqual(
        answer.groups.map(({ key }) => key),
        expected.reason === undefined ? [] : (expected.about ?? all),
      );
      if (expected.deciding) assert.equal(answer.deciding, expected.deciding);
      assert.deepEqual(
        answer.revocable.map(({ key }) => key),
        expected.revocable ?? [],
      );
      assert.deepEqual(
        answer.unknowns.map((why) => render(why)),
        expected.unknowns ?? [],
      );
    });
  }

  it("names the part that is admitted", () => {
    const groups = [group("A", [rule("tcp", "443", "52.0.0.0/8"), rule("tcp", "443", "10.0.0.0/8")])];
    const { admitted } = askGroups(groups, { family: "ipv4", destination: internet, port: 443 }, lists);
    assert.equal(describeAddresses(admitted), "52.0.0.0/8");
  });

  it("names the rule that comes closest", () => {
    const narrow = rule("tcp", "443", "52.0.0.0/8");
    const groups = [group("A", [toDatabase, rule("tcp", "80", "3.0.0.0/8"), narrow, rule("udp", "53", "0.0.0.0/0")])];
    const question = { family: "ipv4", destination: internet, port: 443 } as const;
    assert.equal(askGroups(groups, question, lists).deciding, narrow);
    assert.equal(askGroups([group("A", [toDatabase])], question, lists).deciding, undefined);
  });
});

describe("security groups, ingress", () => {
  const from = setOf("10.0.1.0/24");
  const source = ["LambdaGroup"];
  const fromSource = rule("tcp", "443", { kind: "group", group: is("LambdaGroup") });
  const nat = (...ingress: GroupRule[]): SecurityGroup => ({ ...group("NatGroup"), ingress });
  const rows: {
    title: string;
    groups: (SecurityGroup | undefined)[];
    from?: AddressSet | undefined;
    sources?: readonly Key[] | undefined;
    allowed: Extent;
  }[] = [
    { title: "no rules", groups: [nat()], allowed: "none" },
    { title: "the source's group", groups: [nat(fromSource)], allowed: "all" },
    { title: "the source's subnet", groups: [nat(rule("tcp", "443", "10.0.0.0/16"))], allowed: "all" },
    { title: "part of the source's subnet", groups: [nat(rule("-1", "", "10.0.1.0/25"))], allowed: "some" },
    { title: "another subnet", groups: [nat(rule("-1", "", "10.0.2.0/24"))], allowed: "none" },
    { title: "another port", groups: [nat(rule("tcp", "80", "10.0.0.0/16"))], allowed: "none" },
    {
      title: "another group of the template",
      groups: [nat(rule("tcp", "443", { kind: "group", group: is("OtherGroup") }))],
      allowed: "none",
    },
    {
      title: "a group that may be the source's",
      groups: [nat(rule("tcp", "443", { kind: "group", group: is("param:Group") }))],
      allowed: "unknown",
    },
    {
      title: "a literal group id that is another",
      groups: [nat(rule("tcp", "443", { kind: "group", group: is("literal:sg-2") }))],
      sources: ["literal:sg-1"],
      allowed: "none",
    },
    {
      title: "any group, when the source's are unknown",
      groups: [nat(fromSource)],
      sources: undefined,
      allowed: "unknown",
    },
    {
      title: "an unknown group",
      groups: [nat(rule("tcp", "443", { kind: "group", group: elsewhere }))],
      allowed: "unknown",
    },
    { title: "everybody, from an unknown subnet", groups: [nat(toAll)], from: undefined, allowed: "all" },
    {
      title: "a range, from an unknown subnet",
      groups: [nat(rule("tcp", "443", "10.0.0.0/16"))],
      from: undefined,
      allowed: "unknown",
    },
    { title: "nobody, from an unknown subnet", groups: [nat()], from: undefined, allowed: "none" },
    { title: "the source's group, from an unknown subnet", groups: [nat(fromSource)], from: undefined, allowed: "all" },
    { title: "a group out of sight", groups: [undefined, nat()], allowed: "unknown" },
    { title: "a group out of sight beside one that admits", groups: [undefined, nat(fromSource)], allowed: "all" },
    {
      title: "a group of which only one rule is seen",
      groups: [{ ...nat(toDatabase), external: true }],
      allowed: "unknown",
    },
    { title: "no groups", groups: [], allowed: "unknown" },
    {
      title: "members of the same default group",
      groups: [{ ...nat(), key: "Vpc.DefaultSecurityGroup", isDefault: true }],
      sources: ["Vpc.DefaultSecurityGroup"],
      allowed: "all",
    },
    {
      title: "strangers to the default group",
      groups: [{ ...nat(), key: "Vpc.DefaultSecurityGroup", isDefault: true }],
      allowed: "none",
    },
  ];
  for (const row of rows) {
    it(`${row.title}: ${row.allowed}`, () => {
      const asked = "from" in row ? row.from : from;
      const groups = "sources" in row ? row.sources : source;
      const answer = askIngress(row.groups, { family: "ipv4", from: asked, groups, port: 443 }, lists);
      assert.equal(answer.allowed, row.allowed);
      assert.equal(answer.unknowns.length > 0, row.allowed === "unknown");
    });
  }
});

describe("laws of security groups", () => {
  const destination = setOf("52.0.0.0/29");
  const question = { family: "ipv4", destination, port: 443 } as const;

  it("the answer is that of every address", () => {
    fc.assert(
      fc.property(fc.array(groups(), { minLength: 1, maxLength: 3 }), (all) => {
        const answer = askGroups(all, question, lists);
        const passing = [...addresses(destination)].filter((address) => all.some((each) => lets(each, address)));
        assert.equal(answer.allowed, extentOf(passing.length));
        assert.deepEqual([...addresses(answer.admitted)], passing);
      }),
      { numRuns: 300 },
    );
  });

  it("an answer given without some facts is the answer with them", () => {
    let settled = 0;
    fc.assert(
      fc.property(fc.array(groups(), { minLength: 1, maxLength: 3 }), fc.infiniteStream(fc.nat(3)), (all, dice) => {
        const roll = () => dice.next().value === 0;
        const seen = all.map((each) => (roll() && roll() ? undefined : mask(each, roll)));
        const answer = askGroups(seen, question, lists);
        if (answer.allowed === "unknown") return;
        settled++;
        const passing = [...addresses(destination)].filter((address) => all.some((each) => lets(each, address)));
        assert.equal(answer.allowed, extentOf(passing.length));
        for (const address of addresses(answer.admitted)) assert.ok(passing.includes(address));
      }),
      { numRuns: 500 },
    );
    assert.ok(settled > 50, `${settled} answers were settled`);
  });

  it("one more group never closes anything", () => {
    fc.assert(
      fc.property(groups(), groups(), (a, b) => {
        const before = [...addresses(askGroups([a], question, lists).admitted)];
        const after = [...addresses(askGroups([a, b], question, lists).admitted)];
        assert.ok(before.every((address) => after.includes(address)));
      }),
    );
  });
});

/** Looks one address up in the rules of one group, whose facts are all known. */
function lets({ inlineEgress, standaloneEgress }: SecurityGroup, address: bigint): boolean {
  const inline = inlineEgress.is === "known" ? inlineEgress.value : [];
  const rules = [...inline, ...standaloneEgress];
  if (rules.length === 0) return true;
  return rules.some(({ protocol, ports, peer }) => {
    assert.ok(protocol.is === "known" && ports.is === "known" && peer.kind === "ipv4" && peer.cidr.is === "known");
    const range = parseCidr(peer.cidr.value)?.range;
    const fits = protocol.value === "tcp" && ports.value.from <= 443 && 443 <= ports.value.to;
    return range !== undefined && range.from <= address && address < range.end && (protocol.value === "-1" || fits);
  });
}

function groups(): fc.Arbitrary<SecurityGroup> {
  const cidrs = fc.record({ host: fc.nat(7), length: fc.integer({ min: 28, max: 32 }) });
  const rules = fc
    .record({
      protocol: fc.constantFrom("-1", "tcp", "tcp", "udp"),
      from: fc.integer({ min: 441, max: 445 }),
      more: fc.nat(4),
      cidr: cidrs,
    })
    .map(({ protocol, from, more, cidr }) =>
      rule(protocol, `${from}-${from + more}`, `52.0.0.${cidr.host}/${cidr.length}`),
    );
  return fc
    .record({ inline: fc.array(rules, { maxLength: 3 }), standalone: fc.array(rules, { maxLength: 2 }) })
    .map(({ inline, standalone }) => ({ ...group("A", inline), standaloneEgress: standalone }));
}

/** Forgets facts with a chance of one in four each. */
function mask(full: SecurityGroup, roll: () => boolean): SecurityGroup {
  const hide = <T>(fact: Fact<T>): Fact<T> => (roll() ? elsewhere : fact);
  const hidden = (each: GroupRule): GroupRule => ({
    ...each,
    protocol: hide(each.protocol),
    ports: hide(each.ports),
    peer: each.peer.kind === "ipv4" ? { kind: "ipv4", cidr: hide(each.peer.cidr) } : each.peer,
  });
  const { inlineEgress } = full;
  const rules = inlineEgress.is === "known" ? is(inlineEgress.value.map(hidden)) : inlineEgress;
  return { ...full, inlineEgress: hide(rules), standaloneEgress: full.standaloneEgress.map(hidden) };
}

function extentOf(passing: number): Extent {
  return passing === 0 ? "none" : passing === 8 ? "all" : "some";
}

function* addresses({ ranges }: AddressSet): Generator<bigint> {
  for (const { from, end } of ranges) for (let address = from; address < end; address++) yield address;
}

/** A group with these inline rules; without the property where `inline` is not given. */
function group(key: string, inline?: readonly GroupRule[]): SecurityGroup {
  return {
    key,
    at: inTemplate(),
    external: false,
    vpc: is("Vpc"),
    inlineEgress: inline ? is(inline) : absent,
    standaloneEgress: [],
    ingress: [],
    isDefault: false,
    exported: false,
  };
}

function rule(protocol: string, ports: string, peer: string | GroupPeer): GroupRule {
  const [, from, to] = ports.match(/^(-?\d+)(?:-(-?\d+))?$/) ?? [];
  return {
    at: inTemplate(),
    protocol: is(protocol),
    ports: from === undefined ? absent : is({ from: Number(from), to: Number(to ?? from) }),
    peer: typeof peer === "string" ? { kind: peer.includes(":") ? "ipv6" : "ipv4", cidr: is(peer) } : peer,
  };
}

function list(key: string, ...cidrs: Fact<string>[]): [Key, PrefixList] {
  return [key, { key, at: inTemplate(), external: false, cidrs: is(cidrs) }];
}

function setOf(text: string): AddressSet {
  const cidr = parseCidr(text);
  assert.ok(cidr, `${text} is a CIDR block`);
  return union(cidr.family, [cidrSet(cidr)]);
}

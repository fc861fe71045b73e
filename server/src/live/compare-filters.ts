/** Compares the rules of security groups and network ACLs: a template's with an account's. */
import { message } from "../message";
import { cidrSet, describeAddresses, parseCidr } from "../network/address-space";
import type * as model from "../network/model";
import { absent, type Fact, known, knownOr, type PortRange } from "../network/model";
import type { Difference } from "./differences";
import { named, physicalOf, type Sides } from "./physical";

type Add = (difference: Difference) => void;

/** Finds the egress rules of the template that the group lacks; further ones let out more, which is no harm. */
export function compareGroup(sides: Sides, own: model.SecurityGroup, there: model.SecurityGroup, add: Add): void {
  const live = new Set(rulesOf(there).flatMap((rule) => ruleText(undefined, rule) ?? []));
  // CloudFormation takes an allow-all rule away when it makes a standalone one, be it in another stack.
  const isRevocable = own.standaloneEgress.length > 0 || own.exported;
  for (const rule of [...implied(own), ...rulesOf(own)]) {
    const wanted = ruleText(sides, rule);
    if (wanted === undefined || live.has(wanted) || (isRevocable && known(rule.protocol) === "-1")) continue;
    const group = named(own.key, { is: "id", id: there.key });
    const words = message("the template lets security group {0} send {1}, and it has no such rule", group, wanted);
    add({ key: `group ${own.key} ${wanted}`, subject: own.key, at: rule.at, message: words, id: there.key });
  }
}

/** A group without egress rules of its own keeps the one that EC2 gives it. */
function implied({ inlineEgress, at, external }: model.SecurityGroup): readonly model.GroupRule[] {
  if (inlineEgress.is !== "absent" || external) return [];
  const fact = <T>(value: T): Fact<T> => ({ is: "known", value, at });
  return [{ at, protocol: fact("-1"), ports: absent, peer: { kind: "ipv4", cidr: fact("0.0.0.0/0") } }];
}

function rulesOf({ inlineEgress, standaloneEgress }: model.SecurityGroup): readonly model.GroupRule[] {
  return [...(known(inlineEgress) ?? []), ...standaloneEgress];
}

/** Returns a rule in one spelling; undefined where a part of it is not known. `sides`: where it is the template's. */
function ruleText(sides: Sides | undefined, { protocol, ports, peer }: model.GroupRule): string | undefined {
  const what = trafficText(protocol, ports);
  const whom = peerText(sides, peer);
  return what === undefined || whom === undefined ? undefined : `${what} → ${whom}`;
}

function peerText(sides: Sides | undefined, peer: model.GroupPeer): string | undefined {
  const thing = (fact: Fact<string>): string | undefined => {
    if (sides === undefined) return known(fact);
    const id = physicalOf(sides, fact);
    return id.is === "unknown" ? undefined : id.id;
  };
  switch (peer.kind) {
    case "ipv4":
    case "ipv6":
      return cidrText(peer.cidr);
    case "prefix-list":
      return thing(peer.list);
    case "group":
      return thing(peer.group);
    case "unknown":
    case "absent":
      return undefined;
  }
}

/** Finds the entries of the template that the ACL lacks or has otherwise, and denials that the template lacks. */
export function compareAcl(sides: Sides, own: model.NetworkAcl, there: model.NetworkAcl, add: Add): void {
  const label = named(own.key, { is: "id", id: there.key });
  const numbers = new Set<string>();
  let isWhole = !own.external && sides.promised.gaps.length === 0;
  for (const entry of own.entries) {
    const number = numberOf(entry);
    if (number === undefined) isWhole = false;
    const wanted = entryText(entry);
    if (number === undefined) continue;
    numbers.add(number);
    const live = there.entries.find((one) => numberOf(one) === number);
    const now = live === undefined ? undefined : entryText(live);
    if (wanted === undefined || (live !== undefined && (now === undefined || now === wanted))) continue;
    add({
      key: `acl ${own.key} ${number} ${wanted}`,
      subject: entry.key,
      at: entry.at,
      message:
        now === undefined
          ? message(
              "the template gives network ACL {0} the rule {1} {2}, and it has none of that number",
              label,
              number,
              wanted,
            )
          : message("the template gives network ACL {0} the rule {1} {2}, and it has {3}", label, number, wanted, now),
      id: there.key,
    });
  }
  const { exported, handled } = sides.surroundings;
  if (!isWhole || exported.has(own.key) || handled.has(own.key)) return;
  for (const entry of there.entries) {
    const number = numberOf(entry);
    if (number === undefined || numbers.has(number) || known(entry.action) !== "deny" || isLast(entry)) continue;
    const words = message(
      "network ACL {0} has the rule {1} {2}, and the template has none of that number",
      label,
      number,
      entryText(entry) ?? "deny",
    );
    add({ key: `acl ${own.key} ${number} extra`, subject: own.key, at: own.at, message: words, id: there.key });
  }
}

/** Every ACL ends with rules that nobody can take away, one a family. */
function isLast({ ruleNumber }: model.AclEntry): boolean {
  return (known(ruleNumber) ?? 0) >= 32767;
}

/** Returns what tells an entry from the others of its ACL. */
function numberOf({ ruleNumber, egress }: model.AclEntry): string | undefined {
  const [number, out] = [known(ruleNumber), knownOr(egress, false)];
  return number === undefined || out === undefined ? undefined : `${number} ${out ? "egress" : "ingress"}`;
}

function entryText({ action, protocol, ports, cidr }: model.AclEntry): string | undefined {
  const [verb, what, block] = [known(action)?.toLowerCase(), trafficText(protocol, ports), cidrText(cidr)];
  return verb === undefined || what === undefined || block === undefined ? undefined : `${verb} ${what} ${block}`;
}

const numbersOf: Readonly<Record<string, string>> = { all: "-1", icmp: "1", tcp: "6", udp: "17", icmpv6: "58" };
const wordsOf: Readonly<Record<string, string>> = { "-1": "all", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6" };

/** Returns protocol and ports; ports count where the protocol has any. */
function trafficText(protocol: Fact<string>, ports: Fact<PortRange>): string | undefined {
  const written = known(protocol)?.toLowerCase();
  if (written === undefined) return undefined;
  const number = numbersOf[written] ?? written;
  const word = wordsOf[number] ?? number;
  if (number !== "6" && number !== "17") return word;
  const range = knownOr(ports, { from: 0, to: 65535 });
  if (range === undefined) return undefined;
  const [from, to] = range.from === -1 ? [0, 65535] : [range.from, range.to];
  return `${word} ${from === to ? from : `${from}-${to}`}`;
}

function cidrText(cidr: Fact<string>): string | undefined {
  const text = known(cidr);
  const parsed = text === undefined ? undefined : parseCidr(text);
  return parsed === undefined ? text : describeAddresses(cidrSet(parsed));
}

/**
 * What the security groups of one network interface let out, and in.
 *
 * Groups are stateful and only allow, so the groups of an interface are one union of addresses for
 * the asked port.
 *
 * Sources: AWS::EC2::SecurityGroup ("The default rule is removed only when you specify one or more
 * egress rules"), Amazon VPC User Guide, "Security group rules" and "Default security groups". That a
 * standalone AWS::EC2::SecurityGroupEgress removes the default rule too is in no reference page, but
 * reported throughout (aws-cloudformation/cfn-language-discussion#157, aws/aws-cdk#3355).
 */
import { type Message, message } from "../message";
import {
  type AddressSet,
  allAddresses,
  covers,
  intersect,
  isEmpty,
  noAddresses,
  parseCidr,
  publicSpace,
  size,
  subtract,
} from "./address-space";
import { admitted, matchesPort, type PrefixLists, peerAddresses } from "./group-rule";
import { type Bounds, type Extent, exactly, extent, together, unknownAddresses, within } from "./matching";
import { type Fact, type GroupRule, type Key, known, type SecurityGroup } from "./model";
import type { Family } from "./verdict";

export interface GroupsQuestion {
  readonly family: Family;
  readonly destination: AddressSet;
  readonly port: number;
}

export interface GroupsAnswer {
  readonly allowed: Extent;
  /**
   * Why not all is allowed: a standalone rule removed the allow-all rule of a group, the groups were
   * closed on purpose (a rule to 127.0.0.1/32 or 255.255.255.255/32 and nothing else), or their rules
   * just do not reach that far. Undefined where all is allowed or `allowed` is unknown.
   */
  readonly reason: "closed" | "idiom" | "standalone" | undefined;
  /** The groups that `reason` is about. */
  readonly groups: readonly SecurityGroup[];
  /** The egress rule that comes closest where not all is allowed. */
  readonly deciding: GroupRule | undefined;
  /** The part of the destination that is certainly admitted. */
  readonly admitted: AddressSet;
  /** Groups whose inline allow-all rule a standalone rule may revoke (aws/aws-cdk#987), though it counts here. */
  readonly revocable: readonly SecurityGroup[];
  /** Why `allowed` is unknown; empty where it is not. */
  readonly unknowns: readonly Message[];
}

/** Returns whether TCP to the destination's port gets out through these groups; undefined is a group out of sight. */
export function askGroups(
  groups: readonly (SecurityGroup | undefined)[],
  question: GroupsQuestion,
  prefixLists: PrefixLists,
): GroupsAnswer {
  const { family, destination } = question;
  const bounds = groups.map((group) => egress(group, question, prefixLists));
  const answer = settle(destination, together(family, bounds.length > 0 ? bounds : [noGroups(family)]));
  const inSight = groups.filter((group) => group !== undefined);
  const short = answer.allowed === "none" || answer.allowed === "some";
  return {
    ...answer,
    ...(short ? shortfall(inSight) : { reason: undefined, groups: [] }),
    deciding: short ? closest(inSight.flatMap(egressRules), question, prefixLists) : undefined,
    revocable: inSight.filter(
      ({ at, inlineEgress, standaloneEgress }) =>
        at.kind === "text" && standaloneEgress.length > 0 && known(inlineEgress)?.some(allowsAll),
    ),
  };
}

/** Returns how much of a destination one group alone lets out. */
export function groupAllows(
  group: SecurityGroup,
  { ipv4, ipv6, port }: { readonly ipv4: AddressSet; readonly ipv6: AddressSet; readonly port: number },
  prefixLists: PrefixLists,
): Extent {
  const destination = isEmpty(ipv4) ? ipv6 : ipv4;
  return askGroups([group], { family: destination.family, destination, port }, prefixLists).allowed;
}

export interface IngressQuestion {
  readonly family: Family;
  /** The source addresses; undefined where they are not known. */
  readonly from: AddressSet | undefined;
  /** The security groups of the source; undefined where they are not known. */
  readonly groups: readonly Key[] | undefined;
  readonly port: number;
}

export interface IngressAnswer {
  readonly allowed: Extent;
  /** The part of the sources that is certainly admitted. */
  readonly admitted: AddressSet;
  /** Why `allowed` is unknown; empty where it is not. */
  readonly unknowns: readonly Message[];
}

/** Returns whether TCP from the sources gets in through these groups; undefined is a group out of sight. */
export function askIngress(
  groups: readonly (SecurityGroup | undefined)[],
  question: IngressQuestion,
  prefixLists: PrefixLists,
): IngressAnswer {
  const { family, from } = question;
  const bounds = groups.map((group) => ingress(group, question, prefixLists));
  const all = together(family, bounds.length > 0 ? bounds : [noGroups(family)]);
  if (from && !isEmpty(from)) return settle(from, all);
  const answer = settle(allAddresses(family), all);
  if (answer.allowed !== "some") return answer;
  return { ...answer, allowed: "unknown", unknowns: [message("the addresses it comes from are not known")] };
}

function settle(asked: AddressSet, { least, most, whys }: Bounds<AddressSet>): IngressAnswer {
  const admitted = intersect(asked, least);
  const doubtful = !isEmpty(subtract(intersect(asked, most), least));
  const allowed = extent(!isEmpty(admitted), !covers(most, asked), doubtful);
  return { allowed, admitted, unknowns: allowed === "unknown" ? whys : [] };
}

function egress(group: SecurityGroup | undefined, question: GroupsQuestion, lists: PrefixLists): Bounds<AddressSet> {
  const { family, destination, port } = question;
  if (!group) return unknownAddresses(family, message("a security group is not in sight"));
  // The members of a group have private addresses: they are not the internet, whoever they are.
  const toGroup = (): Bounds<AddressSet> => ({
    least: noAddresses(family),
    most: subtract(allAddresses(family), publicSpace(family)),
    whys: [message("the addresses of another security group are not known")],
  });
  const rules = egressRules(group).map((rule) => within(destination, admitted(rule, family, port, lists, toGroup)));
  const { inlineEgress } = group;
  if (inlineEgress.is === "unknown") rules.push(unknownAddresses(family, inlineEgress.why));
  else if (group.external && !group.isDefault) rules.push(unseen(family));
  else if (hasDefaultRule(group) && group.standaloneEgress.length === 0) rules.push(defaultRule(family));
  return about(group, together(family, rules));
}

function ingress(group: SecurityGroup | undefined, question: IngressQuestion, lists: PrefixLists): Bounds<AddressSet> {
  const { family, port, groups } = question;
  if (!group) return unknownAddresses(family, message("a security group is not in sight"));
  const fromGroup = (member: Fact<Key>): Bounds<AddressSet> => {
    if (member.is === "unknown") return unknownAddresses(family, member.why);
    if (member.is === "absent") return exactly(noAddresses(family));
    if (groups?.includes(member.value)) return exactly(allAddresses(family));
    if (groups?.every((key) => surelyDiffer(key, member.value))) return exactly(noAddresses(family));
    return unknownAddresses(
      family,
      message("whether {0} is a security group of the source is not known", member.value),
    );
  };
  const rules = group.ingress.map((rule) => admitted(rule, family, port, lists, fromGroup));
  // A default group admits its own members; an account lists that rule, a template does not.
  if (group.isDefault && groups?.includes(group.key)) rules.push(exactly(allAddresses(family)));
  if (group.external && !group.isDefault) rules.push(unseen(family));
  return about(group, together(family, rules));
}

function egressRules(group: SecurityGroup): readonly GroupRule[] {
  return [...(known(group.inlineEgress) ?? []), ...group.standaloneEgress];
}

/**
 * Returns whether the group was created without egress rules of its own, so with EC2's default rule.
 * An account lists the rules that there are: there none is implied.
 */
function hasDefaultRule({ at, inlineEgress }: SecurityGroup): boolean {
  if (at.kind === "aws") return false;
  return inlineEgress.is === "absent" || (inlineEgress.is === "known" && inlineEgress.value.length === 0);
}

/**
 * EC2 adds a rule for IPv6 only in a VPC that has IPv6 at that time, and CloudFormation was seen to add
 * the IPv4 rule only (aws-cloudformation/cloudformation-coverage-roadmap#2241): nothing to build on.
 */
function defaultRule(family: Family): Bounds<AddressSet> {
  if (family === "ipv4") return exactly(allAddresses(family));
  return unknownAddresses(family, message("it names no egress rules, and whether it then allows IPv6 is not settled"));
}

/**
 * Returns the group as it is once a standalone rule has taken its allow-all rule away, for groups where
 * that may happen: one that names the rule itself (aws/aws-cdk#987), and one made elsewhere, which may have
 * been left with the rule that EC2 gave it. Undefined for every other group.
 */
export function stripped(group: SecurityGroup): SecurityGroup | undefined {
  const { at, external, isDefault, inlineEgress, standaloneEgress } = group;
  if (at.kind !== "text" || standaloneEgress.length === 0) return undefined;
  if (external && !isDefault) return { ...group, external: false, inlineEgress: { is: "absent" } };
  if (inlineEgress.is !== "known") return undefined;
  const left = inlineEgress.value.filter((rule) => !allowsAll(rule));
  return left.length === inlineEgress.value.length
    ? undefined
    : { ...group, inlineEgress: { ...inlineEgress, value: left } };
}

function shortfall(groups: readonly SecurityGroup[]): Pick<GroupsAnswer, "reason" | "groups"> {
  const bared = groups.filter((group) => hasDefaultRule(group) && group.standaloneEgress.length > 0);
  if (bared.length > 0) return { reason: "standalone", groups: bared };
  const rules = groups.flatMap(egressRules);
  return { reason: rules.length > 0 && rules.every(closes) ? "idiom" : "closed", groups };
}

/** The ways to write "no egress": AWS's documentation uses 127.0.0.1/32, the CDK 255.255.255.255/32. */
function closes({ peer }: GroupRule): boolean {
  if (peer.kind !== "ipv4" && peer.kind !== "ipv6") return false;
  return ["127.0.0.1/32", "255.255.255.255/32", "::1/128"].includes(known(peer.cidr) ?? "");
}

function allowsAll({ protocol, peer }: GroupRule): boolean {
  if (known(protocol) !== "-1" || (peer.kind !== "ipv4" && peer.kind !== "ipv6")) return false;
  return parseCidr(known(peer.cidr) ?? "")?.prefixLength === 0;
}

/** Returns the rule with the largest share of the destination, a fitting port counting as much as all of it. */
function closest(
  rules: readonly GroupRule[],
  { family, destination, port }: GroupsQuestion,
  lists: PrefixLists,
): GroupRule | undefined {
  let best: { readonly score: number; readonly rule: GroupRule | undefined } = { score: 0, rule: undefined };
  for (const rule of rules) {
    const { most } = peerAddresses(rule.peer, family, lists, () => exactly(noAddresses(family)));
    const share = Number(size(intersect(most, destination))) / Number(size(destination));
    const score = share + (matchesPort(rule, port) ? 1 : 0);
    if (score > best.score) best = { score, rule };
  }
  return best.rule;
}

/**
 * Keys of two things differ for sure unless one is a reference whose value comes from outside
 * (`param:…`, `import:…`), which may be the other's id.
 */
function surelyDiffer(a: Key, b: Key): boolean {
  return a !== b && [a, b].every((key) => !key.includes(":") || key.startsWith("literal:"));
}

function about(group: SecurityGroup, bounds: Bounds<AddressSet>): Bounds<AddressSet> {
  return { ...bounds, whys: bounds.whys.map((why) => message("security group {0}: {1}", group.key, why)) };
}

function unseen(family: Family): Bounds<AddressSet> {
  return unknownAddresses(family, message("its rules are not in sight"));
}

function noGroups(family: Family): Bounds<AddressSet> {
  return unknownAddresses(family, message("no security group is given, so the default group of the VPC applies"));
}

/** The edit that lets traffic through a network ACL: entries with free rule numbers, which the ACL rules offer. */
import { type AclQuestion, askAcl } from "../network/acl";
import { type AclEntry, known, knownOr, type NetworkAcl, type Subnet } from "../network/model";
import type { Fault } from "../network/verdict";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import type { Edit } from "./edit";
import { addResources, freshId, toValue } from "./resource";
import type { Value } from "./value";

export type AclFault = Fault & { readonly code: "acl" };

/** A stop at an ACL, with the function's subnet, whose addresses the legs between it and the NAT name. */
export interface Passage {
  readonly fault: AclFault;
  readonly from: Subnet | undefined;
}

/** AWS keeps the numbers behind this one for itself. */
const lastNumber = 32766;

/**
 * Returns the edits that add one allow entry for each kind of traffic that the ACL stops, as late in its
 * order as lets the traffic through. There are none where rule numbers are not known.
 */
export function addAclEntries(document: Document, template: Template, passages: readonly Passage[]): Edit[] {
  const acl = passages[0]?.fault.acl;
  if (acl === undefined) return [];
  const behind = acl.entries.findLast(({ key }) => template.resources.has(key))?.key ?? ownerOf(acl);
  const added: Record<string, Value> = {};
  const taken = new Set<string>();
  let grown = acl;
  for (const { fault, from } of passages) {
    if (askAcl(grown, fault.question).allowed === "all") continue;
    const entry = placed(grown, fault.question, wanted(fault, from));
    const block = blockOf(fault, from);
    if (entry === undefined || block === undefined) return [];
    grown = { ...grown, entries: [...grown.entries, entry] };
    const egress = known(entry.egress) === true;
    const what = fault.leg <= 3 ? `Port${fault.question.ports.from}` : "Answers";
    const id = freshId(template, `${acl.key.replaceAll(".", "")}${egress ? "Outbound" : "Inbound"}${what}`, taken);
    taken.add(id);
    added[id] = {
      Type: "AWS::EC2::NetworkAclEntry",
      Properties: {
        NetworkAclId: reference(acl),
        RuleNumber: known(entry.ruleNumber) ?? 0,
        Egress: egress,
        Protocol: 6,
        RuleAction: "allow",
        ...block,
        PortRange: { From: fault.question.ports.from, To: fault.question.ports.to },
      },
    };
  }
  return addResources(document, template, added, behind);
}

/** The default ACL of a VPC has no resource of its own. */
function ownerOf(acl: NetworkAcl): string {
  return acl.key.split(".", 1)[0] ?? acl.key;
}

function reference(acl: NetworkAcl): Value {
  return acl.key.includes(".") ? { "Fn::GetAtt": acl.key.split(".") } : { Ref: acl.key };
}

function wanted({ acl, leg, question }: AclFault, from: Subnet | undefined): AclEntry {
  const everywhere = question.family === "ipv4" ? "0.0.0.0/0" : "::/0";
  const fact = <T>(value: T) => ({ is: "known", value, at: acl.at }) as const;
  return {
    key: acl.key,
    at: acl.at,
    ruleNumber: fact(lastNumber),
    egress: fact(question.direction === "egress"),
    protocol: fact("6"),
    action: fact("allow"),
    cidr: isBetween(leg) ? (from?.cidr ?? { is: "absent" }) : fact(everywhere),
    family: question.family,
    ports: fact(question.ports),
  };
}

/** Legs 2 and 5 run between the function and the NAT; all others have the internet on their far side. */
function isBetween(leg: AclFault["leg"]): boolean {
  return leg === 2 || leg === 5;
}

function blockOf({ leg, question }: AclFault, from: Subnet | undefined): Readonly<Record<string, Value>> | undefined {
  if (question.family === "ipv6") return { Ipv6CidrBlock: "::/0" };
  if (!isBetween(leg)) return { CidrBlock: "0.0.0.0/0" };
  if (from?.cidr.is !== "known") return undefined;
  const { value, at } = from.cidr;
  return { CidrBlock: (at.kind === "text" ? toValue(at.node) : undefined) ?? value };
}

/** Returns the entry with the last free number at which its traffic passes: behind all others, or before a deny. */
function placed(acl: NetworkAcl, question: AclQuestion, entry: AclEntry): AclEntry | undefined {
  const same = acl.entries.filter(({ egress }) => knownOr(egress, false) === knownOr(entry.egress, false));
  const numbers = same.map(({ ruleNumber }) => known(ruleNumber));
  if (numbers.includes(undefined) || acl.entries.some(({ egress }) => egress.is === "unknown")) return undefined;
  const used = new Set(numbers);
  // The rules that the default ACL is created with.
  for (const number of acl.isDefault ? [100, 101] : []) used.add(number);
  const last = Math.max(90, ...[...used].flatMap((number) => number ?? []));
  const behind = Math.floor(last / 10) * 10 + 10;
  const denies = same.flatMap(({ action, ruleNumber }) =>
    known(action)?.toLowerCase() === "deny" ? (known(ruleNumber) ?? []) : [],
  );
  const before = denies.sort((left, right) => right - left).flatMap((number) => freeBelow(number, used) ?? []);
  for (const number of behind <= lastNumber ? [behind, ...before] : before) {
    const candidate: AclEntry = { ...entry, ruleNumber: { is: "known", value: number, at: acl.at } };
    if (askAcl({ ...acl, entries: [...acl.entries, candidate] }, question).allowed === "all") return candidate;
  }
  return undefined;
}

/** Returns a free number below another, at a round distance where there is room. */
function freeBelow(number: number, used: ReadonlySet<number | undefined>): number | undefined {
  const round = [10, 5].map((step) => number - step).find((one) => one > 0 && !used.has(one));
  if (round !== undefined) return round;
  for (let one = number - 1; one > 0; one--) if (!used.has(one)) return one;
  return undefined;
}

/**
 * Where network ACLs stop a function's traffic, as the ACL rules tell it: one stop for each place in the
 * template, with every check that fails there.
 */
import { type AclFault, addAclEntries, type Passage as Stopped } from "../edit/acl-entry";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import { allPorts, countPorts, describePorts, matchedPorts } from "../network/matching";
import { type AclEntry, known, type Origin } from "../network/model";
import type { Family, FunctionEgress, Path, SubnetEgress } from "../network/verdict";
import type { Draft, DraftNote, Severity, World } from "./rule";

/** A check that fails, with the way of which it is a part. */
export interface Passage extends Stopped {
  readonly path: SubnetEgress;
}

export interface AclStop {
  /** The entry that denies or is too narrow, or the ACL where its implicit deny decides. */
  readonly at: Origin;
  readonly fn: FunctionEgress;
  /** The checks in the order of the way; the first is the one to speak about. */
  readonly passages: readonly [Passage, ...Passage[]];
  /** Milder than the rule's own where one address family is stopped and the other gets out. */
  readonly severity: Severity | undefined;
}

/**
 * Returns the stops on the ways of the functions under analysis, of one extent. ACLs of subnets without a
 * function, or without a way out, serve other purposes, so they are left alone. An entry that denies both
 * calls and answers is one stop; of what an ACL does not name, calls are one and answers another.
 */
export function aclStops(world: World, extent: AclFault["extent"]): AclStop[] {
  return world.functions.flatMap((fn) => {
    const stops = new Map<string, [Passage, ...Passage[]]>();
    const passages = fn.subnets.flatMap((path) =>
      [...ways(path.ipv4), ...ways(path.ipv6)].map((fault): Passage => ({ fault, from: path.subnet, path })),
    );
    for (const passage of passages.sort((left, right) => left.fault.leg - right.fault.leg)) {
      const { fault } = passage;
      if (fault.extent !== extent) continue;
      const part = placeOf(fault) === undefined ? isAnswer(fault) : placeOf(fault)?.key;
      const key = `${fault.acl.key} ${part}`;
      const same = stops.get(key);
      if (same === undefined) stops.set(key, [passage]);
      else same.push(passage);
    }
    return [...stops.values()].map((passages): AclStop => {
      const [{ fault }] = passages;
      const isHalf = passages.every(({ fault, path }) => getsOut(path, fault.question.family));
      const at = placeOf(fault)?.at ?? fault.acl.at;
      return { at, fn, passages, severity: isHalf ? "warning" : undefined };
    });
  });
}

/** An allow for something else is no cause; one for a part of the traffic is. */
function placeOf(fault: AclFault): AclEntry | undefined {
  return isDeny(fault) || fault.extent === "partial" ? fault.entry : undefined;
}

/** Yields a finding for each ACL that blocks calls, or else for each that blocks their answers. */
export function* blocks(world: World, of: "calls" | "answers", title: (fault: AclFault) => Message): Iterable<Draft> {
  for (const stop of aclStops(world, "blocked")) {
    const [first] = stop.passages;
    const { fault } = first;
    if (isAnswer(fault) !== (of === "answers")) continue;
    yield {
      at: stop.at,
      ...(stop.severity === undefined ? {} : { severity: stop.severity }),
      message: message(
        "{0} makes calls to the internet time out: {1}",
        isDeny(fault) ? (fault.entry?.key ?? fault.acl.key) : fault.acl.key,
        words(first),
      ),
      notes: notesOn(stop, words),
      fixes: () => [
        { title: title(fault), safe: false, edits: addAclEntries(world.document, world.template, stop.passages) },
      ],
      functions: [stop.fn.fn.key],
    };
  }
}

/** Tells whether the check is about answers, which come to ephemeral ports. */
export function isAnswer({ leg }: AclFault): boolean {
  return leg >= 4;
}

/** Returns what a check stops. Two frequent slips are told apart: answers are taken to come from the VPC, or to come to the port called. */
function words({ fault, from: home }: Passage): Message {
  const { leg, question, subnet } = fault;
  const { from, to } = question.ports;
  const family = question.family === "ipv4" ? "IPv4" : "IPv6";
  if (leg === 2) {
    return message("it lets no {0} traffic to port {1} from {2} into {3}", family, from, home?.key ?? "?", subnet.key);
  }
  if (!isAnswer(fault)) return message("it lets no {0} traffic to port {1} out of {2}", family, from, subnet.key);
  const near = nearMiss(fault);
  if (near?.misses === "peers" && question.direction === "ingress") {
    const block = known(near.entry.cidr) ?? "?";
    return message("answers come from public addresses, but {0} lets in those of {1} only", near.entry.key, block);
  }
  if (near?.misses === "ports") {
    const { entry } = near;
    return message("answers arrive on ports {0}–{1}, but {2} opens {3} only", from, to, entry.key, portsOf(entry));
  }
  return question.direction === "ingress"
    ? message("it lets no {0} answers on ports {1}–{2} into {3}", family, from, to, subnet.key)
    : message("it lets no {0} answers on ports {1}–{2} out of {3}", family, from, to, subnet.key);
}

/** Returns what surrounds a stop: whose traffic it is, further checks that fail there, and entries that mislead. */
export function notesOn({ fn, passages }: AclStop, words: (passage: Passage) => Message): DraftNote[] {
  const notes: DraftNote[] = [];
  for (const [index, passage] of passages.entries()) {
    const { fault, path } = passage;
    const { acl, subnet } = fault;
    notes.push({ at: path.reference.at, message: message("the traffic of {0} takes this way", fn.fn.key) });
    const at = subnet.acls.at(-1)?.at ?? (acl.isDefault ? subnet.at : undefined);
    if (at !== undefined) {
      notes.push({ at, message: index > 0 ? words(passage) : message("{0} uses {1}", subnet.key, acl.key) });
    }
    notes.push(...misleading(fault));
  }
  return notes;
}

/** Entries that seem to allow what is stopped: behind a deny, for other ports or addresses, or for the other direction. */
function misleading(fault: AclFault): DraftNote[] {
  const { acl, entry, answer, question, extent } = fault;
  const { overridden } = answer;
  if (overridden !== undefined && entry !== undefined) {
    const text = message("{0} would let it through, but {1} comes first", overridden.key, entry.key);
    return [{ at: overridden.at, message: text }];
  }
  if (extent === "partial") return [];
  const near = nearMiss(fault);
  if (near !== undefined) {
    const text =
      near.misses === "peers"
        ? message("this entry is about {0} only", known(near.entry.cidr) ?? "?")
        : message("this entry opens {0} only", portsOf(near.entry));
    return [{ at: near.entry.at, message: text }];
  }
  if (question.direction === "ingress") return [];
  const inward = acl.entries.filter(({ egress, action }) => {
    return egress.is === "absent" && known(action)?.toLowerCase() === "allow";
  });
  return inward.map(({ at, key }) => ({
    at,
    message: message("{0} does not say Egress: true, so it is about what comes in", key),
  }));
}

/**
 * Returns the allow entry that was meant for the traffic and misses it, where nothing denies it outright. One
 * that names these ports is meant for it more than one that names these addresses, which may be anybody's.
 */
function nearMiss(fault: AclFault): { readonly entry: AclEntry; readonly misses: "peers" | "ports" } | undefined {
  const { entry, answer } = fault;
  if (isDeny(fault)) return undefined;
  const namesPorts = answer.otherPeers.find(({ protocol, ports }) => {
    return countPorts(matchedPorts(protocol, ports).most) < countPorts(allPorts);
  });
  if (namesPorts !== undefined) return { entry: namesPorts, misses: "peers" };
  if (entry === undefined) return undefined;
  if (answer.otherPeers.includes(entry)) return { entry, misses: "peers" };
  return answer.otherPorts.includes(entry) ? { entry, misses: "ports" } : undefined;
}

function portsOf({ protocol, ports }: AclEntry): string {
  return describePorts(matchedPorts(protocol, ports).most);
}

/** Tells whether an entry of this stop forbids the traffic, where others only fail to allow it. */
export function isDeny({ entry }: AclFault): boolean {
  return entry !== undefined && known(entry.action)?.toLowerCase() === "deny";
}

/** Where the routes lead nowhere, or IPv6 is not used, the ACL is not what is in the way. */
function ways({ verdict, faults }: Path): AclFault[] {
  switch (verdict) {
    case "isolated":
    case "public-subnet":
    case "no-transit":
    case "off":
      return [];
    default:
      return faults.filter((fault): fault is AclFault => fault.code === "acl");
  }
}

/** Tells whether the other address family than the one stopped gets out. */
function getsOut({ ipv4, ipv6 }: SubnetEgress, stopped: Family): boolean {
  if (stopped === "ipv6") return ["reaches", "partial"].includes(outcomeOf(ipv4.verdict));
  return ipv6.verdict === "egress-only" || ipv6.verdict === "igw";
}

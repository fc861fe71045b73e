/**
 * Where network ACLs stop a function's traffic, as the ACL rules tell it: one stop for each place in the
 * template, with every check that fails there.
 */
import type { AclFault, Passage as Stopped } from "../edit/acl-entry";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import { known, type Origin } from "../network/model";
import type { FunctionEgress, Path, SubnetEgress } from "../network/verdict";
import type { DraftNote, Severity, World } from "./rule";

/** A check that fails, with the way of which it is a part. */
export interface Passage extends Stopped {
  readonly path: SubnetEgress;
}

export interface AclStop {
  /** The deciding entry, or the ACL where its implicit deny decides. */
  readonly at: Origin;
  readonly fn: FunctionEgress;
  /** At least one; the first is the one to speak about. */
  readonly passages: readonly Passage[];
  /** Milder than the rule's own where only IPv6 is stopped and IPv4 gets out. */
  readonly severity: Severity | undefined;
}

/**
 * Returns the stops on the ways of the functions under analysis. ACLs of subnets without a function, or
 * without a way out, serve other purposes, so they are left alone.
 */
export function aclStops(world: World, isMeant: (fault: AclFault) => boolean): AclStop[] {
  return world.functions.flatMap((fn) => {
    const stops = new Map<string, Passage[]>();
    for (const path of fn.subnets) {
      for (const fault of [...ways(path.ipv4), ...ways(path.ipv6)]) {
        if (!isMeant(fault)) continue;
        const key = `${fault.acl.key} ${fault.entry?.key ?? ""}`;
        const passage = { fault, from: path.subnet, path };
        const same = stops.get(key);
        if (same === undefined) stops.set(key, [passage]);
        else same.push(passage);
      }
    }
    return [...stops.values()].flatMap((passages): AclStop[] => {
      const [first] = passages;
      if (first === undefined) return [];
      const { entry, acl } = first.fault;
      const isIpv6 = passages.every(({ fault, path }) => fault.question.family === "ipv6" && getsOut(path));
      return [{ at: entry?.at ?? acl.at, fn, passages, severity: isIpv6 ? "warning" : undefined }];
    });
  });
}

/** Returns what surrounds a stop: whose traffic it is, further checks that fail there, and rules that mislead. */
export function notesOn({ fn, passages }: AclStop, words: (passage: Passage) => Message): DraftNote[] {
  const notes: DraftNote[] = [];
  for (const [index, passage] of passages.entries()) {
    const { fault, path } = passage;
    const { overridden, acl, subnet, entry, question } = { ...fault, ...fault.answer };
    notes.push({ at: path.reference.at, message: message("the traffic of {0} takes this way", fn.fn.key) });
    const association = subnet.acls.at(-1);
    if (index > 0 && association !== undefined) notes.push({ at: association.at, message: words(passage) });
    else if (association !== undefined) {
      notes.push({ at: association.at, message: message("{0} uses {1}", subnet.key, acl.key) });
    }
    if (overridden !== undefined && entry !== undefined) {
      notes.push({
        at: overridden.at,
        message: message("{0} would let it through, but {1} comes first", overridden.key, entry.key),
      });
    }
    if (entry !== undefined || question.direction === "ingress") continue;
    for (const other of acl.entries) {
      if (other.egress.is !== "absent" || known(other.action)?.toLowerCase() !== "allow") continue;
      notes.push({
        at: other.at,
        message: message("{0} does not say Egress: true, so it is about what comes in", other.key),
      });
    }
  }
  return notes;
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

function getsOut({ ipv4 }: SubnetEgress): boolean {
  return ["reaches", "partial"].includes(outcomeOf(ipv4.verdict));
}

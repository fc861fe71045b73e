/** Collects what a path meets on its way: hops, faults, and why something is unknown. */
import type { Message } from "../message";
import type { Origin } from "./model";
import type { Family, Fault, Hop, HopKind, Status } from "./verdict";

/** What a stretch of the path comes to; `blocked` says which words stand for its failures. */
export interface Trail {
  readonly family: Family;
  readonly hops: Hop[];
  readonly faults: Fault[];
  readonly unknowns: Message[];
  /** Verdict words of the checks that failed, in the order met. */
  readonly blocked: Set<string>;
}

export function createTrail(family: Family): Trail {
  return { family, hops: [], faults: [], unknowns: [], blocked: new Set() };
}

/** Adds a hop to the trail. */
export function pass(trail: Trail, kind: HopKind, id: string, status: Status, why: Message, at?: Origin): void {
  const { family } = trail;
  trail.hops.push(at === undefined ? { kind, id, family, status, why } : { kind, id, family, status, why, at });
  if (status === "unknown") trail.unknowns.push(why);
}

/** Where a fault is shown whose cause does not stand in the template at hand, but in another one or in the account. */

import { message } from "./message";
import type { Origin } from "./network/model";
import type { Resolved } from "./network/resolved";
import type { SubnetEgress } from "./network/verdict";
import type { Draft, Note, Rule } from "./rules/rule";
import type { Scene } from "./scene";
import { type Span, spanOf } from "./template/syntax";
import type { Resource, Template } from "./template/template";

/**
 * A fault in another template, or in the account, is shown where this template refers to it, and a note leads to the
 * cause. What no function of this template suffers from is no affair of it, and neither is what the deployment of
 * another template fails from, but for the roles of functions here. A file that is included is a part of this template,
 * and all its faults are shown where it is named.
 */
export function atHome(
  template: Template,
  { group }: Rule,
  draft: Draft,
  scene: Scene,
  resource: Resource | undefined,
): Draft | undefined {
  const cause = spanAt(draft.at);
  const { fn } = scene;
  if (cause !== undefined && cause.file === undefined) return draft;
  const include = cause?.file === undefined ? undefined : template.includes?.get(cause.file);
  const subnets = (fn?.subnets ?? []).filter(({ reference }) => isHere(reference.at));
  const through = subnets.find((subnet) => isOnWay(subnet, draft.at));
  if (cause === undefined) {
    // An account is full of things that are no affair of this function, whatever is wrong with them.
    const at = through?.reference.at ?? ownRole(scene, draft.at);
    return at && { ...draft, at, fixes: () => [] };
  }
  const isForeign = include === undefined && (fn === undefined || (group !== "reach" && !isInRole(template, cause)));
  const node = include ?? resource?.at;
  const text: Origin | undefined = node && { kind: "text", node };
  const [first] = subnets;
  const at = through?.reference.at ?? (include === undefined ? (first?.reference.at ?? text) : text);
  if (isForeign || at === undefined) return undefined;
  const notes = [{ at: draft.at, message: message("the cause lies here") }, ...(draft.notes ?? [])];
  return { ...draft, at, notes, fixes: () => [] };
}

/** Says which thing of the account a reference stands for, and when the account was asked. */
export function whenLooked(account: Resolved | undefined, { fn }: Scene, span: Span): Note[] {
  if (account === undefined) return [];
  return (fn?.subnets ?? []).flatMap(({ reference, subnet }): Note[] => {
    const at = spanAt(reference.at);
    if (subnet?.at.kind !== "aws" || at === undefined || at.start > span.start || at.end < span.end) return [];
    const { region, account: number = "?", time } = account;
    const words = [subnet.key, number, region, time.slice(0, 16).replace("T", " ")] as const;
    return [{ span, message: message("{0} as account {1} had it in {2} on {3} UTC", ...words) }];
  });
}

/** Says which export of another template a reference is taken for, where its name does not prove it. */
export function whereTaken({ links }: Template, { fn }: Scene, span: Span): Note[] {
  return (fn?.subnets ?? []).flatMap(({ reference }): Note[] => {
    const source = links?.taken.get(reference.ref.replace(/\[\d+\]$/, ""));
    const at = spanAt(reference.at);
    if (source === undefined || at === undefined || at.start > span.start || at.end < span.end) return [];
    return [{ span: spanOf(source.at), message: message("{0} is taken for this name, which is alike", source.name) }];
  });
}

/** Returns where an origin stands in the text; undefined for what only an account knows. */
export function spanAt(origin: Origin): Span | undefined {
  return origin.kind === "text" ? spanOf(origin.node) : undefined;
}

/** Tells whether a place is on the way out of a subnet, or something that a fault on this way is about. */
function isOnWay({ subnet, ipv4, ipv6 }: SubnetEgress, place: Origin): boolean {
  const paths = [ipv4, ipv6];
  if (paths.some(({ hops }) => hops.some(({ at }) => at !== undefined && isSame(at, place)))) return true;
  if (place.kind === "text" || subnet === undefined) return false;
  const parts = paths.flatMap(({ faults }) => faults.flatMap((fault): unknown[] => Object.values(fault)));
  const isNamed = (part: unknown): boolean =>
    part === place.id || (typeof part === "object" && part !== null && "key" in part && part.key === place.id);
  return subnet.key === place.id || (subnet.vpc.is === "known" && subnet.vpc.value === place.id) || parts.some(isNamed);
}

/** Returns where the function names its role, if the place is that role of the account or one of its policies. */
function ownRole({ network, fn }: Scene, place: Origin): Origin | undefined {
  const reference = fn?.fn.role;
  const role = reference?.is === "known" ? network.roles.get(reference.value.key) : undefined;
  if (reference?.is !== "known" || role === undefined || !isHere(reference.at)) return undefined;
  return [role, ...role.policies].some(({ at }) => isSame(at, place)) ? reference.at : undefined;
}

/** Tells whether something stands in the template at hand. */
function isHere(at: Origin): boolean {
  return at.kind === "text" && spanOf(at.node).file === undefined;
}

function isSame(left: Origin, right: Origin): boolean {
  if (left.kind === "aws" || right.kind === "aws") {
    return left.kind === "aws" && right.kind === "aws" && left.id === right.id;
  }
  const [one, other] = [spanOf(left.node), spanOf(right.node)];
  return one.file === other.file && one.start === other.start;
}

function isInRole({ resources }: Template, { file, start }: Span): boolean {
  return [...resources.values()].some(({ type, at, node }) => {
    const isHere = at.block.file === file && start >= spanOf(at).start && start <= spanOf(node).end;
    return isHere && type.startsWith("AWS::IAM::");
  });
}

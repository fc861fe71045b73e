/** Edits of a function's VpcConfig that rules share: other subnets in place of bad ones. */

import type { Message } from "../message";
import { message } from "../message";
import { subnetsWithEgress } from "../network/alternatives";
import { known, type Network } from "../network/model";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import type { Document } from "../template/syntax";
import { get, type ListNode, type Node, spanOf } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Edit } from "./edit";
import { setKey } from "./insert";
import { removeItems } from "./remove";
import { replaceValue } from "./replace";

/** An offered change, in the shape of a rule's fix. */
export interface Offer {
  readonly title: Message;
  readonly safe: boolean;
  readonly edits: readonly Edit[];
}

/** Returns fixes that put subnets with a way out in place of the bad ones; none where the list is not the function's own. */
export function offerOtherSubnets(
  document: Document,
  template: Template,
  whole: Network,
  fn: FunctionEgress,
  bad: readonly SubnetEgress[],
): Offer[] {
  const list = ownList(template, fn, bad);
  const vpc = bad
    .map(({ subnet }) => (subnet === undefined ? undefined : known(subnet.vpc)))
    .find((key) => key !== undefined);
  if (list === undefined || vpc === undefined) return [];
  const used = new Set(fn.subnets.map(({ reference }) => reference.ref));
  const others = subnetsWithEgress(whole, vpc).filter(({ reference }) => !used.has(reference.ref));
  const names = others.map(({ reference }) => reference.ref);
  if (names.length === 0) return [];
  const items = bad.flatMap(({ reference }) => (reference.at.kind === "text" ? [reference.at.node] : []));
  const replaced = items.slice(0, names.length);
  const edits = replaced.flatMap((node, index) => replaceValue(document, node, { Ref: names[index] ?? "" }));
  const left = items.slice(names.length);
  const title = message("Use {0}, which reaches the internet through NAT", names.slice(0, replaced.length).join(", "));
  return [{ title, safe: false, edits: [...edits, ...(left.length > 0 ? removeItems(document, list, left) : [])] }];
}

/** Returns the fix that leaves only the subnets that reach the internet. */
export function offerRemoval(
  document: Document,
  template: Template,
  fn: FunctionEgress,
  bad: readonly SubnetEgress[],
): Offer[] {
  const list = ownList(template, fn, bad);
  if (list === undefined) return [];
  const items = bad.flatMap(({ reference }) => (reference.at.kind === "text" ? [reference.at.node] : []));
  const names = bad.map(({ reference }) => reference.ref).join(", ");
  return [
    { title: message("Remove {0} from the function", names), safe: false, edits: removeItems(document, list, items) },
  ];
}

/** Returns the fix by which the author says that the function needs no internet. */
export function offerExpectNone(document: Document, template: Template, fn: FunctionEgress): Offer[] {
  const resource = template.resources.get(fn.fn.key);
  if (resource === undefined) return [];
  const metadata = get(resource.node, "Metadata");
  const own = get(metadata, "LambdaEgress");
  const edits =
    own?.kind === "map"
      ? setKey(document, own, "Expect", "none")
      : metadata?.kind === "map"
        ? setKey(document, metadata, "LambdaEgress", { Expect: "none" })
        : setKey(document, resource.node, "Metadata", { LambdaEgress: { Expect: "none" } });
  return [{ title: message("State that {0} needs no internet", fn.fn.key), safe: false, edits }];
}

/** A list that Globals or a mapping holds belongs to other functions too, so it is left alone. */
function ownList(template: Template, fn: FunctionEgress, bad: readonly SubnetEgress[]): ListNode | undefined {
  const resource = template.resources.get(fn.fn.key);
  const node = bad[0]?.reference.at;
  if (resource === undefined || node?.kind !== "text") return undefined;
  const list = findList(resource, node.node);
  const inList = (item: Node): boolean => list?.items.some((one) => spanOf(one).start === spanOf(item).start) === true;
  return bad.every(({ reference }) => reference.at.kind === "text" && inList(reference.at.node)) ? list : undefined;
}

function findList(resource: Resource, item: Node): ListNode | undefined {
  const start = spanOf(item).start;
  const within = (node: Node): ListNode | undefined => {
    if (node.kind === "scalar") return undefined;
    if (node.kind === "list" && node.items.some((one) => spanOf(one).start === start)) return node;
    for (const child of node.kind === "list" ? node.items : node.entries.map(({ value }) => value)) {
      const found = within(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return within(resource.node);
}

/** A topology in the making: which VPC it is for, what the template gets, and which address space is left. */
import { cidrSet, overlaps, parseCidr } from "../../network/address-space";
import { type Key, known, type Network, type Vpc } from "../../network/model";
import type { FunctionEgress } from "../../network/verdict";
import { type Document, get, intrinsic, type Node } from "../../template/syntax";
import type { Resource, Template } from "../../template/template";
import type { Edit } from "../edit";
import { ownEntry } from "../extent";
import { insertEntries, insertFirst } from "../insert";
import { addDependsOn, addResources, freshId, toValue } from "../resource";
import type { Value, ValueMap } from "../value";
import { attribute, vpc as vpcBody } from "./bodies";

export interface Plan {
  readonly document: Document;
  readonly template: Template;
  /** The whole network of the world in which things are looked at. */
  readonly network: Network;
  readonly egress: FunctionEgress;
  /** The function as it is written. */
  readonly resource: Resource;
  readonly vpc: PlannedVpc;
  /** New resources by their ids. */
  readonly added: Map<string, ValueMap>;
  /** Changes to what is there. */
  readonly edits: Edit[];
  /** Routes of the template that lead elsewhere now. */
  readonly changed: Set<string>;
  /** IPv4 blocks that are given away here. */
  readonly blocks: string[];
  /** Indices of IPv6 blocks that are given away here. */
  readonly indices: Set<number>;
  /** Set where something stands in the way that only a person can judge. */
  impossible: boolean;
}

export interface PlannedVpc {
  /** Its logical id, or the one it is going to have. */
  readonly id: string;
  /** Under which the network knows it; what is in no network is known under its id. */
  readonly key: Key;
  readonly existing: Vpc | undefined;
}

/** Adds a resource under a free name and returns its id. */
export function add(plan: Plan, base: string, body: ValueMap): string {
  const id = freshId(plan.template, base, new Set(plan.added.keys()));
  plan.added.set(id, body);
  return id;
}

/** Makes a resource of the template wait for another. */
export function waitFor({ document, template, edits }: Plan, id: string, other: string | undefined): void {
  const resource = template.resources.get(id);
  if (resource !== undefined && other !== undefined) edits.push(...addDependsOn(document, resource, [other]));
}

/** Returns the edits of a plan: the new resources stand together, behind the network that is there. */
export function editsOf({ document, template, added, edits }: Plan): Edit[] {
  const last = [...template.resources.values()].findLast(
    ({ type, generatedBy }) => generatedBy === undefined && type.startsWith("AWS::EC2::"),
  );
  const resources = addResources(document, template, Object.fromEntries(added), last?.id);
  return resources.length + edits.length === 0 ? [] : [...transformEdits(document, template), ...edits, ...resources];
}

/** A function that came along without the rest of its template lacks what makes SAM read it. */
function transformEdits(document: Document, { root, kind }: Template): Edit[] {
  if (kind !== "sam" || get(root, "Transform") !== undefined) return [];
  const version = ownEntry(root, "AWSTemplateFormatVersion");
  const sam = "AWS::Serverless-2016-10-31";
  return version === undefined
    ? insertFirst(document, root, "Transform", sam)
    : insertEntries(document, root, { Transform: sam }, version);
}

/** Writes a new VPC down, where the plan is for one. */
export function ensureVpc({ vpc, added }: Plan): void {
  if (vpc.existing === undefined && !added.has(vpc.id)) added.set(vpc.id, vpcBody(newRange));
}

const newRange = "10.0.0.0/16";

/** Returns the VPC's IPv4 range as the template writes it. */
export function rangeOf({ vpc }: Plan): Value {
  const [fact] = vpc.existing?.cidrs ?? [];
  if (fact?.is !== "known") return vpc.existing === undefined ? newRange : attribute(vpc.id, "CidrBlock");
  return (fact.at.kind === "text" ? toValue(fact.at.node) : undefined) ?? fact.value;
}

/**
 * Returns a block for one more subnet that overlaps no other one of the VPC. Where a parameter decides the
 * range, so it does the block.
 */
export function freeBlock(plan: Plan): Value {
  const { vpc, network, blocks } = plan;
  const range = vpc.existing === undefined ? newRange : known(vpc.existing.cidrs[0] ?? { is: "absent" });
  const whole = range === undefined ? undefined : parseCidr(range);
  const taken = [...network.subnets.values()].flatMap(({ vpc: of, cidr, external }) =>
    known(of) === vpc.key && !external ? [known(cidr)] : [],
  );
  if (whole === undefined || taken.includes(undefined) || whole.prefixLength > 26) {
    plan.impossible = true;
    return newRange;
  }
  const used = [...taken, ...blocks].flatMap((text) => parseCidr(text ?? "") ?? []);
  const length = Math.max(24, whole.prefixLength + 2);
  const size = 1n << BigInt(32 - length);
  for (let start = whole.range.from, index = 0; start < whole.range.end; start += size, index++) {
    const block = `${toAddress(start)}/${length}`;
    const cidr = parseCidr(block);
    if (cidr === undefined || used.some((one) => overlaps(cidrSet(one), cidrSet(cidr)))) continue;
    blocks.push(block);
    const written = rangeOf(plan);
    if (typeof written === "string") return block;
    return { "Fn::Select": [index, { "Fn::Cidr": [written, index + 1, 32 - length] }] };
  }
  plan.impossible = true;
  return newRange;
}

function toAddress(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

/** Returns an index of the VPC's IPv6 blocks that no subnet has yet, and gives it away. */
export function freeIpv6Index({ template, indices }: Plan): number {
  const used = new Set(indices);
  for (const { type, properties } of template.resources.values()) {
    const index = type === "AWS::EC2::Subnet" ? selected(get(properties, "Ipv6CidrBlock")) : undefined;
    if (index !== undefined) used.add(index);
  }
  let index = 0;
  while (used.has(index)) index++;
  indices.add(index);
  return index;
}

function selected(node: Node | undefined): number | undefined {
  const call = intrinsic(node);
  const first = call?.name === "Fn::Select" && call.argument.kind === "list" ? call.argument.items[0] : undefined;
  return first?.kind === "scalar" && /^\d+$/.test(first.text) ? Number(first.text) : undefined;
}

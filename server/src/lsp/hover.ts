/** What the text under the pointer means for the way out of the VPC. */
import type { Hover, Position } from "vscode-languageserver";
import { type Catalogue, type Message, render } from "../message";
import type { Network } from "../network/model";
import type { SubnetEgress } from "../network/verdict";
import { intrinsic, type Node, type Span, spanOf } from "../template/syntax";
import type { Template } from "../template/template";
import type { Client } from "./client";
import { functionLines } from "./hover-function";
import { resourceLines, subnetLines, users } from "./hover-resource";
import { toRange } from "./range";
import type { Reading } from "./reading";

/** Returns the hover at a position; null where this server knows no more than any other. */
export function toHover(
  reading: Reading,
  position: Position,
  { markdown }: Pick<Client, "markdown">,
  catalogue: Catalogue,
): Hover | null {
  const { document } = reading;
  const place = placeAt(reading, document.offsetAt(position));
  if (place === undefined) return null;
  const lines = linesAt(reading, place);
  if (lines.length === 0) return null;
  const value = lines.map((line) => render(line, catalogue)).join("\n\n");
  const contents = markdown
    ? ({ kind: "markdown", value } as const)
    : ({ kind: "plaintext", value: plain(value) } as const);
  return { contents, range: toRange(place.span, document) };
}

/** What stands under the pointer: a resource or its name, or a subnet in a function's own list. */
type Place = { readonly span: Span; readonly resource: string } | (OwnSubnet & { readonly span: Span });

/** A subnet as one of a function's own. */
interface OwnSubnet {
  readonly path: SubnetEgress;
  readonly network: Network;
  readonly fn: string;
}

function placeAt(reading: Reading, offset: number): Place | undefined {
  const { template } = reading.meaning.subject;
  const spine = spineAt(template.root, offset);
  for (const { node } of spine.toReversed()) {
    const span = spanOf(node);
    const own = ownSubnet(reading, span.start);
    if (own !== undefined) return { span, ...own };
    const resource = referenceOf(template, node);
    if (resource !== undefined) return { span, resource };
  }
  const [section, entry, property, inner] = spine;
  if (section?.key?.text !== "Resources" || entry?.key === undefined) return undefined;
  const place = { span: spanOf(entry.key), resource: entry.key.text };
  if (property === undefined) return entry.onKey ? place : undefined;
  if (property.key?.text === "Type" && !property.onKey) return { ...place, span: spanOf(property.node) };
  const isConfig = inner?.key !== undefined && /^VpcConfig$/i.test(inner.key.text) && inner.onKey;
  return isConfig && inner.key !== undefined ? { ...place, span: spanOf(inner.key) } : undefined;
}

/** A node on the way from the root to an offset. */
interface Step {
  readonly key: (Node & { kind: "scalar" }) | undefined;
  /** The offset lies on the key, which ends the way. */
  readonly onKey: boolean;
  readonly node: Node;
}

function spineAt(root: Node, offset: number): readonly Step[] {
  const spine: Step[] = [];
  let node: Node | undefined = root;
  while (node !== undefined && node.kind !== "scalar") {
    const step: Step | undefined = stepInto(node, offset);
    if (step !== undefined) spine.push(step);
    node = step === undefined || step.onKey ? undefined : step.node;
  }
  return spine;
}

function stepInto(node: Node, offset: number): Step | undefined {
  if (node.kind === "list") {
    const item = node.items.find((one) => holds(one, offset));
    return item === undefined ? undefined : { key: undefined, onKey: false, node: item };
  }
  if (node.kind === "scalar") return undefined;
  for (const { key, value } of node.entries) {
    if (node.tag === undefined && holds(key, offset)) return { key, onKey: true, node: value };
    if (holds(value, offset)) return { key, onKey: false, node: value };
  }
  return undefined;
}

function holds(node: Node, offset: number): boolean {
  const { start, end, file } = spanOf(node);
  return file === undefined && offset >= start && offset <= end;
}

/** Returns the subnet that a function names at this place, in the first world that has it. */
function ownSubnet({ meaning }: Reading, start: number): OwnSubnet | undefined {
  for (const { exploration } of meaning.functions) {
    for (const { result } of exploration.leaves) {
      const path = result.fn?.subnets.find(({ reference: { at } }) => at.kind === "text" && isAt(at.node, start));
      if (path !== undefined && result.fn !== undefined) return { path, network: result.network, fn: result.fn.fn.key };
    }
  }
  return undefined;
}

function isAt(node: Node, offset: number): boolean {
  const { start, file } = spanOf(node);
  return start === offset && file === undefined;
}

/** Returns the resource that an intrinsic call names. */
function referenceOf({ resources }: Template, node: Node): string | undefined {
  const call = intrinsic(node);
  const argument = call?.argument.kind === "list" ? call.argument.items[0] : call?.argument;
  if (argument?.kind !== "scalar") return undefined;
  const id =
    call?.name === "Ref" ? argument.text : call?.name === "Fn::GetAtt" ? argument.text.split(".", 1)[0] : undefined;
  return id !== undefined && resources.has(id) ? id : undefined;
}

function linesAt(reading: Reading, place: Place): readonly Message[] {
  const { meaning } = reading;
  const told = toldAt(reading, place.span);
  if ("path" in place) {
    const { path, network, fn } = place;
    return [...subnetLines(meaning, network, path, fn, told), ...users(meaning, path.reference.ref)];
  }
  const analysis = meaning.functions.find(({ resource }) => resource?.id === place.resource);
  return analysis === undefined ? resourceLines(meaning, place.resource) : functionLines(meaning, analysis, told);
}

/** Returns the rules whose findings the editor shows at this place anyway. */
function toldAt({ findings = [] }: Reading, { start, end }: Span): ReadonlySet<string> {
  return new Set(findings.flatMap(({ rule, span }) => (span.start <= end && start <= span.end ? [rule] : [])));
}

/** Returns the text for an editor that shows no Markdown. */
function plain(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, "$1: $2")
    .replace(/\*\*|`/g, "")
    .replace(/\n\n/g, "\n");
}

/** The topologies that a template can be given for one of its functions, each tried out before it is offered. */
import { verdictOf, wholeNetwork } from "./analysis";
import { applyEdits, type Edit } from "./edit/edit";
import { leavesNoDoubt, topologyEdits, type Variant, variants } from "./edit/topology/variants";
import { type LintOptions, type LintResult, lint, type Meaning } from "./lint";
import type { FunctionVerdict } from "./network/verdict";
import { parse } from "./template/parse";
import { readTemplate } from "./template/read";
import { type Document, entry, get, isNull, type Node, spanOf } from "./template/syntax";
import type { Template } from "./template/template";

export interface Topology extends Variant {
  readonly edits: readonly Edit[];
}

/**
 * Tells whether a function lacks a way out and may be given one. Cheap enough for every move of a cursor, for it looks
 * at what is known already; whether a variant keeps its promise, `topologiesFor` finds out.
 */
export function lacksWayOut({ document, subject, functions }: Meaning, fn: string): boolean {
  const { template } = subject;
  const analysis = functions.find(({ resource }) => resource?.id === fn);
  const verdict = analysis === undefined ? undefined : verdictOf(analysis)?.verdict;
  if (document.problems.length > 0 || !isWanting(template, verdict, fn)) return false;
  return leavesNoDoubt(document, template, wholeNetwork(subject, new Map()), fn);
}

/**
 * Yields what can be offered for a function that lacks a way out: each variant whose text, linted, gives the
 * verdict that it promises and brings no error and no warning that was not there. Nothing for a function that is
 * in no VPC, or reaches the internet.
 */
export function* topologiesFor(meaning: Meaning, fn: string, options: LintOptions = {}): Iterable<Topology> {
  if (!lacksWayOut(meaning, fn)) return;
  const { document, subject } = meaning;
  const network = wholeNetwork(subject, new Map());
  const before = lint(document, options, meaning);
  for (const variant of variants) {
    const edits = topologyEdits(document, subject.template, network, fn, variant.id);
    if (edits === undefined || edits.length === 0) continue;
    const text = applyEdits(document.text, edits);
    const after = text === undefined ? undefined : parse(text);
    if (after === undefined || after.problems.length > 0) continue;
    if (keepsPromise(before, lint(after, options), fn, variant)) yield { ...variant, edits };
  }
}

/** Returns the functions that a stretch of the text is about: their resources, or the VpcConfig of Globals. */
export function functionsIn(document: Document, start: number, end: number): string[] {
  const template = readTemplate(document);
  if (template === undefined) return [];
  const meets = (from: Node, to: Node): boolean => spanOf(from).start <= end && start <= spanOf(to).end;
  const shared = entry(get(template.globals, "Function"), "VpcConfig");
  const isShared = shared !== undefined && meets(shared.key, shared.value);
  return [...template.resources.values()].flatMap(({ id, type, at, node }) => {
    if (!functionTypes.has(type)) return [];
    return meets(at, node) || (isShared && type === "AWS::Serverless::Function") ? [id] : [];
  });
}

const functionTypes = new Set(["AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::Synthetics::Canary"]);

/** An empty VpcConfig is no VPC, but whoever writes one is about to fill it. */
function isWanting(template: Template, verdict: FunctionVerdict | undefined, fn: string): boolean {
  if (verdict === undefined || verdict === "internet") return false;
  if (verdict !== "not-in-vpc") return true;
  const resource = template.resources.get(fn);
  const written = resource?.written ?? resource?.properties;
  const config = get(written, "VpcConfig") ?? get(written, "VPCConfig");
  if (config === undefined) return false;
  return isNull(config) || (config.kind === "map" && config.entries.every(({ value }) => isEmptyNode(value)));
}

function isEmptyNode(node: Node): boolean {
  return isNull(node) || (node.kind === "list" && node.items.length === 0);
}

function keepsPromise(before: LintResult, after: LintResult, fn: string, { id, promise }: Variant): boolean {
  const verdict = after.functions.find((one) => one.id === fn)?.verdict;
  const isAround = id !== "nat" && id !== "nat-per-zone" && hasIdleNat(before);
  return verdict === promise && !isAround && !hasIdleNat(after) && newFaults(before, after).length === 0;
}

/** A NAT gateway that does nothing costs money all the same, so a way around one is none to offer. */
function hasIdleNat({ findings }: LintResult): boolean {
  return findings.some(({ rule }) => rule === "nat-gateway-unused" || rule === "nat-gateway-not-public");
}

/** Returns the rules that report more errors and warnings than before. */
function newFaults(before: LintResult, after: LintResult): string[] {
  const count = ({ findings }: LintResult, rule: string): number =>
    findings.filter((one) => one.rule === rule && (one.severity === "error" || one.severity === "warning")).length;
  return [...new Set(after.findings.map(({ rule }) => rule))].filter(
    (rule) => count(after, rule) > count(before, rule),
  );
}

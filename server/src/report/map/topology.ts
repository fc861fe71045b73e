/** What a map shows of a template: the whole network in the world of a function's verdict, and the way out. */
import { verdictOf, wholeNetwork } from "../../analysis";
import { type LintOptions, type Meaning, meaningOf } from "../../lint";
import type { Network } from "../../network/model";
import type { FunctionEgress, FunctionVerdict } from "../../network/verdict";
import type { Analysis } from "../../scene";
import { wholeSpan } from "../../silence";
import type { Document, Span } from "../../template/syntax";

export interface Topology {
  readonly network: Network;
  /** Every function of the template, in its order. */
  readonly functions: readonly TopologyFunction[];
  /** The functions whose paths are drawn: the chosen one, or all. */
  readonly shown: readonly FunctionEgress[];
}

export interface TopologyFunction {
  readonly id: string;
  readonly verdict: FunctionVerdict;
  /** All of the function's text. */
  readonly span: Span;
}

export interface TopologyOptions extends LintOptions {
  /** Logical id of the function to look at; all of them where it is absent. */
  readonly chosen?: string | undefined;
}

/** A network of more things is drawn without those that have nothing to do with the chosen function. */
const roomy = 120;

/** Returns the topology of a template; undefined for what is none, and where the chosen function is not in it. */
export function topologyOf(document: Document, options: TopologyOptions = {}): Topology | undefined {
  const meaning = meaningOf(document, options);
  return meaning && topologyIn(meaning, options.chosen);
}

/** Returns the topology of a template whose meaning is known. */
export function topologyIn({ subject, functions: analyses }: Meaning, chosen?: string): Topology | undefined {
  const found = analyses.flatMap((analysis) => resultOf(analysis));
  const functions = found.map(({ fn, verdict, span }) => ({ id: fn.fn.key, verdict, span }));
  if (chosen === undefined) {
    return { network: wholeNetwork(subject, new Map()), functions, shown: found.map(({ fn }) => fn) };
  }
  const one = found.find(({ fn }) => fn.fn.key === chosen);
  if (one === undefined) return undefined;
  const whole = wholeNetwork(subject, one.assignment);
  return { network: sizeOf(whole) > roomy ? one.slice : whole, functions, shown: [one.fn] };
}

function resultOf(analysis: Analysis) {
  const usual = verdictOf(analysis);
  const fn = usual?.leaf.result.fn;
  if (usual === undefined || fn === undefined || analysis.resource === undefined) return [];
  const { assignment, result } = usual.leaf;
  const span = wholeSpan(analysis.resource);
  // Where its worlds differ, the verdict is none of theirs.
  return [{ fn: { ...fn, verdict: usual.verdict }, verdict: usual.verdict, span, assignment, slice: result.network }];
}

function sizeOf({ subnets, routeTables, natGateways, endpoints }: Network): number {
  return subnets.size + routeTables.size + natGateways.size + endpoints.size;
}

/**
 * Draws the egress map, for the editor, the command line and the report on what is deployed.
 *
 * It is a bundle of its own, loaded when somebody asks: the layout is not needed for anything else.
 */
import { type Catalogue, render } from "../../message";
import { type Destination, internet } from "../../network/egress";
import type { Network, Origin } from "../../network/model";
import type { FunctionEgress } from "../../network/verdict";
import { graphOf, readingOrder } from "./graph";
import { layOut } from "./layout";
import { toMermaid } from "./mermaid";
import { describe, type PathText, toPathText } from "./paths";
import { toSvg } from "./svg";
import { titleOf } from "./words";

export interface MapRequest {
  readonly network: Network;
  /** The functions whose ways out stand out. */
  readonly functions: readonly FunctionEgress[];
  /** Absent: the internet. Each bundle has its own object for that, so it is not handed over. */
  readonly destination?: Destination | undefined;
  readonly catalogue?: Catalogue | undefined;
  /** Nothing is cut, so that names can be replaced in the finished picture. */
  readonly uncut?: boolean;
  /** Of a page whose policy admits no other style than one with this nonce. */
  readonly nonce?: string;
}

export interface Picture {
  readonly title: string;
  readonly svg: string;
  readonly mermaid: string;
  /** Where what a node stands for comes from; nodes without such a place are left out. */
  readonly nodes: readonly { readonly id: string; readonly at: Origin }[];
  readonly paths: readonly PathText[];
}

/** Returns the picture of a network. Pure, and never throws for any network. */
export function drawMap(request: MapRequest): Picture {
  const { network, functions, destination = internet, catalogue = {}, uncut = false, nonce } = request;
  const graph = graphOf(network, functions, destination);
  const title = render(titleOf(functions, destination), catalogue);
  const page = {
    title,
    description: describe(graph.walks, catalogue),
    catalogue,
    order: readingOrder(graph),
    ...(nonce !== undefined && { nonce }),
  };
  return {
    title,
    svg: toSvg(layOut(graph, { catalogue, uncut }), page),
    mermaid: toMermaid(graph, catalogue),
    nodes: graph.nodes.flatMap(({ id, at }) => (at === undefined ? [] : [{ id, at }])),
    paths: graph.walks.map((walk) => toPathText(walk, catalogue)),
  };
}

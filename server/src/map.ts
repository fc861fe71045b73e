/**
 * The egress map, as the editor's server and the command line draw it.
 *
 * It has its own bundle, loaded when somebody asks: the layout is not needed for anything else.
 */
import { type Catalogue, type Message, message, render } from "./message";
import { type Destination, internet } from "./network/egress";
import type { Network, Origin } from "./network/model";
import type { FunctionEgress, Status } from "./network/verdict";
import { graphOf, readingOrder, type Walk } from "./report/map/graph";
import { layOut } from "./report/map/layout";
import { toMermaid } from "./report/map/mermaid";
import { toSvg } from "./report/map/svg";
import { titleOf } from "./report/map/words";

export interface MapRequest {
  readonly network: Network;
  readonly functions: readonly FunctionEgress[];
  /** Absent: the internet. Each bundle has its own object for that, so it is not handed over. */
  readonly destination?: Destination | undefined;
  readonly catalogue?: Catalogue;
  /** Of the page that the picture becomes part of. */
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

/** A path in words. */
export interface PathText {
  readonly title: string;
  readonly steps: readonly {
    readonly node: string;
    readonly status: Status;
    readonly text: string;
    readonly at: Origin | undefined;
  }[];
}

/** Returns the picture of a network with the paths of these functions. Never throws for any network. */
export function drawMap({ network, functions, destination = internet, catalogue = {}, ...page }: MapRequest): Picture {
  const graph = graphOf(network, functions, destination);
  const title = titleOf(functions, destination);
  const paths = graph.walks.map((walk) => toText(walk, catalogue));
  const description = paths
    .map(({ title, steps }) => `${title}\n${steps.map(({ text }) => `- ${text}`).join("\n")}`)
    .join("\n");
  return {
    title: render(title, catalogue),
    svg: toSvg(layOut(graph, catalogue), { title, description, catalogue, order: readingOrder(graph), ...page }),
    mermaid: toMermaid(graph, catalogue),
    nodes: graph.nodes.flatMap(({ id, at }) => (at === undefined ? [] : [{ id, at }])),
    paths,
  };
}

function toText({ fn, subnet, family, verdict, steps }: Walk, catalogue: Catalogue): PathText {
  const title =
    family === "ipv4"
      ? message("{0} from {1} over IPv4: {2}", fn, subnet, verdict)
      : message("{0} from {1} over IPv6: {2}", fn, subnet, verdict);
  return {
    title: render(title, catalogue),
    steps: steps.map(({ node, name, status, why, at }) => {
      const text = stepTexts[status](name, why);
      return { node, status, text: render(text, catalogue), at };
    }),
  };
}

const stepTexts: Readonly<Record<Status, (name: string, why: Message) => Message>> = {
  passed: (name, why) => message("{0} passed: {1}", name, why),
  failed: (name, why) => message("{0} failed: {1}", name, why),
  unknown: (name, why) => message("{0} unknown: {1}", name, why),
};

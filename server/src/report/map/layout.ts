/** Where everything stands: cards, the VPC, zones and subnets around them, and the lines between them. */
import { Graph as Drawing, layout } from "@dagrejs/dagre";
import { type Catalogue, render } from "../../message";
import { type Card, toCard } from "./card";
import type { Cluster, Graph, MapEdge } from "./graph";
import { cut } from "./measure";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cards: readonly { readonly card: Card; readonly box: Box }[];
  /** The outer ones first. */
  readonly clusters: readonly {
    readonly cluster: Cluster;
    readonly box: Box;
    readonly name: string;
    readonly full: string;
  }[];
  readonly edges: readonly { readonly edge: MapEdge; readonly points: readonly Point[] }[];
}

const margin = 20;
const titleFont = { size: 12, bold: true };

/** Returns the layout, top to bottom along the way out. Same graph and language, same layout. */
export function layOut(graph: Graph, catalogue: Catalogue): Layout {
  const drawing = new Drawing({ compound: true, multigraph: true });
  drawing.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 40, edgesep: 16, marginx: margin, marginy: margin });
  drawing.setDefaultEdgeLabel(() => ({}));
  const cards = graph.nodes.map((node) => toCard(node, catalogue));
  const used = usedClusters(graph);
  for (const { id } of used) drawing.setNode(id, {});
  for (const { id, parent } of used) if (parent !== undefined) drawing.setParent(id, parent);
  for (const { node, width, height } of cards) {
    drawing.setNode(node.id, { width, height });
    if (node.parent !== undefined) drawing.setParent(node.id, node.parent);
  }
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const edges = graph.edges.filter(({ from, to }) => from !== to && ids.has(from) && ids.has(to));
  for (const [index, { from, to, state }] of edges.entries()) {
    // What is lit is kept straight.
    drawing.setEdge(from, to, { weight: state === "dim" || state === "plain" ? 1 : 4 }, `${index}`);
  }
  layout(drawing);
  const boxOf = (id: string): Box => {
    const { x = 0, y = 0, width = 0, height = 0 } = drawing.node(id) as Partial<Point> & Partial<Box>;
    return { left: x - width / 2, top: y - height / 2, width, height };
  };
  const { width = 0, height = 0 } = drawing.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    cards: cards.map((card) => ({ card, box: boxOf(card.node.id) })),
    clusters: used.map((cluster) => {
      const box = boxOf(cluster.id);
      const full = render(cluster.name, catalogue);
      return { cluster, box, full, name: cut(full, box.width - 20, titleFont) };
    }),
    edges: edges.map((edge, index) => {
      const { points = [] } = drawing.edge(edge.from, edge.to, `${index}`) as { points?: readonly Point[] };
      return { edge, points };
    }),
  };
}

/** A cluster in which nothing stands would have no place. */
function usedClusters({ clusters, nodes }: Graph): readonly Cluster[] {
  const used = new Set<string>();
  const byId = new Map(clusters.map((cluster) => [cluster.id, cluster]));
  for (const { parent } of nodes) {
    for (let id = parent; id !== undefined; id = byId.get(id)?.parent) used.add(id);
  }
  const order = { vpc: 0, zone: 1, subnet: 2 } as const;
  return clusters.filter(({ id }) => used.has(id)).sort((left, right) => order[left.kind] - order[right.kind]);
}

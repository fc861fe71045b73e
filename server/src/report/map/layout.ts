/** Where everything stands: cards, the VPC, zones and subnets around them, and the lines between them. */
import { Graph as Drawing, layout } from "@dagrejs/dagre";
import { render } from "../../message";
import { type Card, toCard, type Wording } from "./card";
import type { Cluster, Graph, MapEdge } from "./graph";
import { type Box, course, type Point } from "./lines";
import { cut } from "./measure";
import { goal } from "./structure";

export interface Layout {
  /** Where the picture begins: below zero where a line runs around the cards. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly cards: readonly { readonly card: Card; readonly box: Box }[];
  /** The outer ones first. */
  readonly clusters: readonly {
    readonly cluster: Cluster;
    readonly box: Box;
    /** The name as far as there is room, and all of it. */
    readonly name: string;
    readonly full: string;
  }[];
  readonly edges: readonly { readonly edge: MapEdge; readonly points: readonly Point[] }[];
}

const margin = 20;
/** Room above each card, for the names of what it stands in and the heads of lines. */
const headroom = 16;
const titleFont = { size: 12, bold: true };

/** Returns the layout, top to bottom along the way out. Same graph and language, same layout. */
export function layOut(graph: Graph, wording: Wording): Layout {
  const drawing = new Drawing({ compound: true, multigraph: true });
  // The better of two ways to assign rows takes seconds on hundreds of cards.
  const ranker = graph.nodes.length > 80 ? "longest-path" : "network-simplex";
  drawing.setGraph({ ranker, rankdir: "TB", nodesep: 28, ranksep: 38, edgesep: 18, marginx: margin, marginy: margin });
  drawing.setDefaultEdgeLabel(() => ({}));
  const cards = graph.nodes.map((node) => toCard(node, wording));
  const used = usedClusters(graph);
  for (const { id } of used) drawing.setNode(id, {});
  for (const { id, parent } of used) if (parent !== undefined) drawing.setParent(id, parent);
  for (const { node, width, height } of cards) {
    drawing.setNode(node.id, { width, height: height + headroom });
    if (node.parent !== undefined) drawing.setParent(node.id, node.parent);
  }
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const edges = graph.edges.filter(({ from, to }) => from !== to && ids.has(from) && ids.has(to));
  for (const [index, { from, to, state }] of edges.entries()) {
    // What is lit is kept straight.
    drawing.setEdge(from, to, { weight: state === "dim" || state === "plain" ? 1 : 4 }, `${index}`);
  }
  // Functions stand on top and the goal at the bottom: the way out is read downwards. Without any weight
  // the layout would divide by zero.
  for (const [above, below] of invisible(graph)) drawing.setEdge(above, below, { weight: 0.01 }, "invisible");
  layout(drawing);
  const { width = 0, height = 0 } = drawing.graph() as { width?: number; height?: number };
  const plain = (id: string): Box => {
    const { x = 0, y = 0, width = 0, height = 0 } = drawing.node(id) as Partial<Point> & Partial<Box>;
    return { left: x - width / 2, top: y - height / 2, width, height };
  };
  const below = ({ top, height, ...box }: Box): Box => ({ ...box, top: top + headroom, height: height - headroom });
  // The layout does not care which zone is left; the reader does.
  const isMirrored = runsBackwards(used.filter(({ kind }) => kind === "zone").map(({ id }) => plain(id).left));
  const boxOf = (id: string): Box => {
    const box = plain(id);
    return isMirrored ? { ...box, left: width - box.left - box.width } : box;
  };
  const boxes = new Map(cards.map(({ node }) => [node.id, below(boxOf(node.id))]));
  const lines = edges.map((edge, index) => {
    const { points = [] } = drawing.edge(edge.from, edge.to, `${index}`) as { points?: readonly Point[] };
    const found = isMirrored ? points.map(({ x, y }) => ({ x: width - x, y })) : points;
    const [from, to] = [below(boxOf(edge.from)), below(boxOf(edge.to))];
    const others = [...boxes].flatMap(([id, box]) => (id === edge.from || id === edge.to ? [] : [box]));
    return { edge, points: course(from, to, found, others) };
  });
  const across = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const left = Math.floor(Math.min(0, ...across.map((x) => x - margin / 2)));
  const right = Math.ceil(Math.max(width, ...across.map((x) => x + margin / 2)));
  return {
    left,
    width: right - left,
    height: Math.ceil(height),
    cards: cards.map((card) => ({ card, box: below(boxOf(card.node.id)) })),
    clusters: used.map((cluster) => {
      const box = boxOf(cluster.id);
      const full = render(cluster.name, wording.catalogue);
      const name = wording.uncut ? full : cut(full, box.width - 24, titleFont);
      return { cluster, box, full, name };
    }),
    edges: lines,
  };
}

/** Returns the pairs of which one is to stand above the other although no line joins them. */
function invisible({ nodes, edges }: Graph): (readonly [string, string])[] {
  const inner = nodes.filter(({ id, kind }) => kind !== "function" && id !== goal).map(({ id }) => id);
  const led = edges.filter(({ from, to }) => inner.includes(from) && from !== to);
  const starts = new Set(edges.map(({ from }) => from));
  const tops = topsOf(inner, led);
  const functions = nodes.filter(({ kind }) => kind === "function");
  const isLed = led.some(({ to }) => to === goal);
  return [
    ...functions.flatMap((fn) => tops.map((id) => [fn.id, id] as const)),
    ...inner.flatMap((id) => (starts.has(id) || isLed ? [] : [[id, goal] as const])),
  ];
}

/** Returns nodes from which all others are reached: those that nothing leads to, and one of each loop apart. */
function topsOf(ids: readonly string[], edges: readonly MapEdge[]): readonly string[] {
  const ends = new Set(edges.map(({ to }) => to));
  const reached = new Set<string>();
  const visit = (id: string): void => {
    if (reached.has(id)) return;
    reached.add(id);
    for (const { from, to } of edges) if (from === id) visit(to);
  };
  const tops = ids.filter((id) => !ends.has(id));
  for (const id of tops) visit(id);
  for (const id of ids) {
    if (reached.has(id)) continue;
    tops.push(id);
    visit(id);
  }
  return tops;
}

/** Tells whether more of the numbers fall than rise, from each to every later one. */
function runsBackwards(numbers: readonly number[]): boolean {
  let balance = 0;
  for (const [index, left] of numbers.entries()) {
    for (const right of numbers.slice(index + 1)) balance += Math.sign(right - left);
  }
  return balance < 0;
}

/** A cluster in which nothing stands would have no place. */
function usedClusters({ clusters, nodes }: Graph): readonly Cluster[] {
  const used = new Set<string>();
  const byId = new Map(clusters.map((cluster) => [cluster.id, cluster]));
  for (const { parent } of nodes) {
    for (let id = parent; id !== undefined; id = byId.get(id)?.parent) used.add(id);
  }
  const order = { vpc: 0, zone: 1, subnet: 2 } as const;
  const rank = ({ kind }: Cluster): number => order[kind];
  return clusters
    .filter(({ id }) => used.has(id))
    .sort((left, right) => rank(left) - rank(right) || compare(left, right));
}

/** Zones in the order of their names, all else as it came. */
function compare(left: Cluster, right: Cluster): number {
  return left.kind === "zone" && left.id !== right.id ? (left.id < right.id ? -1 : 1) : 0;
}

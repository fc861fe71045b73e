/**
 * The network as nodes and edges of a picture, with the way out of the functions that are asked about.
 *
 * A check that is no place of its own (a security group, a network ACL, a route) is a row of the node where it
 * is made, so every hop of a path is in the graph, as a node or as a row.
 */
import type { Message } from "../../message";
import type { Destination } from "../../network/egress";
import type { Key, Network, Origin } from "../../network/model";
import type { Family, FunctionEgress, HopKind, Status } from "../../network/verdict";
import { structureOf } from "./places";
import { walk } from "./walk";

export type NodeKind = Exclude<HopKind, "security-group" | "network-acl" | "route"> | "subnet" | "internet";

/**
 * `lit`: on the path, passed. `open`: on the path, not known. `fair`: works in part or now and then. `dim`: on no
 * path. `plain`: there is no path.
 */
export type State = "lit" | "broken" | "open" | "fair" | "dim" | "plain";

export interface MapNode {
  readonly id: string;
  readonly kind: NodeKind;
  /** As the template or the account calls it. */
  readonly name: string | Message;
  /** What it is, or what is worth knowing of it. */
  detail: Message;
  state: State;
  readonly at: Origin | undefined;
  /** The cluster it stands in. */
  readonly parent: string | undefined;
  readonly rows: MapRow[];
  /** Why it is not passed, one a failed or unknown hop. */
  readonly whys: Why[];
}

export interface Why {
  readonly text: Message;
  readonly state: State;
}

/** A check made at a node, or a route of a table. */
export interface MapRow {
  readonly text: Message;
  state: State;
  readonly whys: Why[];
  readonly at: Origin | undefined;
}

export interface Cluster {
  readonly id: string;
  readonly kind: "vpc" | "zone" | "subnet";
  readonly name: Message;
  readonly parent: string | undefined;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  state: State;
  /** The route that the edge stands for, among the rows of `from`. */
  readonly row: MapRow | undefined;
}

/** A hop of a path, and where in the picture it is. */
export interface Step {
  readonly node: string;
  readonly row: MapRow | undefined;
  readonly kind: HopKind;
  readonly name: string;
  readonly status: Status;
  readonly why: Message;
  readonly at: Origin | undefined;
}

/** The hops from one subnet of one function, in their order. */
export interface Walk {
  readonly fn: Key;
  readonly subnet: string;
  /** The node of that subnet. */
  readonly from: string;
  readonly family: Family;
  readonly verdict: string;
  readonly steps: readonly Step[];
}

export interface Graph {
  readonly nodes: readonly MapNode[];
  readonly clusters: readonly Cluster[];
  readonly edges: readonly MapEdge[];
  readonly walks: readonly Walk[];
}

/** Returns the picture of a network in which the paths of these functions stand out. Pure: same input, same graph. */
export function graphOf(network: Network, functions: readonly FunctionEgress[], destination: Destination): Graph {
  const structure = structureOf(network, functions, destination);
  const walks = walk(network, structure, functions, destination);
  const { nodes, clusters, edges } = structure;
  return { nodes: [...nodes.values()], clusters: [...clusters.values()], edges, walks };
}

/** Returns the ids of the nodes on the paths, in the order in which the paths come to them. */
export function readingOrder({ walks, nodes }: Graph): readonly string[] {
  const onPath = walks.flatMap(({ fn, from, steps }) => [`function:${fn}`, from, ...steps.map(({ node }) => node)]);
  const lit = nodes.filter(({ state }) => state !== "dim" && state !== "plain").map(({ id }) => id);
  return [...new Set([...onPath, ...lit])];
}

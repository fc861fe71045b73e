/** What a picture is made of while it is being made: nodes, clusters, edges, each added once. */
import { type Message, message } from "../../message";
import { absent, type Fact, type Key, known, type Network, type Origin, type Subnet } from "../../network/model";
import { tableOf } from "../../network/routes";
import type { Cluster, MapEdge, MapNode, MapRow, NodeKind } from "./graph";
import { kindName, plainName } from "./names";

/** The id of the node that stands for what is to be reached. */
export const goal = "internet:";

export interface Structure {
  readonly network: Network;
  readonly nodes: Map<string, MapNode>;
  readonly clusters: Map<string, Cluster>;
  readonly edges: MapEdge[];
  /** The node that each place of a route's target stands for, and the route's row. */
  readonly targets: Map<unknown, { readonly node: string; readonly row: MapRow }>;
  /** Nodes by the key of what they stand for. */
  readonly byKey: Map<Key, string>;
}

export interface Draft {
  readonly kind: NodeKind;
  readonly key: Key;
  readonly name?: string | Message;
  readonly detail?: Message;
  readonly at?: Origin | undefined;
  readonly parent?: string | undefined;
}

/** Adds a node, once for each id, and returns its id. */
export function addNode({ nodes, byKey }: Structure, draft: Draft): string {
  const { kind, key, name = plainName(key), detail = kindName(kind), at, parent } = draft;
  const id = `${kind}:${key}`;
  if (!nodes.has(id)) nodes.set(id, { id, kind, name, detail, state: "plain", at, parent, rows: [], whys: [] });
  if (!byKey.has(key)) byKey.set(key, id);
  return id;
}

/** Adds an edge, once for each pair and route. */
export function addEdge({ edges }: Structure, from: string, to: string, row?: MapRow): void {
  if (edges.some((edge) => edge.from === from && edge.to === to && edge.row === row)) return;
  edges.push({ from, to, state: "plain", row });
}

/** Returns the cluster of a VPC, made where it is not there yet. */
export function vpcCluster({ network, clusters }: Structure, vpc: Fact<Key>): string | undefined {
  const key = known(vpc);
  if (key === undefined) return undefined;
  const id = `vpc:${key}`;
  const cidr = known(network.vpcs.get(key)?.cidrs[0] ?? absent);
  const name = cidr === undefined ? message("VPC {0}", plainName(key)) : message("VPC {0} · {1}", plainName(key), cidr);
  if (!clusters.has(id)) clusters.set(id, { id, kind: "vpc", name, parent: undefined });
  return id;
}

/** Returns the table that a subnet uses, as the node that stands for it. */
export function tableNode({ network }: Structure, subnet: Subnet): string | undefined {
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") return undefined;
  return `route-table:${choice.table?.key ?? `main of ${choice.kind === "main" ? choice.vpc.key : ""}`}`;
}

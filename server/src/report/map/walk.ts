/** Draws the paths of functions on the picture: which nodes, routes and edges are passed, and which fail. */
import { message } from "../../message";
import { type Destination, outcomeOf } from "../../network/egress";
import type { Network } from "../../network/model";
import type { FunctionEgress, Hop, Path, Status, SubnetEgress } from "../../network/verdict";
import type { MapNode, MapRow, State, Step, Walk } from "./graph";
import { plainName } from "./names";
import { subnetNode } from "./places";
import { addEdge, addNode, goal, type Structure, tableNode } from "./structure";
import { functionMark, goalMark, verdictState } from "./words";

/** Marks everything that is on a path, and returns the paths hop by hop. */
export function walk(
  network: Network,
  structure: Structure,
  functions: readonly FunctionEgress[],
  destination: Destination,
): readonly Walk[] {
  const walks = functions.flatMap((fn) => [
    ...fn.subnets.flatMap((subnet) => pathsOf(subnet).map((path) => walkPath(structure, network, fn, subnet, path))),
  ]);
  for (const fn of functions) markFunction(structure, fn, destination);
  const end = structure.nodes.get(goal);
  if (end !== undefined) end.detail = goalMark(functions);
  if (functions.length > 0) dimTheRest(structure);
  return walks;
}

/** A family that the function does not use at all is no path. */
function pathsOf({ ipv4, ipv6 }: SubnetEgress): readonly Path[] {
  return [ipv4, ipv6].filter(({ verdict, hops }) => hops.length > 0 && verdict !== "off");
}

/** One path while it is walked. */
interface Course {
  readonly structure: Structure;
  /** What this very path says of nodes and rows, whatever others say. */
  readonly nodes: Map<string, Status>;
  readonly rows: Map<MapRow, Status>;
  /** The node that the checks without a place of their own belong to. */
  here: string;
  /** The subnet whose table decides: the function's, then that of a NAT behind it. */
  home: string;
}

function walkPath(
  structure: Structure,
  network: Network,
  { fn }: FunctionEgress,
  { reference }: SubnetEgress,
  path: Path,
): Walk {
  const start = subnetNode(structure, reference);
  const source = `function:${fn.key}`;
  const course: Course = { structure, nodes: new Map(), rows: new Map(), here: source, home: start };
  touch(course, source, "passed");
  touch(course, start, "passed");
  const steps = path.hops.map((hop, index): Step => {
    const isFirst = path.hops.slice(0, index).every(({ kind }) => kind === "security-group");
    if (isFirst && hop.kind !== "security-group") course.here = start;
    const { node, row } = step(course, network, hop);
    return { node, row, kind: hop.kind, name: plainName(hop.id), status: hop.status, why: hop.why, at: hop.at };
  });
  const outcome = { reaches: "passed", fails: "failed", partial: "unknown", unknown: "unknown" } as const;
  light(course, outcome[outcomeOf(path.verdict)]);
  return { fn: fn.key, subnet: reference.ref, from: start, family: path.family, verdict: path.verdict, steps };
}

/** Marks the place of one hop, and returns it. */
function step(course: Course, network: Network, hop: Hop): { node: string; row: MapRow | undefined } {
  const { structure } = course;
  switch (hop.kind) {
    case "security-group":
      return gate(course, course.here, hop, message("Security group {0}", plainName(hop.id)));
    case "network-acl":
      return gate(course, course.home, hop, message("Network ACL {0}", plainName(hop.id)));
    case "route-table": {
      const own = `route-table:${hop.id}`;
      const subnet = network.subnets.get(hop.id);
      const id = structure.nodes.has(own) ? own : (subnet && tableNode(structure, subnet)) || course.here;
      return arrive(course, id, hop);
    }
    case "route": {
      const found = structure.targets.get(hop.id) ?? structure.targets.get(originOf(hop));
      if (found === undefined) return gate(course, course.here, hop, message("Route {0}", plainName(hop.id)));
      const table = structure.edges.find(({ row }) => row === found.row)?.from ?? course.here;
      mark(found.row, hop);
      course.rows.set(found.row, worse(course.rows.get(found.row), hop.status));
      touch(course, table, hop.status);
      const node = structure.nodes.get(table);
      if (node !== undefined) node.state = worseState(node.state, hop.status);
      course.here = table;
      return { node: table, row: found.row };
    }
    case "other": {
      const found = structure.targets.get(originOf(hop));
      if (found !== undefined) return arriveBy(course, found, hop);
      return gate(course, course.here, hop, message("{0}", plainName(hop.id)));
    }
    default: {
      const found = structure.targets.get(originOf(hop));
      const own = `${hop.kind}:${hop.id}`;
      if (structure.nodes.has(own)) {
        // A hop that stands for its route lights the route too.
        if (found?.node === own) return arriveBy(course, found, hop);
        return arrive(course, own, hop);
      }
      if (found !== undefined) return arriveBy(course, found, hop);
      const id = addNode(structure, { kind: hop.kind, key: hop.id, at: hop.at });
      addEdge(structure, course.here, id);
      return arrive(course, id, hop);
    }
  }
}

/** A check that is made at a node becomes one of its rows; the same check of another path is the same row. */
function gate(course: Course, id: string, hop: Hop, text: MapRow["text"]): { node: string; row: MapRow | undefined } {
  const node = course.structure.nodes.get(id);
  if (node === undefined) return { node: id, row: undefined };
  const known = node.rows.find((row) => sameText(row.text, text));
  const row = known ?? { text, state: "plain", whys: [], at: hop.at };
  if (known === undefined) node.rows.push(row);
  mark(row, hop);
  node.state = worseState(node.state, hop.status);
  touch(course, id, hop.status);
  return { node: id, row };
}

function arrive(course: Course, id: string, hop: Hop): { node: string; row: undefined } {
  const node = course.structure.nodes.get(id);
  if (node !== undefined) mark(node, hop);
  touch(course, id, hop.status);
  course.here = id;
  const home = homeOf(course.structure, id);
  if (home !== undefined) course.home = home;
  return { node: id, row: undefined };
}

function arriveBy(course: Course, { node, row }: { node: string; row: MapRow }, hop: Hop) {
  row.state = worseState(row.state, "passed");
  course.rows.set(row, worse(course.rows.get(row), "passed"));
  const table = course.structure.edges.find((edge) => edge.row === row)?.from;
  if (table !== undefined) touch(course, table, "passed");
  return arrive(course, node, hop);
}

/** Lights the edges of a path: routes that were looked at, and what follows from where things stand. */
function light({ structure, nodes, rows }: Course, outcome: Status): void {
  // What stands in a subnet sends by the subnet's table, which no hop says.
  for (const [id, status] of [...nodes]) {
    const home = status === "failed" ? undefined : homeOf(structure, id);
    if (home === undefined) continue;
    if (!nodes.has(home)) nodes.set(home, "passed");
    const table = structure.edges.find(({ from }) => from === home)?.to;
    if (table !== undefined && !nodes.has(table)) nodes.set(table, "passed");
  }
  for (const [id, status] of nodes) {
    const node = structure.nodes.get(id);
    if (node !== undefined) node.state = worseState(node.state, status);
  }
  const routed = new Set(
    structure.edges.flatMap(({ from, row }) => (row !== undefined && rows.has(row) ? [from] : [])),
  );
  for (const edge of structure.edges) {
    const { from, to, row } = edge;
    const [left, right] = [nodes.get(from), nodes.get(to)];
    const byRoute = row === undefined ? undefined : rows.get(row);
    if (to === goal) {
      if (left !== undefined && from !== goal) edge.state = worseState(edge.state, left === "passed" ? outcome : left);
    } else if (byRoute !== undefined) edge.state = worseState(edge.state, byRoute);
    else if (left !== undefined && right !== undefined && (row === undefined || !routed.has(from))) {
      edge.state = worseState(edge.state, left);
      if (row !== undefined) row.state = worseState(row.state, "passed");
    }
  }
}

/** The function says its verdict, and what keeps it from being created. */
function markFunction(structure: Structure, fn: FunctionEgress, destination: Destination): void {
  const node = structure.nodes.get(`function:${fn.fn.key}`);
  const end = structure.nodes.get(goal);
  if (node === undefined || end === undefined) return;
  const { detail, rows } = functionMark(fn, destination);
  node.detail = detail;
  node.rows.push(...rows);
  node.state = verdictState[fn.verdict];
  if (rows.some(({ state }) => state === "broken")) node.state = "broken";
  end.state = end.state === "plain" || end.state === node.state ? verdictState[fn.verdict] : "fair";
  for (const edge of structure.edges) {
    if (edge.from === node.id && edge.to === goal) edge.state = worseState(edge.state, "passed");
  }
}

function dimTheRest({ nodes, edges }: Structure): void {
  for (const node of nodes.values()) {
    if (node.state === "plain") node.state = "dim";
    for (const row of node.rows) if (row.state === "plain") row.state = "dim";
  }
  for (const edge of edges) if (edge.state === "plain") edge.state = "dim";
}

/** Returns the subnet whose table a thing's traffic takes, where it stands in a subnet. */
function homeOf({ edges, nodes }: Structure, id: string): string | undefined {
  const kind = nodes.get(id)?.kind;
  const settles = kind === "nat-gateway" || kind === "nat-instance" || kind === "endpoint" || kind === "firewall";
  return settles ? edges.find(({ from, to }) => from === id && to.startsWith("subnet:"))?.to : undefined;
}

function mark(place: MapNode | MapRow, { status, why }: Hop): void {
  place.state = worseState(place.state, status);
  if (status === "passed" || place.whys.some(({ text }) => sameText(text, why))) return;
  place.whys.push({ text: why, state: worseState("plain", status) });
}

function touch({ nodes }: Course, id: string, status: Status): void {
  nodes.set(id, worse(nodes.get(id), status));
}

function worse(left: Status | undefined, right: Status): Status {
  if (left === "failed" || right === "failed") return "failed";
  return left === "unknown" ? left : right;
}

/** A failure on any path shows; then what is not known. */
export function worseState(state: State, status: Status): State {
  if (state === "broken" || status === "failed") return "broken";
  return state === "open" || state === "fair" || status === "unknown" ? "open" : "lit";
}

function originOf({ at, id }: Hop): unknown {
  return at === undefined ? undefined : at.kind === "text" ? at.node : id;
}

function sameText(left: MapRow["text"], right: MapRow["text"]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

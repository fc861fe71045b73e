/** Route tables: which subnets use them, and where each of their routes leads. */
import { message } from "../../message";
import { type Key, known, type Network, type Route, type RouteTable, type Target } from "../../network/model";
import { tableOf } from "../../network/routes";
import type { MapRow, NodeKind } from "./graph";
import { kindName, plainName } from "./names";
import { addEdge, addNode, goal, type Structure, tableNode, vpcCluster } from "./structure";

/** Adds every table with its routes as rows, what they lead to, and the subnets that use it. */
export function addTables(structure: Structure): void {
  const { network } = structure;
  for (const table of network.routeTables.values()) addTable(structure, table);
  for (const subnet of network.subnets.values()) {
    const choice = tableOf(network, subnet);
    const id = tableNode(structure, subnet);
    if (id === undefined) continue;
    if (choice.kind === "main" && choice.table === undefined) {
      addNode(structure, {
        kind: "route-table",
        key: `main of ${choice.vpc.key}`,
        name: message("Main route table"),
        detail: message("local routes only"),
        at: choice.vpc.at,
        parent: vpcCluster(structure, subnet.vpc),
      });
    }
    addEdge(structure, `subnet:${subnet.key}`, id);
  }
  for (const { key, tables } of network.endpoints.values()) {
    for (const table of tables) {
      const id = `route-table:${known(table) ?? ""}`;
      if (structure.nodes.has(id)) addEdge(structure, id, `endpoint:${key}`);
    }
  }
}

function addTable(structure: Structure, table: RouteTable): void {
  const { nodes } = structure;
  const { key, at, routes } = table;
  const detail = table.external ? message("Route table, not in sight") : kindName("route-table");
  const id = addNode(structure, { kind: "route-table", key, at, detail, parent: vpcCluster(structure, table.vpc) });
  for (const route of routes) {
    const [target] = route.targets;
    if (target !== undefined && known(target.key) === "literal:local") continue;
    const to = known(route.destination);
    const named = target === undefined ? "?" : plainName(known(target.key) ?? "?");
    const row: MapRow = {
      text: message("{0} → {1}", to === undefined ? "?" : plainName(to), named),
      state: "plain",
      whys: [],
      at: route.at,
    };
    nodes.get(id)?.rows.push(row);
    if (target === undefined) continue;
    const node = targetNode(structure, route, target);
    addEdge(structure, id, node, row);
    for (const origin of [route.at, target.at]) {
      structure.targets.set(origin.kind === "text" ? origin.node : `${route.key} ${named}`, { node, row });
    }
    structure.targets.set(route.key, { node, row });
  }
}

/** Returns the node that a route leads to; what is not in sight gets one outside the VPC. */
function targetNode(structure: Structure, route: Route, target: Target): string {
  const key = known(target.key);
  if (key === undefined) return addNode(structure, { kind: kindOf(target), key: `?${route.key}`, name: "?" });
  const kind = kindInSight(structure.network, key) ?? kindOf(target);
  const own = kind === "firewall" ? (key.split(".", 1)[0] ?? key) : key;
  const id = addNode(structure, { kind, key: own, at: target.at });
  if (kind === "internet-gateway" || kind === "egress-only-gateway") addEdge(structure, id, goal);
  return id;
}

function kindInSight(network: Network, key: Key): NodeKind | undefined {
  if (network.natGateways.has(key)) return "nat-gateway";
  if (network.internetGateways.has(key)) return "internet-gateway";
  if (network.egressOnlyGateways.has(key)) return "egress-only-gateway";
  if (network.instances.has(key) || network.interfaces.has(key)) return "nat-instance";
  if (network.endpoints.has(key)) return "endpoint";
  if (network.firewalls.has(key.split(".", 1)[0] ?? key)) return "firewall";
  return undefined;
}

function kindOf({ kind }: Target): NodeKind {
  switch (kind) {
    case "internet-gateway":
    case "nat-gateway":
    case "egress-only-gateway":
    case "transit-gateway":
    case "peering":
    case "endpoint":
      return kind;
    case "instance":
    case "network-interface":
      return "nat-instance";
    case "gateway":
    case "vpn-gateway":
    case "local-gateway":
    case "carrier-gateway":
    case "core-network":
    case "other":
      return "other";
  }
}

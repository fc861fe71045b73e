/** What stands where and leads where, before any path is drawn on it. */
import { message } from "../../message";
import { describeDestination } from "../../network/destination";
import type { Destination } from "../../network/egress";
import {
  absent,
  type Endpoint,
  type Fact,
  type Firewall,
  type Instance,
  type Key,
  known,
  knownOr,
  type NatGateway,
  type Network,
  type NetworkInterface,
  type Subnet,
  type SubnetReference,
} from "../../network/model";
import { cardOf } from "../../network/nat-instance";
import type { FunctionEgress } from "../../network/verdict";
import type { NodeKind } from "./graph";
import { kindName, plainName, zoneName } from "./names";
import { addEdge, addNode, goal, type Structure, vpcCluster } from "./structure";
import { addTables } from "./tables";

export function structureOf(
  network: Network,
  functions: readonly FunctionEgress[],
  destination: Destination,
): Structure {
  const structure: Structure = {
    network,
    nodes: new Map(),
    clusters: new Map(),
    edges: [],
    targets: new Map(),
    byKey: new Map(),
  };
  for (const fn of functions) addFunction(structure, fn);
  const used = targetsIn(network);
  const machines = [...network.instances.values(), ...network.interfaces.values()].filter(({ key }) => used.has(key));
  const tenants = new Set(
    [
      ...[...network.natGateways.values()].map(({ subnet }) => subnet),
      ...machines.map((machine) => cardOf(network, machine).subnet),
      ...[...network.endpoints.values(), ...network.firewalls.values()].map(onlySubnet),
    ].map(known),
  );
  for (const subnet of network.subnets.values()) addSubnet(structure, subnet, tenants.has(subnet.key));
  for (const fn of functions) linkFunction(structure, fn);
  for (const nat of network.natGateways.values()) addNat(structure, nat);
  for (const machine of machines) addMachine(structure, machine);
  for (const endpoint of network.endpoints.values()) addEndpoint(structure, endpoint);
  for (const firewall of network.firewalls.values()) addFirewall(structure, firewall);
  addExits(structure, destination);
  addTables(structure);
  return structure;
}

/** Returns the node of a subnet that a function names, whether or not it is in sight. */
export function subnetNode({ network }: Structure, reference: SubnetReference): string {
  const key = known(reference.key);
  return `subnet:${key !== undefined && !reference.whole && network.subnets.has(key) ? key : reference.ref}`;
}

function addFunction(structure: Structure, { fn }: FunctionEgress): void {
  addNode(structure, { kind: "function", key: fn.key, at: fn.at });
}

function linkFunction(structure: Structure, { fn, subnets }: FunctionEgress): void {
  if (fn.vpcConfig.is === "absent") addEdge(structure, `function:${fn.key}`, goal);
  for (const { reference } of subnets) {
    const id = subnetNode(structure, reference);
    if (!structure.nodes.has(id)) {
      const detail = reference.whole ? message("Subnets, not in sight") : message("Subnet, not in sight");
      addNode(structure, { kind: "subnet", key: reference.ref, detail, at: reference.at });
    }
    addEdge(structure, `function:${fn.key}`, id);
  }
}

function addSubnet(structure: Structure, subnet: Subnet, hasTenants: boolean): void {
  const { clusters } = structure;
  const { key, at, external } = subnet;
  const vpc = vpcCluster(structure, subnet.vpc);
  const zone = known(subnet.zone);
  const zoneId = `zone:${vpc ?? ""}/${zone}`;
  if (zone !== undefined && !clusters.has(zoneId)) {
    clusters.set(zoneId, { id: zoneId, kind: "zone", name: zoneName(zone), parent: vpc });
  }
  const home = zone === undefined ? vpc : zoneId;
  const inner = `in:${key}`;
  if (hasTenants) clusters.set(inner, { id: inner, kind: "subnet", name: message("{0}", key), parent: home });
  const cidr = known(subnet.cidr);
  const detail =
    cidr === undefined
      ? external
        ? message("Subnet, not in sight")
        : kindName("subnet")
      : message("Subnet · {0}", plainName(cidr));
  addNode(structure, { kind: "subnet", key, detail, at, parent: hasTenants ? inner : home });
}

/** Returns where a thing in this subnet stands, and leads its traffic on by the subnet's table. */
function settle(structure: Structure, kind: NodeKind, key: Key, subnet: Fact<Key>): string | undefined {
  const home = known(subnet);
  if (home === undefined || !structure.nodes.has(`subnet:${home}`)) return undefined;
  addEdge(structure, `${kind}:${key}`, `subnet:${home}`);
  return structure.clusters.has(`in:${home}`) ? `in:${home}` : undefined;
}

function addNat(structure: Structure, nat: NatGateway): void {
  const { key, at, subnet, vpc } = nat;
  const isRegional = knownOr(nat.availability, "zonal") === "regional";
  const isPrivate = knownOr(nat.connectivity, "public") === "private";
  const kinds = isRegional ? message("Regional NAT gateway") : kindName("nat-gateway");
  const detail = isPrivate ? message("Private NAT gateway") : kinds;
  const parent = settle(structure, "nat-gateway", key, subnet) ?? vpcCluster(structure, vpc);
  addNode(structure, { kind: "nat-gateway", key, at, detail, parent });
  if (!isRegional) return;
  const own = structure.network.vpcs.get(known(vpc) ?? "");
  for (const { gateway } of own?.attachments ?? []) {
    const key = known(gateway);
    if (key !== undefined) addEdge(structure, `nat-gateway:${nat.key}`, `internet-gateway:${key}`);
  }
}

function addMachine(structure: Structure, machine: Instance | NetworkInterface): void {
  const { key, at } = machine;
  const parent = settle(structure, "nat-instance", key, cardOf(structure.network, machine).subnet);
  addNode(structure, { kind: "nat-instance", key, at, parent });
}

function addEndpoint(structure: Structure, endpoint: Endpoint): void {
  const { key, at, vpc } = endpoint;
  const type = knownOr(endpoint.type, "Gateway");
  const service = known(endpoint.service);
  const detail = service === undefined ? kindName("endpoint") : message("Endpoint for {0}", service);
  // Traffic goes on from an endpoint that inspects it; it ends in one of a service.
  const inspects = type === "GatewayLoadBalancer";
  const only = onlySubnet(endpoint);
  const home = known(only);
  const inside = home !== undefined && structure.clusters.has(`in:${home}`) ? `in:${home}` : undefined;
  addNode(structure, { kind: "endpoint", key, at, detail, parent: inside ?? vpcCluster(structure, vpc) });
  if (inspects) for (const subnet of endpoint.subnets) settle(structure, "endpoint", key, subnet);
}

function addFirewall(structure: Structure, firewall: Firewall): void {
  const { key, at, subnets } = firewall;
  const homes = subnets.map((subnet) => settle(structure, "firewall", key, subnet));
  const first = structure.network.subnets.get(known(subnets[0] ?? absent) ?? "");
  const parent = (subnets.length === 1 ? homes[0] : undefined) ?? vpcCluster(structure, first?.vpc ?? absent);
  addNode(structure, { kind: "firewall", key, at, parent });
}

/** Gateways stand at the edge of the VPC, the goal behind them. */
function addExits(structure: Structure, destination: Destination): void {
  const { network } = structure;
  const name = message("{0}", describeDestination(destination));
  addNode(structure, { kind: "internet", key: "", name });
  for (const { key, at } of network.internetGateways.values()) {
    const vpc = [...network.vpcs.values()].find(({ attachments }) =>
      attachments.some(({ gateway }) => known(gateway) === key),
    );
    const detail = vpc === undefined ? message("Internet gateway, not attached") : kindName("internet-gateway");
    const unsure = [...network.vpcs.values()].some(({ attachments }) =>
      attachments.some(({ gateway }) => gateway.is === "unknown"),
    );
    addNode(structure, { kind: "internet-gateway", key, at, detail: unsure ? kindName("internet-gateway") : detail });
    addEdge(structure, `internet-gateway:${key}`, goal);
  }
  for (const { key, at } of network.egressOnlyGateways.values()) {
    addNode(structure, { kind: "egress-only-gateway", key, at });
    addEdge(structure, `egress-only-gateway:${key}`, goal);
  }
}

/** Tells which subnet a thing stands in, where it stands in a single one. */
function onlySubnet({ subnets }: Endpoint | Firewall): Fact<Key> {
  return subnets.length === 1 ? (subnets[0] ?? absent) : absent;
}

/** Machines are drawn where a route makes them a way out. */
function targetsIn(network: Network): ReadonlySet<Key | undefined> {
  const targets = [...network.routeTables.values()].flatMap(({ routes }) => routes.flatMap((route) => route.targets));
  return new Set(targets.map(({ key }) => known(key)));
}

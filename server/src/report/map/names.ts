/** How things are called in the picture. */
import { type Message, message } from "../../message";
import type { Key } from "../../network/model";
import type { NodeKind } from "./graph";

/** Returns what a kind of node is called. */
export function kindName(kind: NodeKind): Message {
  return kinds[kind];
}

/** Returns a key without the mark that it was written as an id. */
export function plainName(key: Key): string {
  return key.startsWith("literal:") ? key.slice("literal:".length) : key;
}

/** Returns the name of an Availability Zone: its own, or its number in the region's list. */
export function zoneName(key: Key): Message {
  const [, index] = /^zones:.*\[(\d+)\]$/.exec(key) ?? [];
  return index === undefined ? message("{0}", plainName(key)) : message("Availability Zone {0}", Number(index) + 1);
}

const kinds: Readonly<Record<NodeKind, Message>> = {
  function: message("Lambda function"),
  subnet: message("Subnet"),
  "route-table": message("Route table"),
  "nat-gateway": message("NAT gateway"),
  "nat-instance": message("NAT instance"),
  "internet-gateway": message("Internet gateway"),
  "egress-only-gateway": message("Egress-only gateway"),
  endpoint: message("VPC endpoint"),
  firewall: message("Firewall"),
  peering: message("Peering connection"),
  "transit-gateway": message("Transit gateway"),
  other: message("Out of sight"),
  internet: message("Destination"),
};

/** A small drawing for each kind of node, in lines on a field of 24 by 24. */
import type { NodeKind } from "./graph";

/** Returns the drawing as the data of a path. */
export function iconOf(kind: NodeKind): string {
  return icons[kind];
}

const icons: Readonly<Record<NodeKind, string>> = {
  // A lambda.
  function: "M8 6h2.5l6 12H18M12.2 10.4L8 18",
  // A fenced field.
  subnet: "M6 6h12v12H6zM12 6v12M6 12h12",
  // A signpost.
  "route-table": "M12 5v14M12 6.5h5l2 2-2 2h-5M12 12H7l-2 2 2 2h5",
  // Many become one.
  "nat-gateway": "M5 7l6 5-6 5M5 12h14M16 9l3 3-3 3",
  "nat-instance": "M6 7h12v8H6zM9 18h6M12 15v3",
  // A gate.
  "internet-gateway": "M6 18V10a6 6 0 0 1 12 0v8M6 18h12M12 18v-6",
  "egress-only-gateway": "M14 6h4v12h-4M6 12h8M11 9l3 3-3 3",
  // A plug.
  endpoint: "M9 5v4M15 5v4M7 9h10v3a5 5 0 0 1-10 0zM12 17v2",
  // A wall.
  firewall: "M5 7h14v10H5zM5 12h14M10 7v5M15 12v5",
  peering: "M5 12a3 3 0 0 1 6 0 3 3 0 0 1-6 0M13 12a3 3 0 0 1 6 0 3 3 0 0 1-6 0M11 12h2",
  "transit-gateway": "M12 5v14M5 12h14M7 7l10 10M17 7L7 17",
  other: "M8 9.5a4 4 0 1 1 5.5 3.7Q12 14 12 15.5M12 18v.3",
  // A globe.
  internet: "M5 12a7 7 0 1 0 14 0 7 7 0 1 0-14 0M5 12h14M12 5q-4.5 7 0 14M12 5q4.5 7 0 14",
};

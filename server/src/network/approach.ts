/** What leads into a NAT or an endpoint, and how the checks on a path add up. */
import type { Network, Route, RouteTable, Subnet, Target } from "./model";
import type { Question, Status } from "./verdict";

/** What leads into the NAT: the function's subnet, its table, and the route that wins. */
export interface Approach {
  readonly subnet: Subnet;
  readonly table: RouteTable;
  readonly route: Route;
  readonly target: Target;
  /** Keys of the groups that the function wears. */
  readonly groups: readonly string[];
  readonly question: Question;
}

/** Tells whether two keys certainly name different VPCs: at least one must be in sight. */
export function differ(network: Network, left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined || left === right) return false;
  const inSight = (key: string): boolean => network.vpcs.get(key)?.external === false;
  return network.source === "account" || inSight(left) || inSight(right);
}

/** A failure decides, then what is unknown; only what all pass is passed. */
export function worst(...statuses: readonly Status[]): Status {
  if (statuses.includes("failed")) return "failed";
  return statuses.includes("unknown") ? "unknown" : "passed";
}

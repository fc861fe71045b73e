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

/**
 * Tells whether two keys certainly name different VPCs: at least one must be in sight. What another template has may
 * be deployed already, so that an id or a parameter may mean it.
 */
export function differ(network: Network, left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined || left === right) return false;
  const inSight = (key: string): boolean => network.vpcs.get(key)?.external === false;
  const isOwn = (key: string): boolean => {
    const at = network.vpcs.get(key)?.at;
    return inSight(key) && (at?.kind !== "text" || at.node.block.file === undefined);
  };
  return network.source === "account" || (inSight(left) && inSight(right)) || isOwn(left) || isOwn(right);
}

/** A failure decides, then what is unknown; only what all pass is passed. */
export function worst(...statuses: readonly Status[]): Status {
  if (statuses.includes("failed")) return "failed";
  return statuses.includes("unknown") ? "unknown" : "passed";
}

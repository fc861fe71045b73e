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
 * Tells whether two keys certainly name different VPCs: one must be of the template at hand, or both of one other
 * source, as what another template has may be deployed already, and what is deployed may be meant by a parameter.
 */
export function differ(network: Network, left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined || left === right) return false;
  if (network.source === "account") return true;
  // What a resource or a nested stack of the template gives back may be the template's own.
  if ([left, right].some((key) => !network.vpcs.has(key) && /^(?:output:|\w+\.)/.test(key))) return false;
  const sources = [left, right].map((key) => {
    const vpc = network.vpcs.get(key);
    if (vpc === undefined || vpc.external) return "nowhere";
    if (vpc.at.kind === "aws") return "account";
    return vpc.at.node.block.file === undefined ? "here" : "other";
  });
  const [one, other] = sources;
  return sources.includes("here") || (one === other && one !== "nowhere");
}

/** A failure decides, then what is unknown; only what all pass is passed. */
export function worst(...statuses: readonly Status[]): Status {
  if (statuses.includes("failed")) return "failed";
  return statuses.includes("unknown") ? "unknown" : "passed";
}

/**
 * What an account told about things that templates only name: plain data, kept for later and handed between programs.
 *
 * It holds no credentials: values that templates refer to (ids, names of roles), and the network around them.
 */
import type { Key, Network } from "./model";

/** What templates name and do not contain, and what an account can be asked about. */
export interface Externals {
  /** Names of SSM parameters: `/net/private-subnets`. */
  readonly parameters: readonly string[];
  /** Names of exports, in full: `net-PrivateA`. */
  readonly exports: readonly string[];
  /** Outputs of stacks: `net.PrivateA`. */
  readonly outputs: readonly string[];
  /** Ids that AWS gave, and ARNs of roles. */
  readonly ids: readonly string[];
}

export interface Resolved {
  readonly region: string;
  /** Absent where AWS did not say. */
  readonly account: string | undefined;
  readonly partition: string;
  /** When AWS was asked, in the form of ISO 8601. */
  readonly time: string;
  /** What was asked about. */
  readonly asked: Externals;
  /** Values by their keys: `import:net-PrivateA`, `output:net.PrivateA`, `ssm:/net/private-subnets`; lists with commas. */
  readonly values: ReadonlyMap<Key, string>;
  /** Its `unseen` says, of values too, why something is not known. */
  readonly network: Network;
}

export const nothingAsked: Externals = { parameters: [], exports: [], outputs: [], ids: [] };

/** Returns both, each thing once. */
export function together(left: Externals, right: Externals): Externals {
  const both = (of: keyof Externals) => [...new Set([...left[of], ...right[of]])].sort();
  return { parameters: both("parameters"), exports: both("exports"), outputs: both("outputs"), ids: both("ids") };
}

/** Tells whether there is nothing to ask about. */
export function isNothing({ parameters, exports, outputs, ids }: Externals): boolean {
  return parameters.length + exports.length + outputs.length + ids.length === 0;
}

/** Tells whether an account can be asked about a thing by this text: an id, or the ARN of a role. */
export function isIdentity(text: string): boolean {
  return /^(?:[a-z]+-(?:[0-9a-f]{17}|[0-9a-f]{8})|arn:[^:]+:iam::\d+:role\/.+)$/.test(text);
}

/** Tells whether the account was asked about a thing, whatever it answered. */
export function isAsked({ network }: Resolved, key: Key): boolean {
  return network.unseen?.has(key) === true || kinds.some((kind) => network[kind].has(key));
}

/** Returns the value of a pseudo parameter that is the same in the whole account and region. */
export function pseudo({ region, account, partition }: Pick<Resolved, "region" | "account" | "partition">) {
  return (name: string): string | undefined =>
    ({ "AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": partition })[name];
}

/** The things of a network that have keys. */
export const kinds = [
  "vpcs",
  "subnets",
  "routeTables",
  "internetGateways",
  "egressOnlyGateways",
  "natGateways",
  "instances",
  "interfaces",
  "acls",
  "groups",
  "prefixLists",
  "endpoints",
  "firewalls",
  "roles",
] as const satisfies readonly (keyof Network)[];

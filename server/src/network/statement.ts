/**
 * What one IAM statement says of one action, three-valued because a template may hide any part of it.
 *
 * Patterns come as written, with `${…}` for what only the deployment knows.
 */
import type { Fact, Statement } from "./model";

export type Truth = "yes" | "no" | "unknown";

/** One thing that a call of `action` is authorised against. */
export interface Need {
  readonly action: string;
  /** A kind of EC2 resource, or `*` for an action that knows no resources and works on `*` only. */
  readonly kind: string;
  /** Set where an Allow counts only when it covers every kind of EC2 resource. */
  readonly wholly?: boolean;
}

/** Tells whether the statement's actions and resources include the need, as an Allow must to count. */
export function covers(statement: Statement, need: Need): Truth {
  const kind = need.wholly && !statement.resourcesInverted ? "every-kind" : need.kind;
  const reach = statement.resourcesInverted ? reachesEverywhere : reaches;
  return all([names(statement, need.action), includes(statement, (pattern) => reach(pattern, kind))]);
}

/** Tells whether the statement's actions and resources include every resource of the need, as a Deny must to be certain. */
export function hits(statement: Statement, need: Need): Truth {
  return all([names(statement, need.action), includes(statement, (pattern) => reachesEverywhere(pattern, need.kind))]);
}

/** Tells whether an Allow names the action but gives it EC2 resources on which it is of no use. */
export function misses(statement: Statement, need: Need): boolean {
  const { resources, resourcesInverted } = statement;
  if (resources.is !== "known" || resourcesInverted) return false;
  if (names(statement, need.action) !== "yes" || covers(statement, need) !== "no") return false;
  return resources.value.some((pattern) => arn.exec(hide(pattern))?.[1] === "ec2");
}

export function not(truth: Truth): Truth {
  if (truth === "unknown") return truth;
  return truth === "yes" ? "no" : "yes";
}

export function any(truths: readonly Truth[]): Truth {
  if (truths.includes("yes")) return "yes";
  return truths.includes("unknown") ? "unknown" : "no";
}

export function all(truths: readonly Truth[]): Truth {
  if (truths.includes("no")) return "no";
  return truths.includes("unknown") ? "unknown" : "yes";
}

function names({ actions, actionsInverted }: Statement, action: string): Truth {
  const named = some(actions, (pattern) => {
    const hidden = hide(pattern).toLowerCase();
    if (matches(hidden, action.toLowerCase())) return "yes";
    return matches(asWildcard(hidden), action.toLowerCase()) ? "unknown" : "no";
  });
  return actionsInverted ? not(named) : named;
}

function includes({ resources, resourcesInverted }: Statement, reach: (pattern: string) => Truth): Truth {
  const included = some(resources, reach);
  return resourcesInverted ? not(included) : included;
}

/** IAM refuses a statement without actions or resources, so an absent list is one that cannot be read. */
function some(patterns: Fact<readonly string[]>, test: (pattern: string) => Truth): Truth {
  return patterns.is === "known" ? any(patterns.value.map(test)) : "unknown";
}

const arn = /^arn:[^:]*:([^:]*):([^:]*):([^:]*):(.+)$/;

/**
 * Tells whether the pattern reaches every EC2 resource of this kind, whatever region and account it names:
 * an author who writes one means the one that is deployed to.
 */
function reaches(pattern: string, kind: string): Truth {
  if (/^\*+$/.test(pattern)) return "yes";
  const hidden = hide(pattern);
  const [whole, service = "", , , resource = ""] = arn.exec(hidden) ?? [];
  // A parameter may hold `*`, and what is no full ARN is not worth a guess.
  if (whole === undefined) return "unknown";
  if (kind === "*" || !matches(asWildcard(service), "ec2")) return "no";
  if (matches(service, "ec2") && matches(resource, `${kind}/any`)) return "yes";
  return matches(asWildcard(resource.split("/")[0] ?? ""), kind) ? "unknown" : "no";
}

/** Like `reaches`, but sure only of a pattern that holds in every region and account. */
function reachesEverywhere(pattern: string, kind: string): Truth {
  const truth = reaches(pattern, kind);
  const [, , region = "*", account = "*"] = arn.exec(hide(pattern)) ?? [];
  return truth === "yes" && (region !== "*" || account !== "*") ? "unknown" : truth;
}

/** Stands for what only the deployment knows; it occurs in no template. */
const gap = "\0";

/** The pseudo parameters name the place of the deployment itself, for which `*` will do. */
function hide(pattern: string): string {
  return pattern.replace(/\$\{AWS::(?:Partition|Region|AccountId)\}/g, "*").replace(/\$\{[^}]*\}/g, gap);
}

function asWildcard(pattern: string): string {
  return pattern.replaceAll(gap, "*");
}

/** Tells whether a text matches a pattern of `*` and `?`, in time that no pattern can blow up. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      resume = index;
    } else if (pattern[at] === "?" || pattern[at] === text[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/**
 * What an execution role allows of the calls with which Lambda makes its network interfaces.
 *
 * Just enough of IAM for six actions: Lambda refuses to create a function whose role lacks one of the first
 * three ("The provided execution role does not have permissions to call CreateNetworkInterface on EC2"), while
 * the others came into AWS's own policy later and are not enforced. Conditions are not evaluated: a conditioned
 * Allow may grant, and a conditioned Deny is how AWS tells people to keep these actions from the function's
 * code (`lambda:SourceFunctionArn`), so it never denies. Service control policies are out of sight.
 */
import { once } from "../template/once";
import { managedPolicies } from "./managed-policies";
import {
  type AttachedPolicy,
  type Fact,
  type Key,
  known,
  type Origin,
  type Role,
  type RoleReference,
  type Statement,
} from "./model";
import { all, any, covers, hits, misses, type Need, not, type Truth } from "./statement";
import type { RoleEgress, RoleVerdict } from "./verdict";

/** The six actions of `AWSLambdaVPCAccessExecutionRole` v3 that touch the network, the enforced ones first. */
export const eniActions: readonly string[] = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeSubnets",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** The actions without which a function in a VPC cannot be created. */
export const requiredEniActions: readonly string[] = eniActions.slice(0, 3);

/**
 * Returns what a function's role allows of the six actions.
 *
 * A role out of sight is `unknown`, and so are an absent one and one that is given by its name: a function without
 * the ARN of a role is a deployment fault of its own, about which permissions say nothing. `by` is the statement or ARN that grants, the role's own policies
 * before those that another resource attaches. `scoped` is the statement that would grant but for its resources,
 * or the ARN that would but for its path; it is absent where the action is allowed all the same.
 */
export function roleEgress(reference: Fact<RoleReference>, roles: ReadonlyMap<Key, Role>): RoleEgress {
  const { key, byName } = known(reference) ?? {};
  const role = key === undefined || byName === true ? undefined : roles.get(key);
  const policies = role === undefined ? [] : [...role.policies].sort((one, other) => order(one) - order(other));
  const actions: RoleEgress["actions"] = new Map(
    eniActions.map((action) => [
      action,
      role === undefined ? { allowed: "unknown" } : permission(role, policies, action),
    ]),
  );
  return { verdict: verdictOf(actions), key, actions };
}

/** What a policy of AWS says of each of the six actions; `denied` by an explicit Deny. */
export interface ManagedPolicy {
  /** What follows `:iam::aws:policy/` in its ARN, in every partition. */
  readonly suffix: string;
  readonly actions: ReadonlyMap<string, Truth | "denied">;
}

/**
 * Returns the AWS managed policy with this ARN suffix, such as `service-role/AWSLambdaVPCAccessExecutionRole`;
 * undefined for one that says nothing of the six actions, or that only a service-linked role can have.
 */
export function managedPolicy(suffix: string): ManagedPolicy | undefined {
  return bySuffix.get(suffix);
}

/**
 * Returns the right suffix where only the path is wrong, as in `AWSLambdaVPCAccessExecutionRole` without its
 * `service-role/`; undefined where the suffix is right, or no such policy is known.
 */
export function misplacedManagedPolicy(suffix: string): string | undefined {
  const right = byName.get(nameOf(suffix))?.suffix;
  return right === suffix ? undefined : right;
}

/** Returns what a policy document by itself says of one of the six actions. */
export function documentSays(statements: readonly Statement[], action: string): Truth | "denied" {
  const { allowed, refused } = judge(statements.flatMap((statement) => statementVoices(statement).get(action) ?? []));
  return refused === "yes" ? "denied" : allowed;
}

/**
 * What each action is authorised against. Describe actions know no resources. CreateNetworkInterface is checked
 * against all that it puts together. DeleteNetworkInterface works for Lambda only when it is not limited to
 * network interfaces (Lambda developer guide, execution role permissions; terraform-provider-aws#20698).
 */
const needs: ReadonlyMap<string, readonly Need[]> = new Map(eniActions.map((action) => [action, needsFor(action)]));

function needsOf(action: string): readonly Need[] {
  return needs.get(action) ?? [];
}

function needsFor(action: string): readonly Need[] {
  if (action.startsWith("ec2:Describe")) return [{ action, kind: "*" }];
  if (action === "ec2:CreateNetworkInterface") {
    return ["network-interface", "subnet", "security-group"].map((kind) => ({ action, kind }));
  }
  return [{ action, kind: "network-interface", wholly: action === "ec2:DeleteNetworkInterface" }];
}

/** What one statement, or one policy whose text is not in sight, says of one action. */
interface Voice {
  readonly at: Origin;
  /** One answer for each of the action's needs. */
  readonly grants: readonly Truth[];
  readonly refuses: Truth;
  readonly scoped: boolean;
}

interface Judgement {
  readonly allowed: Truth;
  readonly refused: Truth;
  readonly by: Origin | undefined;
  readonly scoped: Origin | undefined;
}

type Permission = RoleEgress["actions"] extends ReadonlyMap<string, infer P> ? P : never;

/** The role's own policies come before those that another resource attaches. */
function order(policy: AttachedPolicy): number {
  return policy.kind === "document" && policy.by !== undefined ? 1 : 0;
}

function permission(role: Role, policies: readonly AttachedPolicy[], action: string): Permission {
  const { allowed: seen, refused, by, scoped } = judge(policies.flatMap((policy) => voices(policy, action)));
  // A policy out of sight may allow what nobody in sight does, but no policy undoes a Deny.
  const hidden = role.external || role.gaps.length > 0;
  const own = seen === "no" && refused !== "yes" && hidden ? "unknown" : seen;
  const allowed = all([own, boundaryAllows(role.boundary, action)]);
  if (allowed === "yes") return by === undefined ? { allowed } : { allowed, by };
  return scoped === undefined ? { allowed } : { allowed, scoped };
}

function boundaryAllows(boundary: Role["boundary"], action: string): Truth {
  switch (boundary.is) {
    case "absent":
      return "yes";
    case "unknown":
      return "unknown";
    case "known":
      return judge(voices(boundary.value, action)).allowed;
  }
}

/** Statements complete each other: the resources that an action needs may stand in several of them. */
function judge(voices: readonly Voice[]): Judgement {
  const granted: Truth[] = [];
  /** The voice with which all is granted that is needed. */
  let last = 0;
  for (let need = 0; need < (voices[0]?.grants.length ?? 1); need++) {
    const grants = voices.map((voice) => voice.grants[need] ?? "no");
    granted.push(any(grants));
    last = Math.max(last, grants.indexOf("yes"));
  }
  const whole = all(granted);
  const certain = whole === "no" && any(granted) !== "no" ? "unknown" : whole;
  const refused = any(voices.map(({ refuses }) => refuses));
  return {
    allowed: all([certain, not(refused)]),
    refused,
    by: certain === "yes" ? voices[last]?.at : undefined,
    scoped: voices.find(({ scoped }) => scoped)?.at,
  };
}

function voices(policy: AttachedPolicy, action: string): readonly Voice[] {
  if (policy.kind === "managed") return [managedVoice(policy, action)];
  const statements = known(policy.statements);
  if (statements === undefined) return [voice(policy.at, action, "unknown")];
  return statements.flatMap((statement) => statementVoices(statement).get(action) ?? []);
}

/** Every world and every function with the role asks for all of them. */
const statementVoices = once(
  (statement: Statement): ReadonlyMap<string, Voice> =>
    new Map(eniActions.map((action) => [action, statementVoice(statement, action)])),
);

function statementVoice(statement: Statement, action: string): Voice {
  const { at, effect, conditioned } = statement;
  const needs = needsOf(action);
  if (known(effect) === "Deny") {
    return {
      ...voice(at, action, "no"),
      refuses: conditioned ? "no" : any(needs.map((need) => hits(statement, need))),
    };
  }
  const certain = effect.is === "known" && !conditioned;
  return {
    at,
    grants: needs.map((need) => all([covers(statement, need), certain ? "yes" : "unknown"])),
    refuses: "no",
    scoped: effect.is === "known" && needs.every((need) => misses(statement, need)),
  };
}

/** Every AWS policy that says anything of the six actions is in the table, so one that is not in it grants nothing. */
function managedVoice({ at, arn, suffix }: AttachedPolicy & { kind: "managed" }, action: string): Voice {
  if (suffix === undefined || suffix.includes("${")) return voice(at, action, "unknown");
  // SAM takes a bare name for a policy on any path.
  const bare = known(arn)?.startsWith("arn:") === false;
  const says = (bare ? byName.get(nameOf(suffix)) : bySuffix.get(suffix))?.actions.get(action);
  if (says === "denied") return { ...voice(at, action, "no"), refuses: "yes" };
  const misplaced = says === undefined && byName.get(nameOf(suffix))?.actions.get(action) === "yes";
  return { ...voice(at, action, says ?? "no"), scoped: misplaced };
}

function voice(at: Origin, action: string, grants: Truth): Voice {
  return { at, grants: needsOf(action).map(() => grants), refuses: "no", scoped: false };
}

function verdictOf(actions: RoleEgress["actions"]): RoleVerdict {
  const required = all(requiredEniActions.map((action) => actions.get(action)?.allowed ?? "unknown"));
  return required === "yes" ? "granted" : required === "no" ? "missing" : "unknown";
}

const letters: Readonly<Record<string, Truth | "denied">> = { a: "yes", u: "unknown", d: "denied" };

const table: readonly ManagedPolicy[] = Object.entries(managedPolicies).flatMap(([row, suffixes]) => {
  const actions = new Map(eniActions.map((action, column) => [action, letters[row[column] ?? ""] ?? "no"]));
  return suffixes.split(" ").map((suffix) => ({ suffix, actions }));
});

const bySuffix: ReadonlyMap<string, ManagedPolicy> = new Map(table.map((policy) => [policy.suffix, policy]));

/** AWS gives no two policies the same name. */
const byName: ReadonlyMap<string, ManagedPolicy> = new Map(table.map((policy) => [nameOf(policy.suffix), policy]));

function nameOf(suffix: string): string {
  return suffix.slice(suffix.lastIndexOf("/") + 1);
}

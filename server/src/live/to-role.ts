/** Turns IAM's answers into roles of the network. */
import { type Message, message } from "../message";
import { type AttachedPolicy, absent, type Fact, type Origin, type Role, type Statement } from "../network/model";
import { type Failure, whyFailed } from "./failure";
import type { SeenPolicy, SeenRole } from "./snapshot";

/** Returns the role with what its policies say; what could not be asked leaves it open. */
export function toRole(arn: string, { role, gaps, policies, boundary }: SeenRole): Role {
  const at: Origin = { kind: "aws", id: arn };
  const limit: Role["boundary"] = !role.ok
    ? { is: "unknown", why: whyFailed(role.failure), at }
    : boundary === undefined
      ? absent
      : { is: "known", value: toPolicy(boundary), at: { kind: "aws", id: boundary.id } };
  return {
    key: arn,
    at,
    external: false,
    policies: [...policies.map(toPolicy), ...gaps.map((failure) => hidden(whyFailed(failure), at))],
    boundary: limit,
    gaps: gaps.map((failure: Failure) => whyFailed(failure)),
    generated: false,
  };
}

/** A policy of AWS that cannot be fetched is known all the same, as it was when this program was built. */
function toPolicy({ id, arn, document }: SeenPolicy): AttachedPolicy {
  const at: Origin = { kind: "aws", id };
  const suffix = /:iam::aws:policy\/(.+)$/.exec(arn ?? "")?.[1];
  if (!document.ok && arn !== undefined && suffix !== undefined) {
    return { kind: "managed", at, arn: { is: "known", value: arn, at }, suffix };
  }
  if (!document.ok) return hidden(whyFailed(document.failure), at);
  const statements = toStatements(document.value, at);
  return statements.is === "unknown" ? hidden(statements.why, at) : { kind: "document", at, statements };
}

/** A policy out of sight may allow what nobody else does, and deny what others allow. */
function hidden(why: Message, at: Origin): AttachedPolicy {
  const lost = { is: "unknown", why, at } as const;
  const statement = (effect: "Allow" | "Deny"): Statement => ({
    at,
    effect: { is: "known", value: effect, at },
    actions: lost,
    actionsInverted: false,
    resources: lost,
    resourcesInverted: false,
    conditioned: false,
  });
  return { kind: "document", at, statements: { is: "known", value: [statement("Allow"), statement("Deny")], at } };
}

/** AWS sends documents URL-encoded (RFC 3986); emulators send them as they are. */
function toStatements(text: string | undefined, at: Origin): Fact<readonly Statement[]> {
  const unreadable = { is: "unknown", why: message("the policy document cannot be read"), at } as const;
  const parsed = parse(text ?? "");
  if (typeof parsed !== "object" || parsed === null) return unreadable;
  const listed = (parsed as { readonly Statement?: unknown }).Statement;
  const items = Array.isArray(listed) ? listed : listed === undefined ? [] : [listed];
  return items.every(isObject) ? { is: "known", value: items.map((item) => toStatement(item, at)), at } : unreadable;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith("{") ? text : decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

function toStatement(item: Readonly<Record<string, unknown>>, at: Origin): Statement {
  const cannot = (what: string): Message => message("{0} cannot be read", what);
  const patterns = (name: string): Fact<readonly string[]> => {
    const value = item[name];
    if (value === undefined) return absent;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.every((one) => typeof one === "string")
      ? { is: "known", value: list, at }
      : { is: "unknown", why: cannot(name), at };
  };
  const { Effect: effect } = item;
  return {
    at,
    effect:
      effect === "Allow" || effect === "Deny"
        ? { is: "known", value: effect, at }
        : { is: "unknown", why: cannot("Effect"), at },
    actions: patterns("NotAction" in item ? "NotAction" : "Action"),
    actionsInverted: "NotAction" in item,
    resources: patterns("NotResource" in item ? "NotResource" : "Resource"),
    resourcesInverted: "NotResource" in item,
    conditioned: item.Condition !== undefined,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

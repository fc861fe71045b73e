/** Reads execution roles and the policies attached to them, however they are spelled. */
import { type Message, message } from "../message";
import { parse } from "../template/parse";
import type { Resolver } from "../template/resolve";
import type { MapNode, Node } from "../template/syntax";
import type { Resource } from "../template/template";
import { asWritten, type Value } from "../template/value";
import { type AttachedPolicy, absent, type Fact, type Statement } from "./model";
import type { Part } from "./parts";
import { inText, keyOf, textFact, whyUnknown } from "./read";

/** Returns the role with its inline and managed policies and its boundary. */
export function readRole(resource: Resource, resolver: Resolver): readonly Part[] {
  const property = (name: string): Value => resolver.property(resource, name);
  const gaps: Message[] = [];
  const policies = [
    ...managedPolicies(resolver, property("ManagedPolicyArns"), gaps),
    ...inlinePolicies(resolver, property("Policies"), gaps),
  ];
  const boundary = property("PermissionsBoundary");
  const is = {
    key: resource.id,
    at: inText(resource.at),
    external: false,
    policies,
    boundary:
      boundary.kind === "nothing"
        ? absent
        : ({ is: "known", value: managed(boundary), at: inText(boundary.at) } as const),
    gaps,
    generated: resource.generatedBy !== undefined,
  };
  return [{ part: "role", is, name: textFact(resolver, property("RoleName")) }];
}

/** Returns the policy that AWS::IAM::Policy, RolePolicy or ManagedPolicy attaches to roles by itself. */
export function readPolicyResource(resource: Resource, resolver: Resolver): readonly Part[] {
  const roles = resolver.items(resolver.property(resource, "Roles")) ?? [];
  const name = resolver.property(resource, "RoleName");
  const of = name.kind === "nothing" ? roles : [...roles, name];
  const document = resolver.property(resource, "PolicyDocument");
  const is: AttachedPolicy = {
    kind: "document",
    at: inText(resource.at),
    statements: statements(resolver, document),
    by: resource.id,
  };
  return [{ part: "policy", of, is }];
}

function managedPolicies(resolver: Resolver, value: Value, gaps: Message[]): AttachedPolicy[] {
  const items = resolver.items(value);
  if (items === undefined) {
    gaps.push(whyUnknown(value));
    return [];
  }
  return items.flatMap((item): AttachedPolicy[] => {
    if (item.kind === "map") return inlinePolicy(resolver, item.node);
    return [managed(item)];
  });
}

/** The ARN's part behind `:iam::aws:policy/` is the same in every partition; SAM also takes bare names. */
function managed(item: Value): AttachedPolicy {
  const at = inText(item.at);
  if (item.kind === "resource") {
    const key = keyOf(item);
    return { kind: "managed", at, arn: key, suffix: undefined };
  }
  const written = asWritten(item);
  const literal = item.kind === "text" || item.kind === "pattern";
  const suffix = /:iam::aws:policy\/(.+)$/.exec(written)?.[1] ?? (/^[\w+=,.@/-]+$/.test(written) ? written : undefined);
  const arn: Fact<string> =
    literal && suffix !== undefined
      ? { is: "known", value: written, at }
      : { is: "unknown", why: whyUnknown(item), at };
  return { kind: "managed", at, arn, suffix: literal ? suffix : undefined };
}

function inlinePolicies(resolver: Resolver, value: Value, gaps: Message[]): AttachedPolicy[] {
  const items = resolver.items(value);
  if (items === undefined) {
    gaps.push(whyUnknown(value));
    return [];
  }
  return items.flatMap((item) => {
    if (item.kind === "map") return inlinePolicy(resolver, item.node);
    gaps.push(whyUnknown(item));
    return [];
  });
}

function inlinePolicy(resolver: Resolver, node: MapNode): AttachedPolicy[] {
  const document = resolver.property(node, "PolicyDocument");
  const own = document.kind === "nothing" ? resolver.value(node, node) : document;
  return [{ kind: "document", at: inText(node), statements: statements(resolver, own) }];
}

function statements(resolver: Resolver, document: Value): Fact<readonly Statement[]> {
  const at = inText(document.at);
  if (document.kind === "text") return fromJson(resolver, document.text, document.at);
  if (document.kind !== "map") return { is: "unknown", why: whyUnknown(document), at };
  const list = resolver.property(document.node, "Statement");
  const items = list.kind === "map" ? [list] : resolver.items(list);
  if (items === undefined) return { is: "unknown", why: whyUnknown(list), at };
  const read = items.flatMap((item) => (item.kind === "map" ? [statement(resolver, item.node)] : []));
  const unread = items.find((item) => item.kind !== "map");
  if (unread !== undefined) {
    read.push({
      at,
      effect: { is: "unknown", why: whyUnknown(unread), at },
      actions: { is: "unknown", why: whyUnknown(unread), at },
      actionsInverted: false,
      resources: { is: "unknown", why: whyUnknown(unread), at },
      resourcesInverted: false,
      conditioned: false,
    });
  }
  return { is: "known", value: read, at };
}

/** The schema allows a policy document as a JSON string. */
function fromJson(resolver: Resolver, text: string, at: Node): Fact<readonly Statement[]> {
  const { root, problems } = parse(text);
  if (root?.kind !== "map" || problems.length > 0) {
    return { is: "unknown", why: message("the policy document cannot be read"), at: inText(at) };
  }
  const placed = place(root, at);
  return placed.kind === "map" ? statements(resolver, { kind: "map", at, node: placed }) : absent;
}

/** Nodes inside a string stand where the string stands. */
function place(node: Node, at: Node): Node {
  const where = { block: at.block, from: at.from, to: at.to };
  if (node.kind === "scalar") return { ...node, ...where };
  if (node.kind === "list") return { ...node, ...where, items: node.items.map((item) => place(item, at)) };
  const entries = node.entries.map(({ key, value }) => ({ key: { ...key, ...where }, value: place(value, at) }));
  return { ...node, ...where, entries };
}

function statement(resolver: Resolver, node: MapNode): Statement {
  const given = (name: string): boolean => resolver.property(node, name).kind !== "nothing";
  const patterns = (name: string): Fact<readonly string[]> => {
    const value = resolver.property(node, name);
    if (value.kind === "nothing") return absent;
    const items = resolver.items(value);
    if (
      items === undefined ||
      items.some((item) => item.kind === "unknown" || (item.kind === "external" && item.list))
    ) {
      return { is: "unknown", why: whyUnknown(value), at: inText(value.at) };
    }
    return { is: "known", value: items.map(asWritten), at: inText(value.at) };
  };
  const effect = textFact(resolver, resolver.property(node, "Effect"));
  return {
    at: inText(node),
    effect:
      effect.is !== "known"
        ? effect
        : effect.value === "Allow" || effect.value === "Deny"
          ? { ...effect, value: effect.value }
          : { is: "unknown", why: message("{0} cannot be read", `“${effect.value}”`), at: effect.at },
    actions: patterns(given("NotAction") ? "NotAction" : "Action"),
    actionsInverted: given("NotAction"),
    resources: patterns(given("NotResource") ? "NotResource" : "Resource"),
    resourcesInverted: given("NotResource"),
    conditioned: given("Condition"),
  };
}

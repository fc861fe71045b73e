/**
 * The edits that let a role make network interfaces where something forbids it: a Deny, a permissions boundary.
 *
 * No Deny is ever dropped. It is limited to the function's own code, the way AWS shows to keep these actions from it
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice-security), or,
 * where it names what is not denied, the actions are named there too.
 */
import { type Message, message } from "../message";
import { documentSays, eniActions, requiredEniActions, roleEgress } from "../network/iam";
import { type AttachedPolicy, absent, type Fact, known, type Role, type Statement } from "../network/model";
import { type Document, entry, get } from "../template/syntax";
import type { Template } from "../template/template";
import type { Edit } from "./edit";
import { appendItems, setKey } from "./insert";
import { appendToProperty } from "./resource";
import type { Offer } from "./subnets";
import { vpcPolicyArn } from "./vpc-policy";

/** Returns the fix after which the role may make network interfaces; none where something out of sight forbids it. */
export function offerEniPermissions(document: Document, template: Template, role: Role): Offer[] {
  const denials = [...role.policies, ...inFact(role.boundary)].flatMap(statementsOf).filter(denies);
  const open: Role = { ...role, policies: role.policies.map(narrowed), boundary: mapFact(role.boundary, narrowed) };
  const needsPolicy = !grants({ ...open, boundary: absent });
  const needsBoundary = open.boundary.is === "known" && !grants({ ...open, policies: [attached(role)] });
  const after: Role = {
    ...open,
    policies: needsPolicy ? [...open.policies, attached(role)] : open.policies,
    boundary: needsBoundary ? mapFact(open.boundary, widened) : open.boundary,
  };
  const parts = [
    ...denials.map((one) => narrow(document, one)),
    ...(needsBoundary ? [widen(document, template, role.boundary)] : []),
    ...(needsPolicy ? [attach(document, template, role)] : []),
  ];
  if (!grants(after) || parts.length === 0 || parts.some((edits) => edits.length === 0)) return [];
  const title = titleOf(role, denials, needsBoundary, needsPolicy);
  return [{ title, safe: denials.length === 0 && !needsBoundary, edits: parts.flat() }];
}

function titleOf(role: Role, denials: readonly Statement[], needsBoundary: boolean, needsPolicy: boolean): Message {
  const boundary = inFact(role.boundary).map((one) => (one.kind === "document" ? one.by : undefined))[0] ?? "?";
  if (denials.length > 0) {
    if (needsBoundary || needsPolicy) {
      return message("Let {0} make network interfaces, and deny them to the function's own code only", role.key);
    }
    return denials.every(({ actionsInverted }) => actionsInverted)
      ? message("Except network interfaces from the Deny")
      : message("Limit the Deny to the function's own code (lambda:SourceFunctionArn)");
  }
  if (!needsBoundary) return message("Attach AWSLambdaVPCAccessExecutionRole to {0}", role.key);
  return needsPolicy
    ? message("Attach AWSLambdaVPCAccessExecutionRole to {0}, and let the boundary {1} allow it", role.key, boundary)
    : message("Let the boundary {0} allow network interfaces", boundary);
}

function grants(role: Role): boolean {
  const { key, at } = role;
  return roleEgress({ is: "known", value: { key, ref: key }, at }, new Map([[key, role]])).verdict === "granted";
}

function inFact<T>(fact: Fact<T>): T[] {
  return fact.is === "known" ? [fact.value] : [];
}

function mapFact<T>(fact: Fact<T>, change: (value: T) => T): Fact<T> {
  return fact.is === "known" ? { ...fact, value: change(fact.value) } : fact;
}

function statementsOf(policy: AttachedPolicy): readonly Statement[] {
  return policy.kind === "document" ? (known(policy.statements) ?? []) : [];
}

function denies(one: Statement): boolean {
  return requiredEniActions.some((action) => documentSays([one], action) === "denied");
}

function narrowed(policy: AttachedPolicy): AttachedPolicy {
  if (policy.kind !== "document") return policy;
  const change = (one: Statement): Statement => {
    if (!denies(one)) return one;
    const actions = mapFact(one.actions, (names) => [...names, ...eniActions]);
    return one.actionsInverted ? { ...one, actions } : { ...one, conditioned: true };
  };
  return { ...policy, statements: mapFact(policy.statements, (all) => all.map(change)) };
}

function narrow(document: Document, { at, actionsInverted }: Statement): readonly Edit[] {
  const node = at.kind === "text" ? at.node : undefined;
  if (node?.kind !== "map") return [];
  if (!actionsInverted) {
    const anyFunction = { "Fn::Sub": "arn:${AWS::Partition}:lambda:*:*:function:*" };
    return setKey(document, node, "Condition", { ArnEquals: { "lambda:SourceFunctionArn": anyFunction } });
  }
  const names = get(node, "NotAction");
  if (names?.kind === "list") return appendItems(document, names, eniActions);
  return names?.kind === "scalar" ? setKey(document, node, "NotAction", [names.text, ...eniActions]) : [];
}

/** A statement that allows the actions as AWS's own policy does. */
const allowance = { Effect: "Allow", Action: eniActions, Resource: "*" };

function widened(policy: AttachedPolicy): AttachedPolicy {
  if (policy.kind !== "document") return policy;
  const { at } = policy;
  const fact = <T>(value: T) => ({ is: "known", value, at }) as const;
  const statement: Statement = {
    at,
    effect: fact("Allow"),
    actions: fact(eniActions),
    actionsInverted: false,
    resources: fact(["*"]),
    resourcesInverted: false,
    conditioned: false,
  };
  return { ...policy, statements: mapFact(policy.statements, (all) => [...all, statement]) };
}

/** A single statement without a list around it takes the actions into its own list, where it is about everything. */
function widen(document: Document, template: Template, boundary: Role["boundary"]): readonly Edit[] {
  const policy = known(boundary);
  const resource = policy?.kind === "document" ? template.resources.get(policy.by ?? "") : undefined;
  if (policy === undefined || resource === undefined) return [];
  const path = ["PolicyDocument", "Statement"];
  const edits = appendToProperty(document, resource, path, [allowance]);
  if (edits.length > 0) return edits;
  const single = get(get(resource.properties, "PolicyDocument"), "Statement");
  const [one, ...others] = statementsOf(policy);
  const isOpen = one !== undefined && others.length === 0 && known(one.effect) === "Allow" && !one.conditioned;
  if (single?.kind !== "map" || !isOpen || one.actionsInverted || one.resourcesInverted) return [];
  const actions = entry(single, "Action")?.value;
  if (known(one.resources)?.includes("*") !== true || actions === undefined) return [];
  if (actions.kind === "list") return appendItems(document, actions, eniActions);
  return actions.kind === "scalar" ? setKey(document, single, "Action", [actions.text, ...eniActions]) : [];
}

function attached({ at }: Role): AttachedPolicy {
  const suffix = "service-role/AWSLambdaVPCAccessExecutionRole";
  return { kind: "managed", at, arn: { is: "known", value: vpcPolicyArn, at }, suffix };
}

function attach(document: Document, template: Template, { key }: Role): readonly Edit[] {
  const resource = template.resources.get(key);
  if (resource === undefined || resource.generatedBy !== undefined) return [];
  return appendToProperty(document, resource, ["ManagedPolicyArns"], [{ "Fn::Sub": vpcPolicyArn }]);
}

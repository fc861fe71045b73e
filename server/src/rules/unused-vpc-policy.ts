import type { Edit } from "../edit/edit";
import { removeItem } from "../edit/remove";
import { siteOf } from "../edit/site";
import { message } from "../message";
import { type AttachedPolicy, known, type LambdaFunction, type Role } from "../network/model";
import { referencesIn, referrersOf } from "../template/dependency";
import { textOf } from "../template/read";
import { type Document, get, intrinsic, type Node, spanOf } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Fix, Rule, World } from "./rule";

export const unusedVpcPolicy: Rule = {
  id: "unused-vpc-policy",
  severity: "hint",
  group: "deploy",
  summary: "The execution role has the policy for a VPC, but the function stands in none",
  docs: `## What happens

Nothing bad: the function runs outside your VPCs and reaches the internet. Its role may make and delete
network interfaces in the whole account, which it does not need
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions)).

Perhaps the function was meant to stand in a VPC, and its \`VpcConfig\` was forgotten.

## How to fix it

Give the function a \`VpcConfig\` if it should reach what is private in a VPC. Otherwise attach
\`service-role/AWSLambdaBasicExecutionRole\` instead, which allows the function to write its logs.

## When to silence it

When something outside the template uses the role, or puts the function into a VPC.
`,
  bad: "unused-vpc-policy/no-vpc-config.yaml",
  good: "unused-vpc-policy/basic-policy.yaml",

  *check(world) {
    const { network, functions } = world;
    for (const { fn, verdict } of functions) {
      const role = network.roles.get(known(fn.role)?.key ?? "");
      if (verdict !== "not-in-vpc" || role === undefined) continue;
      for (const policy of role.policies) {
        const name = policy.at.kind === "text" ? nameOf(policy) : undefined;
        if (name === undefined || !isWritten(world, fn, role, policy)) continue;
        if (![fn.key, ...usersOf(world.template, role)].every((id) => isOutside(world.template, id))) continue;
        yield {
          at: policy.at,
          message: message(
            "{0} allows network interfaces, but no function with the role {1} stands in a VPC",
            name,
            role.key,
          ),
          fixes: () => fixes(world.document, role, policy, name),
          functions: [fn.key],
        };
      }
    }
  },
};

const vpcPolicies = ["AWSLambdaVPCAccessExecutionRole", "AWSLambdaENIManagementAccess"];

/** The name of AWS's policy for functions in a VPC, undefined for any other policy. */
function nameOf(policy: AttachedPolicy): string | undefined {
  if (policy.kind !== "managed") return undefined;
  return vpcPolicies.find((name) => policy.suffix === name || policy.suffix === `service-role/${name}`);
}

/** SAM attaches the policy to the roles that it makes by itself too, which nobody can help. */
function isWritten({ resources }: World, fn: LambdaFunction, role: Role, { at }: AttachedPolicy): boolean {
  if (!role.generated) return true;
  const policies = get(resources.get(fn.key)?.written, "Policies");
  if (policies === undefined || at.kind !== "text") return false;
  const [own, one] = [spanOf(policies), spanOf(at.node)];
  return one.start >= own.start && one.end <= own.end && one.file === own.file;
}

/**
 * Tells whether a resource is a function that no world puts into a VPC, and that needs no network interfaces
 * for its events either: brokers are read from within their VPC, in the name of the function's role.
 */
function isOutside(template: Template, id: string): boolean {
  const resource = template.resources.get(id);
  if (resource?.type !== "AWS::Lambda::Function" || get(resource.properties, "CapacityProviderConfig") !== undefined) {
    return false;
  }
  return !isConditional(get(resource.properties, "VpcConfig")) && !readsBroker(template, resource);
}

function isConditional(node: Node | undefined): boolean {
  if (node === undefined || node.kind === "scalar") return false;
  if (node.kind === "list") return node.items.some(isConditional);
  const call = intrinsic(node);
  if (call !== undefined && !(call.name === "Ref" && textOf(call.argument) === "AWS::NoValue")) return true;
  return node.entries.some(({ value }) => isConditional(value));
}

/** Event sources that Lambda reads from the event source's own VPC. */
const brokers = /^(?:MSK|SelfManagedKafka|MQ|DocumentDB)$/;

function readsBroker(template: Template, { id, properties }: Resource): boolean {
  const events = get(properties, "Events");
  if (events?.kind === "map" && events.entries.some(({ value }) => brokers.test(textOf(get(value, "Type")) ?? ""))) {
    return true;
  }
  return referrersOf(template, id).some(({ type }) => type === "AWS::Lambda::EventSourceMapping");
}

/** Everything that uses a role, except the policies that are attached to it. */
function usersOf(template: Template, { key }: Role): string[] {
  const outputs = [...template.outputs.values()].some((output) => referencesIn(output).has(key));
  const users = referrersOf(template, key).filter(({ type }) => !type.startsWith("AWS::IAM::"));
  return [...users.map(({ id }) => id), ...(outputs ? ["Outputs"] : [])];
}

/** The policy for a VPC allows logging too, so something must do that in its place. */
function fixes(document: Document, role: Role, policy: AttachedPolicy, name: string): Fix[] {
  const site = policy.at.kind === "text" ? siteOf(document, policy.at.node) : undefined;
  if (site === undefined) return [];
  const logs = role.policies.some(
    (one) => one.kind === "managed" && one.suffix?.endsWith("/AWSLambdaBasicExecutionRole"),
  );
  if (name === "AWSLambdaVPCAccessExecutionRole" && !logs) {
    const { start, end, ...where } = spanOf(site.node);
    const offset = document.text.slice(start, end).indexOf(name);
    const span = { ...where, start: start + offset, end: start + offset + name.length };
    const edits: Edit[] = offset < 0 ? [] : [{ span, text: "AWSLambdaBasicExecutionRole" }];
    return [{ title: message("Attach AWSLambdaBasicExecutionRole instead"), safe: false, edits }];
  }
  const list = site.parent?.node;
  const edits = list?.kind === "list" ? removeItem(document, list, site.node) : [];
  return [{ title: message("Remove {0}", name), safe: false, edits }];
}

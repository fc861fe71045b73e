import { removeKey } from "../edit/remove";
import { appendToProperty } from "../edit/resource";
import type { Value } from "../edit/value";
import { message } from "../message";
import { managedPolicy, misplacedManagedPolicy } from "../network/iam";
import { known, type Role } from "../network/model";
import { entry, isNull, type Node } from "../template/syntax";
import type { Fix, Rule, World } from "./rule";

export const policiesIgnoredWithRole: Rule = {
  id: "policies-ignored-with-role",
  severity: "warning",
  group: "deploy",
  summary: "SAM ignores the Policies of a function that names its Role",
  docs: `## What happens

The policies that the function lists are not attached to anything. Where they were to allow the function's
network interfaces, the stack fails to deploy with *The provided execution role does not have permissions to
call CreateNetworkInterface on EC2*; other missing permissions show only when the function runs.

For a function without \`Role\`, SAM makes a role and attaches \`Policies\` to it, and the policy for the VPC
besides. A function with \`Role\` uses that role as it is: SAM adds nothing and ignores \`Policies\` without a
word
([source](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html#sam-function-policies)).

## How to fix it

Attach the policies to the role itself. Or remove \`Role\`, so that SAM makes one with these policies. If the
role has all it needs, remove \`Policies\`.

## When to silence it

Never: \`Policies\` has no effect, so nothing is lost by removing it.
`,
  bad: "policies-ignored-with-role/role-and-policies.yaml",
  good: "policies-ignored-with-role/role-only.yaml",

  *check(world) {
    const { resources, functions } = world;
    for (const { fn } of functions) {
      const given = entry(resources.get(fn.key)?.written, "Policies");
      const role = entry(resources.get(fn.key)?.written, "Role")?.value;
      if (given === undefined || role === undefined) continue;
      const { key, value: policies } = given;
      const isEmpty = isNull(policies) || (policies.kind === "list" && policies.items.length === 0);
      // SAM makes a role for the case that an Fn::If leaves out, and that one gets the policies.
      const generated = resources.get(`${fn.key}Role`)?.generatedBy === fn.key;
      if (isEmpty || isNull(role) || generated) continue;
      yield {
        at: { kind: "text", node: key },
        message: message("SAM ignores these policies: {0} has a Role, and nothing is added to that", fn.key),
        notes: [{ at: { kind: "text", node: role }, message: message("this role is used as it is") }],
        fixes: () => fixes(world, fn.key, policies, known(fn.role)?.key),
        functions: [fn.key],
      };
    }
  },
};

function fixes({ document, template, network }: World, fn: string, policies: Node, role: string | undefined): Fix[] {
  const { written } = template.resources.get(fn) ?? {};
  if (written?.kind !== "map") return [];
  const own = role === undefined ? undefined : template.resources.get(role);
  const removal = removeKey(document, written, "Policies");
  const arns = arnsOf(policies, network.roles.get(role ?? ""));
  const attach =
    own === undefined || arns === undefined ? [] : appendToProperty(document, own, ["ManagedPolicyArns"], arns);
  const move: Fix[] =
    attach.length === 0 || own === undefined
      ? []
      : [{ title: message("Attach them to {0} instead", own.id), safe: false, edits: [...attach, ...removal] }];
  return [
    ...move,
    {
      title: message("Remove Role, so that SAM makes one with these policies"),
      safe: false,
      edits: removeKey(document, written, "Role"),
    },
    { title: message("Remove Policies, which has no effect"), safe: false, edits: removal },
  ];
}

/**
 * Returns the ARNs of AWS's policies that the role does not have yet, as a role takes no bare names;
 * undefined where something else is among the policies.
 */
function arnsOf(policies: Node, role: Role | undefined): Value[] | undefined {
  const attached = new Set(role?.policies.map((policy) => (policy.kind === "managed" ? policy.suffix : undefined)));
  const suffixes = (policies.kind === "list" ? policies.items : [policies]).map((item) => {
    if (item.kind !== "scalar") return undefined;
    const suffix = /^arn:[^:]*:iam::aws:policy\/(.+)$/.exec(item.text)?.[1] ?? item.text;
    return managedPolicy(suffix)?.suffix ?? misplacedManagedPolicy(suffix);
  });
  if (suffixes.includes(undefined)) return undefined;
  return suffixes
    .filter((suffix) => !attached.has(suffix))
    .map((suffix) => ({ "Fn::Sub": `arn:\${AWS::Partition}:iam::aws:policy/${suffix}` }));
}

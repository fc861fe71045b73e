import { addDependsOn } from "../edit/resource";
import { message } from "../message";
import { requiredEniActions } from "../network/iam";
import { known, type Role } from "../network/model";
import type { RoleEgress } from "../network/verdict";
import { waitsFor } from "../template/dependency";
import type { Rule } from "./rule";

export const rolePolicyRace: Rule = {
  id: "role-policy-race",
  severity: "warning",
  group: "deploy",
  summary: "The function may be created before its role has the permissions for a VPC",
  docs: `## What happens

Now and then the stack fails to deploy with *The provided execution role does not have permissions to call
CreateNetworkInterface on EC2*, and succeeds when tried again. On deletion, network interfaces may be left
behind that block the deletion of the VPC.

The function's role gets its permissions from a policy that is a resource of its own. The function refers to
the role, so CloudFormation makes the role first; but nothing refers to the policy, so it may come after the
function, and on deletion go before it. AWS says to add a dependency here
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html)).

## How to fix it

Name the policy in the function's \`DependsOn\`. Or move its statements into the role's own \`Policies\`, or
attach a managed policy through the role's \`ManagedPolicyArns\`: then the order is right by itself.

There is no quick fix where the policy itself waits for the function: undo that circle first.

## When to silence it

When the role and its policy are older than the function in every stack of this template.
`,
  bad: "role-policy-race/separate-policy.yaml",
  good: "role-policy-race/depends-on.yaml",

  *check(world) {
    const { network, functions, resources } = world;
    for (const { fn, role } of functions) {
      const own = network.roles.get(role?.key ?? "");
      const resource = resources.get(fn.key);
      if (role?.verdict !== "granted" || own === undefined || resource === undefined) continue;
      const late = granters(own, role).filter((id) => !waitsFor(world, fn.key, new Set([id])));
      if (late.length === 0) continue;
      const circular = late.some((id) => waitsFor(world, id, new Set([fn.key])));
      yield {
        at: fn.at,
        message: message(
          "{0} does not wait for {1}: created first, it fails to deploy, as its role may not make network interfaces yet",
          fn.key,
          late.join(", "),
        ),
        notes: late.flatMap((id) => {
          const node = resources.get(id)?.at;
          return node === undefined
            ? []
            : [{ at: { kind: "text", node } as const, message: message("the permissions come from this policy") }];
        }),
        fixes: () =>
          circular
            ? []
            : [
                {
                  title: message("Let {0} wait for {1}", fn.key, late.join(", ")),
                  safe: true,
                  edits: addDependsOn(world.document, resource, late),
                },
              ],
        functions: [fn.key],
      };
    }
  },
};

/** The policy resources without which the role would lack an enforced action. */
function granters(role: Role, { actions }: RoleEgress): string[] {
  const deciding = requiredEniActions.map((action) => actions.get(action)?.by);
  return role.policies.flatMap((policy) => {
    if (policy.kind !== "document" || policy.by === undefined) return [];
    const statements = known(policy.statements) ?? [];
    return statements.some(({ at }) => deciding.includes(at)) ? [policy.by] : [];
  });
}

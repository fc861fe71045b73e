import { offerEniPermissions } from "../edit/eni-permissions";
import { message } from "../message";
import { documentSays, requiredEniActions, roleEgress } from "../network/iam";
import { absent, known, type Role } from "../network/model";
import type { DraftNote, Rule, World } from "./rule";

export const missingEniPermissions: Rule = {
  id: "missing-eni-permissions",
  severity: "error",
  group: "deploy",
  summary: "The execution role may not create the function's network interfaces",
  docs: `## What happens

The stack fails to deploy with *The provided execution role does not have permissions to call
CreateNetworkInterface on EC2*.

To stand in a VPC, a function needs a network interface there, and Lambda creates it in the name of the
function's *execution role*. The role must allow \`ec2:CreateNetworkInterface\`,
\`ec2:DescribeNetworkInterfaces\` and \`ec2:DeleteNetworkInterface\`
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions)).

## How to fix it

Attach the managed policy \`service-role/AWSLambdaVPCAccessExecutionRole\` to the role. It holds what a
function in a VPC needs, and \`AWSLambdaBasicExecutionRole\`'s logging besides.

In SAM, a function without a \`Role\` gets this policy by itself. With a \`Role\`, SAM adds nothing, and it
ignores \`Policies\` on the function.

A *Deny* or a permissions boundary outweighs every such policy. The quick fix drops neither: it limits the Deny to the
function's own code, by the condition \`lambda:SourceFunctionArn\`, and lets the boundary allow the actions. It cannot change
a policy of AWS's own or one outside the template.

## When to silence it

When something outside the template attaches the permissions to this role before the function is
created.
`,
  bad: "missing-eni-permissions/basic-role.yaml",
  good: "missing-eni-permissions/vpc-policy.yaml",

  *check(world) {
    for (const { fn, role, subnets } of world.functions) {
      if (role?.verdict !== "missing" || subnets.length === 0 || fn.capacityProvider !== undefined) continue;
      // What is allowed on too few resources is a fault of its own, at the statement that does so.
      const lacking = requiredEniActions.filter((action) => {
        const permission = role.actions.get(action);
        return permission?.allowed === "no" && permission.scoped === undefined;
      });
      if (lacking.length === 0) continue;
      yield {
        at: fn.role.is === "known" ? fn.role.at : fn.at,
        message: message(
          "{0} cannot be deployed into its VPC: its role {1} lacks {2} (“The provided execution role does not have permissions to call {3} on EC2”)",
          fn.key,
          role.key ?? "?",
          lacking.join(", "),
          lacking[0]?.slice("ec2:".length) ?? "?",
        ),
        notes: notes(world, role.key, lacking),
        fixes: () => {
          const own = world.network.roles.get(role.key ?? "");
          return own === undefined ? [] : offerEniPermissions(world.document, world.template, own);
        },
        functions: [fn.key],
      };
    }
  },
};

/** Names what takes the permission away, or else the role that does not have it. */
function notes({ network }: World, key: string | undefined, lacking: readonly string[]): DraftNote[] {
  const role = key === undefined ? undefined : network.roles.get(key);
  if (role === undefined || role.generated) return [];
  const denials = role.policies.flatMap((policy) => {
    const statements = policy.kind === "document" ? (known(policy.statements) ?? []) : [];
    return statements.filter((one) => lacking.some((action) => documentSays([one], action) === "denied"));
  });
  if (denials.length > 0) return denials.map(({ at }) => ({ at, message: message("this statement denies it") }));
  if (role.boundary.is === "known" && grants({ ...role, boundary: absent })) {
    return [{ at: role.boundary.at, message: message("the permissions boundary of this role does not allow it") }];
  }
  return [{ at: role.at, message: message("no policy of this role allows it") }];
}

function grants(role: Role): boolean {
  const { key, at } = role;
  return roleEgress({ is: "known", value: { key, ref: key }, at }, new Map([[key, role]])).verdict === "granted";
}

import { offerVpcPolicy } from "../edit/vpc-policy";
import { message } from "../message";
import { eniActions } from "../network/iam";
import { known } from "../network/model";
import type { Rule } from "./rule";

export const eniPermissionsIncomplete: Rule = {
  id: "eni-permissions-incomplete",
  severity: "hint",
  group: "deploy",
  summary: "The execution role has fewer network permissions than AWS's own policy gives",
  docs: `## What happens

Nothing, today: the function can be deployed.

AWS's policy for functions in a VPC, \`AWSLambdaVPCAccessExecutionRole\`, has grown from three network actions
to six. Lambda refuses a role that lacks one of the first three. The later ones (\`ec2:DescribeSubnets\`,
\`ec2:AssignPrivateIpAddresses\`, \`ec2:UnassignPrivateIpAddresses\`) are in the documentation
([source](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html)),
but a role without them is accepted so far.

## How to fix it

Attach \`service-role/AWSLambdaVPCAccessExecutionRole\` to the role, which AWS keeps up to date, or add the
actions on \`Resource: "*"\`.

## When to silence it

When the role is kept small on purpose.
`,
  bad: "eni-permissions-incomplete/three-actions.yaml",
  good: "eni-permissions-incomplete/vpc-policy.yaml",

  *check(world) {
    const { network, functions } = world;
    for (const { fn, role } of functions) {
      if (role?.verdict !== "granted") continue;
      // What is allowed on too few resources is told at the statement that does so.
      const lacking = eniActions.filter((action) => {
        const permission = role.actions.get(action);
        return permission?.allowed === "no" && permission.scoped === undefined;
      });
      if (lacking.length === 0) continue;
      const own = network.roles.get(role.key ?? "");
      yield {
        at: fn.role.is === "known" ? fn.role.at : fn.at,
        message: message(
          "The role {0} of {1} lacks {2}, which AWS recommends for functions in a VPC",
          role.key ?? "?",
          fn.key,
          lacking.join(", "),
        ),
        // A boundary does not yield to one more policy.
        fixes: () =>
          own === undefined || known(own.boundary) !== undefined
            ? []
            : offerVpcPolicy(world.document, world.template, own.key, false),
        functions: [fn.key],
      };
    }
  },
};

import { appendToProperty } from "../edit/resource";
import { message } from "../message";
import { requiredEniActions } from "../network/iam";
import type { DraftNote, Fix, Rule, World } from "./rule";

// biome-ignore lint/suspicious/noTemplateCurlyInString: `Fn::Sub` fills it during deployment.
const vpcPolicy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";

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

## When to silence it

When something outside the template attaches the permissions to this role before the function is
created.
`,
  bad: "missing-eni-permissions/basic-role.yaml",
  good: "missing-eni-permissions/vpc-policy.yaml",

  *check(world) {
    for (const { fn, role, subnets } of world.functions) {
      if (role?.verdict !== "missing" || subnets.length === 0 || fn.capacityProvider !== undefined) continue;
      const lacking = requiredEniActions.filter((action) => role.actions.get(action)?.allowed === "no");
      const scoped = lacking.some((action) => role.actions.get(action)?.scoped !== undefined);
      if (scoped) continue;
      yield {
        at: fn.role.is === "known" ? fn.role.at : fn.at,
        message: message(
          "{0} cannot be deployed into its VPC: its role {1} lacks {2} (“The provided execution role does not have permissions to call CreateNetworkInterface on EC2”)",
          fn.key,
          role.key ?? "?",
          lacking.join(", "),
        ),
        notes: notes(world, role.key),
        fixes: () => fixes(world, role.key),
        functions: [fn.key],
      };
    }
  },
};

function notes(world: World, key: string | undefined): DraftNote[] {
  const role = key === undefined ? undefined : world.network.roles.get(key);
  if (role === undefined || role.generated) return [];
  return [{ at: role.at, message: message("no policy of this role allows it") }];
}

function fixes(world: World, key: string | undefined): Fix[] {
  const resource = key === undefined ? undefined : world.template.resources.get(key);
  if (resource === undefined || resource.generatedBy !== undefined) return [];
  return [
    {
      title: message("Attach AWSLambdaVPCAccessExecutionRole to {0}", resource.id),
      safe: true,
      edits: appendToProperty(world.document, resource, ["ManagedPolicyArns"], [{ "Fn::Sub": vpcPolicy }]),
    },
  ];
}

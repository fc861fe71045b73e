import type { Edit } from "../edit/edit";
import { replaceValue } from "../edit/replace";
import { siteOf } from "../edit/site";
import { offerVpcPolicy } from "../edit/vpc-policy";
import { message } from "../message";
import { eniActions, misplacedManagedPolicy, requiredEniActions } from "../network/iam";
import { type AttachedPolicy, known, type Origin, type Role, type Statement } from "../network/model";
import type { FunctionEgress, RoleEgress } from "../network/verdict";
import { spanOf } from "../template/syntax";
import type { Draft, Fix, Rule, World } from "./rule";

export const eniPermissionScope: Rule = {
  id: "eni-permission-scope",
  severity: "error",
  group: "deploy",
  summary: "A permission for network interfaces is written so that it does not count",
  docs: `## What happens

The stack fails to deploy, although the role seems to have what a function in a VPC needs.

Two ways of writing it do not count:

- A statement that allows the network-interface actions on *certain resources*. \`ec2:Describe…\` actions
  know no resources, so they are allowed on \`*\` or not at all; and Lambda needs
  \`ec2:DeleteNetworkInterface\` on more than network interfaces
  ([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions)).
- A managed policy with the wrong path. \`AWSLambdaVPCAccessExecutionRole\` lies under \`service-role/\`, and
  without it no such policy exists, so the role cannot be created
  ([source](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html)).

## How to fix it

Allow the actions on \`Resource: "*"\`, as AWS's own policy does, or attach that policy:
\`arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole\`. To keep the function's own code from
using them, AWS suggests a *Deny* on the condition \`lambda:SourceFunctionArn\`.

## When to silence it

When a policy outside the template grants the permissions, and the statement is there for something else.
`,
  bad: "eni-permission-scope/scoped-statement.yaml",
  good: "eni-permission-scope/any-resource.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const role = world.network.roles.get(fn.role?.key ?? "");
      if (fn.role === undefined || role === undefined) continue;
      for (const policy of role.policies) {
        if (policy.kind === "managed") yield* wrongPath(world, fn, fn.role, role, policy);
        else for (const one of known(policy.statements) ?? []) yield* scoped(world, fn, fn.role, role, one);
      }
    }
  },
};

/** SAM finds a policy by its bare name, so only a full ARN can have the wrong path. */
function* wrongPath(
  world: World,
  { fn }: FunctionEgress,
  egress: RoleEgress,
  role: Role,
  { at, arn, suffix }: AttachedPolicy & { kind: "managed" },
): Iterable<Draft> {
  const right = suffix === undefined ? undefined : misplacedManagedPolicy(suffix);
  if (suffix === undefined || right === undefined || known(arn)?.startsWith("arn:") !== true) return;
  yield {
    at,
    severity: isMissingBy(egress, at) ? "error" : "warning",
    message: message(
      "AWS has no policy {0}: its path is wrong, so {1} cannot be created. It should be {2}",
      suffix,
      role.key,
      right,
    ),
    fixes: () => [{ title: message("Write {0}", right), safe: true, edits: rename(world.document, at, suffix, right) }],
    functions: [fn.key],
  };
}

function* scoped(
  world: World,
  { fn }: FunctionEgress,
  egress: RoleEgress,
  role: Role,
  { at, actions, actionsInverted, resources }: Statement,
): Iterable<Draft> {
  const useless = eniActions.filter((action) => egress.actions.get(action)?.scoped === at);
  if (useless.length === 0) return;
  const isMissing = isMissingBy(egress, at);
  yield {
    at,
    severity: isMissing ? "error" : "warning",
    message: isMissing
      ? message(
          "Functions with the role {0} cannot be deployed into a VPC: Lambda needs {1} on all resources, and this statement names some only",
          role.key,
          useless.join(", "),
        )
      : message(
          "This statement of {0} does not allow {1}, which is of use on all resources only",
          role.key,
          useless.join(", "),
        ),
    fixes: () => {
      // Other actions of the statement may be limited for good reason.
      const only = !actionsInverted && known(actions)?.every((action) => isEni(action)) === true;
      const value = resources.is === "known" && resources.at.kind === "text" ? resources.at.node : undefined;
      const widened: Fix[] =
        only && value !== undefined
          ? [
              {
                title: message("Allow it on all resources"),
                safe: false,
                edits: replaceValue(world.document, value, "*"),
              },
            ]
          : [];
      return [...widened, ...offerVpcPolicy(world.document, world.template, role.key, false)];
    },
    functions: [fn.key],
  };
}

function isMissingBy({ verdict, actions }: RoleEgress, at: Origin): boolean {
  return (
    verdict === "missing" &&
    requiredEniActions.some((action) => actions.get(action)?.allowed === "no" && actions.get(action)?.scoped === at)
  );
}

function isEni(action: string): boolean {
  return /^ec2:\w*(?:NetworkInterfaces?|PrivateIpAddresses|DescribeSubnets)\w*$/i.test(action);
}

/** Puts the right path where the wrong one is written, however the ARN is put together. */
function rename(document: World["document"], at: Origin, wrong: string, right: string): Edit[] {
  const site = at.kind === "text" ? siteOf(document, at.node) : undefined;
  if (site === undefined) return [];
  const { start, end, ...where } = spanOf(site.node);
  const offset = document.text.slice(start, end).indexOf(wrong);
  if (offset < 0) return [];
  return [{ span: { ...where, start: start + offset, end: start + offset + wrong.length }, text: right }];
}

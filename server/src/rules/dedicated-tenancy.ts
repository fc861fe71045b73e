import { replaceValue } from "../edit/replace";
import { message } from "../message";
import type { Rule } from "./rule";

export const dedicatedTenancy: Rule = {
  id: "dedicated-tenancy",
  severity: "error",
  group: "deploy",
  summary: "Lambda cannot connect to a VPC of dedicated tenancy",
  docs: `## What happens

The stack fails to deploy: Lambda refuses the function's \`VpcConfig\`.

A VPC with \`InstanceTenancy: dedicated\` runs everything in it on hardware reserved for one customer. Lambda
cannot do that: ["Lambda functions can't connect directly to a VPC with dedicated instance
tenancy"](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).

## How to fix it

Leave \`InstanceTenancy\` out, or set it to \`default\`, and ask for dedicated hardware on the single EC2
instances that need it (\`Tenancy: dedicated\`). Or give the function a VPC of default tenancy, joined with
this one by a [peering connection](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).

## When to silence it

Never: the deployment fails.
`,
  bad: "dedicated-tenancy/dedicated.yaml",
  good: "dedicated-tenancy/default.yaml",

  *check(world) {
    for (const { fn, deployFaults } of world.functions) {
      for (const fault of deployFaults) {
        if (fault.code !== "deploy" || fault.reason !== "dedicated-tenancy") continue;
        const { at } = fault;
        const vpc = [...world.network.vpcs.values()].find(({ tenancy }) => tenancy.is === "known" && tenancy.at === at);
        yield {
          at,
          message: message(
            "{0} has dedicated tenancy, and Lambda cannot connect functions to such a VPC: their deployment fails",
            vpc?.key ?? "?",
          ),
          notes: [{ at: fn.at, message: message("{0} is to be connected to it", fn.key) }],
          fixes: () =>
            at.kind === "text"
              ? [
                  {
                    title: message("Set the tenancy of {0} to default", vpc?.key ?? "?"),
                    safe: false,
                    edits: replaceValue(world.document, at.node, "default"),
                  },
                ]
              : [],
          functions: [fn.key],
        };
      }
    }
  },
};

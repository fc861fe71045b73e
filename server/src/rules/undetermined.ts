import { message } from "../message";
import type { Rule } from "./rule";

export const undetermined: Rule = {
  id: "undetermined",
  severity: "information",
  group: "reach",
  offByDefault: true,
  summary: "Whether the function reaches the internet cannot be told from the template",
  docs: `## What happens

Nothing is wrong as far as the template shows, but it does not show enough: a subnet, a route table or a
gateway on the function's way comes from outside, such as a parameter, an import from another stack or a
value in the Parameter Store. The message names it.

This rule is off unless you turn it on, because most templates take their network from elsewhere.

## How to fix it

Give the value where the message names a parameter that decides it: on the command line with
\`--param NAME=VALUE\`, or with a default in the template. The subnets behind an id in your account are not in
any template; for those, check the deployed function.

There is no quick fix: what decides is not in the template.

## When to silence it

Leave the rule off where templates get their network from other stacks. Turn it on where every template is
meant to be complete:

\`\`\`yaml
rules:
  undetermined: information
\`\`\`
`,
  bad: "undetermined/subnets-from-parameter.yaml",
  good: "undetermined/subnets-in-template.yaml",

  *check(world) {
    for (const { fn, subnets } of world.functions) {
      if (fn.vpcConfig.is === "unknown") {
        yield {
          at: fn.vpcConfig.at ?? fn.at,
          message: message("whether {0} reaches the internet cannot be told: {1}", fn.key, fn.vpcConfig.why),
          functions: [fn.key],
        };
      }
      for (const { reference, ipv4 } of subnets) {
        const [why, ...others] = ipv4.unknowns;
        if (ipv4.verdict !== "unknown" || why === undefined) continue;
        yield {
          at: reference.at,
          message: message("whether {0} reaches the internet from {1} cannot be told: {2}", fn.key, reference.ref, why),
          notes: others.map((other) => ({ at: reference.at, message: other })),
          functions: [fn.key],
        };
      }
    }
  },
};

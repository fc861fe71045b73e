import type { WorkspaceRule } from "./rule";

export const importerLosesInternet: WorkspaceRule = {
  id: "importer-loses-internet",
  severity: "information",
  group: "reach",
  summary: "An edit of this template takes the internet from a function of another one",
  docs: `## What happens

A function of another template has its subnets, its security groups or something else on its way out from this one: by
\`Fn::ImportValue\`, or through a nested stack. It reached the internet with this template as it was when it was opened,
and with this template as it is now it does not, or not from all of its subnets.

CloudFormation deploys such an edit without a word: the names that the other stack imports stay the same, and nobody
changes that stack. Its functions time out from then on. The editor looks at all templates of the open folders, whether
they are open or not. It speaks only where the function certainly got through before, where the new fault is proved, and
where it lies in this template. Above each resource that functions of other templates stand on, a line says how many
there are and how many of them reach the internet.

## How to fix it

Undo the edit, or give the functions that are named another way out first: subnets of another network, or a route
through another NAT gateway.

## When to silence it

Where the functions are meant to lose the internet, say so at each of them (\`Metadata: LambdaEgress: { Expect: none }\`).
Where others look after them, turn the rule off for the folder of the network.
`,
  bad: "Worker in app.yaml loses the internet: PrivateA has no default route",
  good: "Used by 3 functions in 2 templates: 3 with internet",
};

import { danglingName } from "../edit/dangling";
import { replaceValue } from "../edit/replace";
import { isNear } from "../edit/spelling";
import type { Value } from "../edit/value";
import { message } from "../message";
import { type Fact, known, type Origin } from "../network/model";
import type { Draft, Fix, Rule, World } from "./rule";

export const undefinedReference: Rule = {
  id: "undefined-reference",
  // A file may be one part of a template that a tool joins from several, so it is said and not held against it.
  severity: "information",
  group: "deploy",
  summary: "A subnet, security group or role of the function is only a name: nothing in the template has it",
  docs: `## What happens

The stack fails to deploy with *Unresolved resource dependencies […] in the Resources block of the template*. Before
that, nobody can tell whether the function reaches the internet: its network is not there.

This is what a function copied from somewhere else looks like: it came along, and the subnets, the security group or the
role that it refers to did not. \`!Ref\` and \`!GetAtt\` can only name what the same template has
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ref.html)).

## How to fix it

In the editor, take *Create the NAT topology for …* at the function: it writes what is missing under these very names.
A name that is nearly right has a quick fix of its own, and what is missing for good has none. Where the subnets exist
elsewhere, make them parameters of the template:

\`\`\`yaml
Parameters:
  PrivateSubnetA:
    Type: AWS::EC2::Subnet::Id
\`\`\`

## When to silence it

Where something adds these resources before the template is deployed, such as a tool that joins several files.
`,
  bad: "undefined-reference/pasted.yaml",
  good: "undefined-reference/complete.yaml",

  *check(world: World) {
    const { resources, network, functions } = world;
    // What a macro may add later is not missing.
    if (network.gaps.length > 0) return;
    for (const { fn } of functions) {
      const config = known(fn.vpcConfig);
      if (config === undefined) continue;
      yield* drafts(world, fn.key, known<readonly Named[]>(config.subnets) ?? [], "subnets");
      yield* drafts(world, fn.key, known<readonly Named[]>(config.groups) ?? [], "groups");
      const role = known(fn.role)?.key.match(/^output:(\w+)\.Arn$/)?.[1];
      if (role === undefined || fn.role.is !== "known" || resources.has(role)) continue;
      yield draft(world, fn.key, role, fn.role.at, "roles");
    }
  },
};

interface Named {
  readonly key: Fact<string>;
  readonly at: Origin;
}

type Kind = "subnets" | "groups" | "roles";

function drafts(world: World, fn: string, named: readonly Named[], kind: Kind): Draft[] {
  return named.flatMap(({ key, at }) => {
    const name = danglingName(world, known(key));
    return name === undefined ? [] : [draft(world, fn, name, at, kind)];
  });
}

function draft(world: World, fn: string, name: string, at: Origin, kind: Kind): Draft {
  return {
    at,
    message: message("{0} cannot be deployed: nothing in this template is named {1}", fn, name),
    fixes: () => fixes(world, name, at, kind),
    functions: [fn],
  };
}

/** A name that is all but right was meant for what has the right one. */
function fixes({ document, whole }: World, name: string, at: Origin, kind: Kind): Fix[] {
  if (at.kind !== "text") return [];
  const things = [...whole()[kind].values()].filter((one) => !one.external && !("isDefault" in one && one.isDefault));
  const near = things.filter(({ key }) => isNear(key, name));
  return near.map(({ key }) => {
    const value: Value = kind === "roles" ? { "Fn::GetAtt": [key, "Arn"] } : { Ref: key };
    return { title: message("Refer to {0}", key), safe: false, edits: replaceValue(document, at.node, value) };
  });
}

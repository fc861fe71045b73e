import { setKey } from "../edit/insert";
import { removeKey } from "../edit/remove";
import { setProperty } from "../edit/resource";
import { namedOrigin } from "../edit/site";
import { message } from "../message";
import { subnetsWithEgress } from "../network/alternatives";
import { type Fact, known, type Network, type VpcConfig } from "../network/model";
import type { FunctionEgress } from "../network/verdict";
import { type Node, spanOf } from "../template/syntax";
import type { Fix, Rule, World } from "./rule";

export const incompleteVpcConfig: Rule = {
  id: "incomplete-vpc-config",
  severity: "error",
  group: "deploy",
  summary: "VpcConfig has subnets without security groups, or groups without subnets",
  docs: `## What happens

The stack fails to deploy with *SubnetIds and SecurityIds must coexist or be both empty list*.

To stand in a VPC, a function needs to know both where (its subnets) and what it may talk to (its *security
groups*, the firewall rules of its network interfaces). CloudFormation accepts a \`VpcConfig\` with only one
of the two; Lambda does not
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)).

## How to fix it

Add the missing list. Or remove \`VpcConfig\`: a function without it reaches the internet, but nothing that
is private in the VPC.

There is no quick fix where \`Globals\` hold the half and the template has nothing to complete it with.

## When to silence it

Never: such a function cannot be created.
`,
  bad: "incomplete-vpc-config/no-groups.yaml",
  good: "incomplete-vpc-config/both-lists.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const config = known(fn.fn.vpcConfig);
      const isHalf = fn.deployFaults.some((fault) => fault.code === "deploy" && fault.reason === "half-vpc-config");
      if (!isHalf || config === undefined || config.at.kind !== "text") continue;
      const { node } = config.at;
      const missing = isEmpty(config.subnets) ? "SubnetIds" : "SecurityGroupIds";
      yield {
        at: namedOrigin(world.document, config.at),
        message: message(
          "{0} cannot be deployed: its VpcConfig has no {1} (“SubnetIds and SecurityIds must coexist or be both empty list”)",
          fn.fn.key,
          missing,
        ),
        fixes: () => fixes(world, fn, config, node, missing),
        functions: [fn.fn.key],
      };
    }
  },
};

function isEmpty(list: Fact<readonly unknown[]>): boolean {
  return list.is === "absent" || (list.is === "known" && list.value.length === 0);
}

/** What Globals say is meant for other functions too, so the function gets what is missing in a VpcConfig of its own. */
function fixes(world: World, fn: FunctionEgress, config: VpcConfig, node: Node, missing: string): Fix[] {
  const { document, template } = world;
  const resource = template.resources.get(fn.fn.key);
  const own = resource === undefined ? undefined : spanOf(resource.node);
  const at = spanOf(node);
  if (resource === undefined || own === undefined || node.kind !== "map") return [];
  const whole = world.whole();
  const choices = missing === "SubnetIds" ? subnetsFor(whole, config) : groupsFor(whole, fn);
  if (at.start < own.start || at.end > own.end) {
    return choices.map((names) => ({
      title: message("Add {0} as its {1}", names.join(", "), missing),
      safe: false,
      edits: setProperty(
        document,
        resource,
        ["VpcConfig", missing],
        names.map((name) => ({ Ref: name })),
      ),
    }));
  }
  const additions = choices.map((names) => ({
    title: message("Add {0} as its {1}", names.join(", "), missing),
    safe: false,
    edits: setKey(
      document,
      node,
      missing,
      names.map((name) => ({ Ref: name })),
    ),
  }));
  const written = resource.written ?? resource.properties;
  const removal = written?.kind === "map" ? removeKey(document, written, fn.fn.canary ? "VPCConfig" : "VpcConfig") : [];
  return [...additions, { title: message("Take {0} out of the VPC", fn.fn.key), safe: false, edits: removal }];
}

/** Each security group of the template that lies in the function's VPC, at most three. */
function groupsFor(whole: Network, fn: FunctionEgress): string[][] {
  const vpcs = new Set(fn.subnets.map(({ subnet }) => (subnet === undefined ? undefined : known(subnet.vpc))));
  const [vpc] = vpcs;
  if (vpcs.size !== 1 || vpc === undefined) return [];
  const groups = [...whole.groups.values()].filter((group) => {
    return !group.external && !group.isDefault && known(group.vpc) === vpc;
  });
  return groups.slice(0, 3).map(({ key }) => [key]);
}

/** All subnets with a way to the internet in the VPC of the function's security groups. */
function subnetsFor(whole: Network, config: VpcConfig): string[][] {
  const groups = (known(config.groups) ?? []).map(({ key }) => whole.groups.get(known(key) ?? ""));
  const vpc = groups
    .map((group) => (group === undefined ? undefined : known(group.vpc)))
    .find((key) => key !== undefined);
  const subnets = vpc === undefined ? [] : subnetsWithEgress(whole, vpc).map(({ reference }) => reference.ref);
  return subnets.length === 0 ? [] : [subnets];
}

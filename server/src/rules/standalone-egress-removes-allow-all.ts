import { offerAllowAll, offerEgress } from "../edit/egress-rule";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import type { Origin, SecurityGroup } from "../network/model";
import type { FunctionEgress } from "../network/verdict";
import type { DraftNote, Rule } from "./rule";

export const standaloneEgressRemovesAllowAll: Rule = {
  id: "standalone-egress-removes-allow-all",
  severity: "warning",
  group: "reach",
  summary: "A standalone egress rule removes the rule that lets everything out",
  docs: `## What happens

Calls to the internet time out since an \`AWS::EC2::SecurityGroupEgress\` was added, though it only *allows*
something.

A security group that names no egress has one rule from EC2: everything may leave. When CloudFormation
creates the first \`AWS::EC2::SecurityGroupEgress\` for such a group, it takes that rule away, and from then
on only what the egress resources name gets out. No reference page says so, but it was observed again and
again, also for groups made elsewhere and for a VPC's default group
([cfn-language-discussion#157](https://github.com/aws-cloudformation/cfn-language-discussion/issues/157),
[aws-cdk#3355](https://github.com/aws/aws-cdk/issues/3355)). Even an allow-all rule written in the
group's own \`SecurityGroupEgress\` was seen to go
([aws-cdk#987](https://github.com/aws/aws-cdk/issues/987)).

## How to fix it

Name everything that may leave: add one more \`AWS::EC2::SecurityGroupEgress\` for TCP on port 443 to
\`0.0.0.0/0\`, or for protocol \`-1\` if everything should get out as before. Or, if an allow-all rule is what
you want, delete the narrower egress resources: they add nothing to it.

## When to silence it

When the group should let out only what its egress resources name, or, for a group made elsewhere, when
it has egress rules of its own that let out what the function calls.
`,
  bad: "standalone-egress-removes-allow-all/database-rule.yaml",
  good: "standalone-egress-removes-allow-all/https-rule.yaml",

  *check(world) {
    for (const fn of world.functions) {
      for (const { group, message: text, port } of lossesOf(fn)) {
        const [first, ...others] = group.standaloneEgress;
        if (first === undefined) continue;
        yield {
          at: first.at,
          message: text,
          notes: notes(fn, group, others),
          fixes: () => [
            ...(port === undefined ? [] : offerEgress(world.document, world.template, [group], port)),
            ...offerAllowAll(world.document, world.template, group),
          ],
          functions: [fn.fn.key],
        };
      }
    }
  },
};

interface Loss {
  readonly group: SecurityGroup;
  readonly message: Message;
  /** The port that the function asks for, where it certainly is closed. */
  readonly port: number | undefined;
}

/** Returns the groups that lost, or may lose, what the function needs; each of them once. */
function lossesOf({ subnets }: FunctionEgress): Loss[] {
  const losses = new Map<string, Loss>();
  for (const { ipv4 } of subnets) {
    for (const fault of ipv4.faults) {
      if (fault.code === "security-group" && fault.reason === "standalone") {
        if (ipv4.verdict !== "blocked-security-group" && ipv4.verdict !== "partial") continue;
        const [group] = fault.groups;
        if (group !== undefined) losses.set(group.key, { group, message: lost(group), port: fault.port });
      }
      if (fault.code === "revocable-egress" && outcomeOf(ipv4.verdict) !== "fails") {
        const { group } = fault;
        if (!losses.has(group.key)) losses.set(group.key, { group, message: endangered(group), port: undefined });
      }
    }
  }
  return [...losses.values()];
}

function lost(group: SecurityGroup): Message {
  return message(
    "{0} takes away the rule that lets everything out of {1}: only what egress resources name gets out, and calls to the internet time out",
    nameOf(group),
    group.key,
  );
}

function endangered(group: SecurityGroup): Message {
  return group.external
    ? message(
        "{0} also takes away the rule that lets everything out of {1}: if {1} has no other egress rules, calls to the internet time out",
        nameOf(group),
        group.key,
      )
    : message(
        "{0} may take away the rule of {1} that lets everything out, and then calls to the internet time out",
        nameOf(group),
        group.key,
      );
}

function nameOf({ standaloneEgress, key }: SecurityGroup): string {
  const at = standaloneEgress[0]?.at;
  return at?.kind === "text" && at.node.kind === "scalar" ? at.node.text : key;
}

function notes({ fn }: FunctionEgress, group: SecurityGroup, others: readonly { readonly at: Origin }[]): DraftNote[] {
  const notes: DraftNote[] = [];
  if (group.inlineEgress.is === "known") {
    notes.push({ at: group.inlineEgress.at, message: message("the rule that lets everything out stands here") });
  } else if (!group.external && !group.isDefault) {
    notes.push({
      at: group.at,
      message: message("{0} names no egress of its own, so it had the default rule", group.key),
    });
  }
  for (const { at } of others) notes.push({ at, message: message("this is a further egress rule of {0}", group.key) });
  const groups = fn.vpcConfig.is === "known" ? fn.vpcConfig.value.groups : fn.vpcConfig;
  if (groups.is === "known") notes.push({ at: groups.at, message: message("{0} uses {1}", fn.key, group.key) });
  return notes;
}

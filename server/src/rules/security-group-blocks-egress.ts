import { offerEgress } from "../edit/egress-rule";
import { namedOrigin } from "../edit/site";
import { offerExpectNone } from "../edit/subnets";
import { type Message, message } from "../message";
import { known } from "../network/model";
import type { Fault, FunctionEgress } from "../network/verdict";
import type { Rule } from "./rule";

type Closed = Fault & { readonly code: "security-group" };

export const securityGroupBlocksEgress: Rule = {
  id: "security-group-blocks-egress",
  severity: "warning",
  group: "reach",
  summary: "The function's security groups let no traffic out to the internet",
  docs: `## What happens

Calls from the function to the internet hang until they time out, although the routes are right.

A *security group* lists which connections a function may open (its *egress* rules) and which it accepts.
One that names no egress lets everything out. But the first egress rule that you write replaces this
default: from then on only what the rules name gets out ("The default rule is removed only when you
specify one or more egress rules", [source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html)).
So a rule for the database alone closes the way to the internet. Several groups on one function add up:
what any of them allows gets out.

A rule for \`127.0.0.1/32\` or \`255.255.255.255/32\` and nothing else is the customary way to say "nothing
gets out".

## How to fix it

Add an egress rule for what the function calls: TCP on port 443 to \`0.0.0.0/0\` for HTTPS. A prefix list of
AWS (for S3, say) or another security group is not the internet. Answers need no rule of their own.

## When to silence it

When the function is not meant to reach the internet. Without evidence that it is, this is information
only. Say \`Expect: none\` in the function's metadata.
`,
  bad: "security-group-blocks-egress/database-only.yaml",
  good: "security-group-blocks-egress/https.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const fault = faultOf(fn);
      const config = known(fn.fn.vpcConfig);
      if (fault === undefined || config?.groups.is !== "known") continue;
      const means = world.intent(fn) === "internet" && fault.complete;
      yield {
        at: namedOrigin(world.document, config.groups.at),
        severity: means ? "warning" : "information",
        message: words(fn, fault),
        notes: fault.groups.map(({ key, at, inlineEgress }) => ({
          at: inlineEgress.is === "known" ? namedOrigin(world.document, inlineEgress.at) : at,
          message: message("these are the egress rules of {0}", key),
        })),
        fixes: () => [
          ...offerEgress(world.document, world.template, fault.groups, fault.port),
          ...offerExpectNone(world.document, world.template, fn),
        ],
        functions: [fn.fn.key],
      };
    }
  },
};

/** A group that a standalone rule stripped is told of by a rule of its own, and so are functions with IPv6 alone. */
function faultOf({ subnets }: FunctionEgress): Closed | undefined {
  for (const { ipv4, ipv6 } of subnets) {
    if (ipv6.verdict === "egress-only" || ipv6.verdict === "igw") continue;
    const word = ipv4.verdict === "blocked-security-group" || ipv4.verdict === "partial";
    const fault = ipv4.faults.find((one): one is Closed => one.code === "security-group");
    if (word && fault !== undefined && fault.reason !== "standalone") return fault;
  }
  return undefined;
}

function words({ fn }: FunctionEgress, { groups, reason, complete, port, reachable }: Closed): Message {
  const names = groups.map(({ key }) => key).join(", ");
  if (!complete) {
    return message("{0} reaches only {1} on port {2}: {3} lets nothing else out", fn.key, reachable, port, names);
  }
  return reason === "idiom"
    ? message("{0} cannot reach the internet: the egress of {1} is closed on purpose, so calls time out", fn.key, names)
    : message(
        "{0} cannot reach the internet: no egress rule of {1} lets port {2} out, so calls time out",
        fn.key,
        names,
        port,
      );
}

import { addResources, freshId } from "../edit/resource";
import { message } from "../message";
import { outcomeOf } from "../network/egress";
import { absent, type BlockPublicAccess, known } from "../network/model";
import type { Fault, SubnetEgress } from "../network/verdict";
import type { Fix, Rule, World } from "./rule";

type Blocked = Fault & { readonly code: "block-public-access" };

export const blockPublicAccess: Rule = {
  id: "block-public-access",
  severity: "error",
  group: "reach",
  summary: "The account's block on public access stops the function's traffic",
  docs: `## What happens

Calls to the internet time out, although routes, gateways and rules are right.

*VPC Block Public Access* is one setting for a whole account and Region that overrules route tables. In
the mode \`block-bidirectional\` nothing passes an internet gateway or an egress-only internet gateway in
any direction, NAT gateways included. In the mode \`block-ingress\` NAT gateways and egress-only gateways
still work, but NAT instances and anything that uses an internet gateway directly do not. VPCs and subnets
can be excluded. See [Block public access to VPCs and
subnets](https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html).

## How to fix it

Exclude the VPC, or the subnet of the NAT gateway, with an \`AWS::EC2::VPCBlockPublicAccessExclusion\` in the
mode \`allow-egress\`. Or use \`block-ingress\`, if all that leaves goes through NAT gateways.

The setting may also be made outside of templates: check the deployed function then.

## When to silence it

When the function is not meant to reach the internet. Say \`Expect: none\` in its metadata.
`,
  bad: "block-public-access/bidirectional.yaml",
  good: "block-public-access/ingress-only.yaml",

  *check(world) {
    const block = world.network.blockPublicAccess;
    if (block === undefined) return;
    for (const fn of world.functions) {
      for (const path of fn.subnets) {
        const isHalf = outcomeOf(path.ipv4.verdict) === "reaches";
        for (const fault of [...path.ipv4.faults, ...path.ipv6.faults]) {
          if (fault.code !== "block-public-access") continue;
          yield {
            at: block.mode.is === "known" ? block.mode.at : block.at,
            severity: world.intent(fn) === "internet" && !isHalf ? "error" : "warning",
            message: message(
              "{0} stops all traffic to the internet that no exclusion lets through, so calls time out",
              known(block.mode) ?? "?",
            ),
            notes: [
              { at: fault.through, message: message("the traffic leaves through this, which is not excluded") },
              { at: path.reference.at, message: message("the traffic of {0} takes this way", fn.fn.key) },
            ],
            fixes: () => exclusions(world, block, fault, path),
            functions: [fn.fn.key],
          };
        }
      }
    }
  },
};

/** Excludes the VPC, so that what leaves it may be answered; nothing comes in unasked but where it must. */
function exclusions(world: World, block: BlockPublicAccess, { through }: Blocked, { subnet }: SubnetEgress): Fix[] {
  const vpc = known(subnet?.vpc ?? absent);
  const owner = block.at.kind === "text" && block.at.node.kind === "scalar" ? block.at.node.text : undefined;
  if (vpc === undefined || through.kind !== "text" || !world.template.resources.has(vpc)) return [];
  // Under block-ingress only a full exclusion changes anything.
  const mode = known(block.mode) === "block-ingress" ? "allow-bidirectional" : "allow-egress";
  const exclusion = {
    Type: "AWS::EC2::VPCBlockPublicAccessExclusion",
    Properties: { InternetGatewayExclusionMode: mode, VpcId: { Ref: vpc } },
  };
  const id = freshId(world.template, `${vpc}PublicAccessExclusion`);
  return [
    {
      title: message("Exclude {0} from the block ({1})", vpc, mode),
      safe: false,
      edits: addResources(world.document, world.template, { [id]: exclusion }, owner),
    },
  ];
}

import { setProperty } from "../edit/resource";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import { type EncryptionControl, knownOr, type Vpc } from "../network/model";
import type { Fix, Rule, World } from "./rule";

export const encryptionControl: Rule = {
  id: "encryption-control",
  severity: "warning",
  group: "reach",
  summary: "The VPC enforces encryption and does not exclude what the function needs",
  docs: `## What happens

*VPC encryption control* in the mode \`enforce\` admits to a VPC only what encrypts its traffic by itself.
Lambda does not, unless the control excludes it: without that the function fails with the state reason
\`DisallowedByVpcEncryptionControl\`, and no call of it gets anywhere. NAT gateways and internet gateways,
whose traffic leaves the encrypted network, need exclusions of their own. See [Enforce VPC encryption in
transit](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html).

## How to fix it

Set \`LambdaExclusionInput: enable\` on the \`AWS::EC2::VPCEncryptionControl\`, and for a function that calls the
internet also \`NatGatewayExclusionInput: enable\` and \`InternetGatewayExclusionInput: enable\`. Or use the
mode \`monitor\`, which only reports.

## When to silence it

When the exclusions are made outside of the template. That NAT and internet gateways fail without
exclusions is inferred from the names of these properties, so silence it too where you have seen calls
get through.
`,
  bad: "encryption-control/no-exclusion.yaml",
  good: "encryption-control/excluded.yaml",

  *check(world) {
    for (const fn of world.functions) {
      for (const { reference, ipv4 } of fn.subnets) {
        for (const fault of ipv4.faults) {
          if (fault.code !== "encryption-control") continue;
          const control = fault.vpc.encryption;
          if (control === undefined || (!fault.certain && outcomeOf(ipv4.verdict) === "fails")) continue;
          yield {
            at: control.mode.is === "known" ? control.mode.at : control.at,
            message: words(fault.vpc, control, fault.certain),
            notes: [{ at: reference.at, message: message("{0} stands in {1}", fn.fn.key, fault.vpc.key) }],
            fixes: () => fixes(world, control),
            functions: [fn.fn.key],
          };
        }
      }
    }
  },
};

function words({ key }: Vpc, control: EncryptionControl, isCertain: boolean): Message {
  return isCertain
    ? message("{0} enforces encryption and does not exclude Lambda, so its functions fail and call nothing", key)
    : message(
        "{0} enforces encryption, and calls to the internet may fail without {1}",
        key,
        lackingOf(control)
          .filter((name) => name !== "LambdaExclusionInput")
          .join(", "),
      );
}

/** Returns the properties that exclude what stands between a function and the internet and are not set. */
function lackingOf({ lambdaExcluded, natExcluded, internetGatewayExcluded }: EncryptionControl): string[] {
  const exclusions = {
    LambdaExclusionInput: lambdaExcluded,
    NatGatewayExclusionInput: natExcluded,
    InternetGatewayExclusionInput: internetGatewayExcluded,
  };
  return Object.entries(exclusions).flatMap(([name, fact]) => (knownOr(fact, false) === false ? [name] : []));
}

function fixes({ document, template }: World, control: EncryptionControl): Fix[] {
  const { at } = control;
  const resource = at.kind === "text" && at.node.kind === "scalar" ? template.resources.get(at.node.text) : undefined;
  if (resource === undefined) return [];
  const lacking = lackingOf(control);
  return [
    {
      title: message("Set {0} to enable", lacking.join(", ")),
      safe: false,
      edits: lacking.flatMap((name) => setProperty(document, resource, [name], "enable")),
    },
  ];
}

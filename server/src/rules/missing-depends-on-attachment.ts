import { addDependsOn } from "../edit/resource";
import { type Message, message } from "../message";
import { type Key, known, knownOr, type Network, type Origin } from "../network/model";
import { vpcOfNat } from "../network/nat";
import { referencesIn, waitsFor } from "../template/dependency";
import { get } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Rule, Severity, World } from "./rule";

export const missingDependsOnAttachment: Rule = {
  id: "missing-depends-on-attachment",
  severity: "warning",
  group: "deploy",
  everywhere: true,
  summary: "A route or an Elastic IP address does not wait until the internet gateway is attached",
  docs: `## What happens

Now and then the stack fails to deploy, for instance with *route table rtb-… and network gateway igw-…
belong to different networks*, and succeeds when tried again. Deleting it may hang in the same way.

CloudFormation creates resources in an order of its own choosing. It waits only where one resource refers
to another (\`!Ref\`, \`!GetAtt\`) or names it in \`DependsOn\`. A route refers to the internet gateway, not to
the *attachment* that connects the gateway with the VPC, so it may come too early. AWS asks for
\`DependsOn\` on the attachment for routes to the gateway, for Elastic IP addresses, and for whatever else
needs it ([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html#gatewayattachment)).

A NAT gateway waits if its Elastic IP address does. Without that it is mentioned as information, since
most often something else happens to delay it long enough.

## How to fix it

Add \`DependsOn\` with the name of the \`AWS::EC2::VPCGatewayAttachment\`. It does no harm where it is not
needed.

## When to silence it

When the stack was deployed long ago and never will be again from nothing.
`,
  bad: "missing-depends-on-attachment/route.yaml",
  good: "missing-depends-on-attachment/transitive.yaml",

  *check(world) {
    const { network, resources } = world;
    for (const { id, at, severity, words, attachments } of [
      ...routes(network),
      ...addresses(world),
      ...nats(network),
    ]) {
      const resource = resources.get(id);
      const [first] = attachments;
      if (resource === undefined || first === undefined || waitsFor(world, id, new Set(attachments))) continue;
      yield {
        at,
        severity,
        message: words(first),
        // An attachment that itself waits for the resource would make a circle.
        fixes: () =>
          waitsFor(world, first, new Set([id])) || resource.generatedBy !== undefined
            ? []
            : [
                {
                  title: message("Let {0} wait for {1}", id, first),
                  safe: true,
                  edits: addDependsOn(world.document, resource, [first]),
                },
              ],
        functions: world.functions.map(({ fn }) => fn.key),
      };
    }
  },
};

/** What should wait, and for which attachments: any one will do. */
interface Waiter {
  readonly id: string;
  readonly at: Origin;
  readonly severity: Severity;
  readonly words: (attachment: string) => Message;
  readonly attachments: readonly string[];
}

function routes(network: Network): Waiter[] {
  return [...network.routeTables.values()].flatMap(({ vpc, routes }) =>
    routes.flatMap(({ key: id, at, targets }): Waiter[] => {
      const gateways = targets.flatMap(({ key }) => known(key) ?? []);
      const attachments = attachmentsOf(network, known(vpc), (gateway) => gateways.includes(gateway));
      if (attachments.length === 0) return [];
      return [
        {
          id,
          at,
          severity: "warning",
          words: (attachment) =>
            message(
              "{0} does not wait for {1}: if it comes first, AWS refuses the route and the stack fails to deploy",
              id,
              attachment,
            ),
          attachments,
        },
      ];
    }),
  );
}

function nats(network: Network): Waiter[] {
  return [...network.natGateways.values()].map((nat) => ({
    id: nat.key,
    at: nat.at,
    severity: "information",
    words: (attachment) =>
      message(
        "{0} does not wait for {1}: if it comes first, AWS may refuse the NAT gateway and the stack fails to deploy",
        nat.key,
        attachment,
      ),
    attachments: knownOr(nat.connectivity, "public") === "public" ? attachmentsOf(network, vpcOfNat(network, nat)) : [],
  }));
}

/** Addresses that something in a VPC of the template wears, unless what wears them waits for both. */
function addresses(world: World): Waiter[] {
  const { network, resources } = world;
  return [...wearersOf(world)].flatMap(([id, wearers]): Waiter[] => {
    const address = resources.get(id);
    const waiting = wearers.flatMap(({ id, vpc }) => ({ id, attachments: attachmentsOf(network, vpc) }));
    if (address === undefined) return [];
    if (waiting.every(({ id, attachments }) => waitsFor(world, id, new Set(attachments)))) return [];
    return [
      {
        id,
        at: { kind: "text", node: address.at },
        severity: "warning",
        words: (attachment) =>
          message(
            "{0} does not wait for {1}: if it comes first, AWS may refuse the address and the stack fails to deploy",
            id,
            attachment,
          ),
        attachments: waiting.flatMap(({ attachments }) => attachments),
      },
    ];
  });
}

/** Elastic IP addresses of this world, with what wears each of them and where that stands. */
function wearersOf(world: World): Map<string, { id: string; vpc: Key | undefined }[]> {
  const wearers = new Map<string, { id: string; vpc: Key | undefined }[]>();
  const { network, resources } = world;
  const wear = (resource: Resource | undefined, id: string, vpc: Key | undefined) => {
    for (const name of referencesIn(resource?.properties)) {
      if (resources.get(name)?.type !== "AWS::EC2::EIP" || network.missing.has(name)) continue;
      wearers.set(name, [...(wearers.get(name) ?? []), { id, vpc }]);
    }
  };
  for (const nat of network.natGateways.values()) wear(resources.get(nat.key), nat.key, vpcOfNat(network, nat));
  const machines = [...network.instances.values(), ...network.interfaces.values()];
  for (const resource of machines.length === 0 ? [] : world.template.resources.values()) {
    if (resource.type !== "AWS::EC2::EIP" && resource.type !== "AWS::EC2::EIPAssociation") continue;
    if (network.missing.has(resource.id)) continue;
    const names = referencesIn(resource.properties);
    const machine = machines.find(({ key }) => names.has(key));
    const vpc = known(network.subnets.get(known(machine?.subnet ?? { is: "absent" }) ?? "")?.vpc ?? { is: "absent" });
    if (machine === undefined) continue;
    if (resource.type === "AWS::EC2::EIPAssociation") wear(resource, resource.id, vpc);
    else if (get(resource.properties, "InstanceId") !== undefined) {
      wearers.set(resource.id, [...(wearers.get(resource.id) ?? []), { id: resource.id, vpc }]);
    }
  }
  return wearers;
}

/** The ids of the attachments that connect a VPC of the template with a gateway of it. */
function attachmentsOf(network: Network, vpc: Key | undefined, wanted?: (gateway: Key) => boolean): string[] {
  const declared = network.vpcs.get(vpc ?? "");
  if (declared === undefined || declared.external) return [];
  return declared.attachments.flatMap(({ at, gateway }) => {
    const key = known(gateway);
    const fits = key !== undefined && network.internetGateways.has(key) && wanted?.(key) !== false;
    return fits && at.kind === "text" && at.node.kind === "scalar" ? [at.node.text] : [];
  });
}

import { isSaidElsewhere } from "../edit/association";
import { replaceValue } from "../edit/replace";
import { addDependsOn, addResources, freshId } from "../edit/resource";
import { message } from "../message";
import { attachmentsOf, gatewayKind } from "../network/gateway";
import { type Key, known, type Network, type Target } from "../network/model";
import { namesIn } from "../network/slice";
import { get } from "../template/syntax";
import type { Template } from "../template/template";
import type { DraftNote, Fix, Rule, World } from "./rule";

const attachmentType = "AWS::EC2::VPCGatewayAttachment";

export const internetGatewayNotAttached: Rule = {
  id: "internet-gateway-not-attached",
  severity: "error",
  group: "reach",
  summary: "A route leads to an internet gateway that is not attached to the VPC",
  docs: `## What happens

Nothing in the VPC reaches the internet by this route, and often the stack fails to deploy: AWS refuses
the route, or a NAT gateway behind it ends in the state *failed* with "Network vpc-… has no Internet
gateway attached".

An internet gateway is a thing of its own. Only an \`AWS::EC2::VPCGatewayAttachment\` connects it with a
VPC ([source](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html)). A NAT
gateway in regional mode needs no public subnet and no route, but this attachment it needs as well.

## How to fix it

Add an \`AWS::EC2::VPCGatewayAttachment\` with the \`VpcId\` of the route table's VPC and the
\`InternetGatewayId\`, and let the route wait for it with \`DependsOn\`. If there is one already, look
whether it names another VPC: a frequent slip after copying.

There is no quick fix where the attachment is there under a condition of its own: whether it or the route has the right
one, only you know.

## When to silence it

When another stack attaches the gateway.
`,
  bad: "internet-gateway-not-attached/no-attachment.yaml",
  good: "internet-gateway-not-attached/attached.yaml",

  *check(world) {
    const { network } = world;
    if (network.gaps.length > 0) return;
    const functions = world.functions.map(({ fn }) => fn.key);
    for (const table of network.routeTables.values()) {
      const vpc = known(table.vpc);
      for (const route of table.routes) {
        for (const target of route.targets) {
          const gateway = known(target.key);
          if (gateway === undefined || vpc === undefined || gatewayKind(network, target) !== "internet") continue;
          if (!isUnattached(network, gateway, vpc)) continue;
          yield {
            at: target.at,
            message: message(
              "{0} is not attached to {1}, so {2} leads nowhere and calls time out",
              gateway,
              vpc,
              route.key,
            ),
            notes: notes(world, gateway),
            fixes: () => routeFixes(world, gateway, vpc, target),
            functions,
          };
        }
      }
    }
    for (const { ipv4 } of world.paths) {
      for (const fault of ipv4.faults) {
        if (fault.code !== "gateway-not-attached" || fault.nat === undefined || fault.vpc === undefined) continue;
        yield {
          at: fault.at,
          message: message(
            "no internet gateway is attached to {0}, so {1} has no way out and calls time out",
            fault.vpc,
            fault.nat.key,
          ),
          fixes: () => regionalFixes(world, fault.vpc ?? ""),
          functions,
        };
      }
    }
  },
};

/** Where it is attached to another VPC, that is another fault: parts of two VPCs are mixed. */
function isUnattached(network: Network, gateway: Key, vpc: Key): boolean {
  if (!network.internetGateways.has(gateway) || network.vpcs.get(vpc)?.external !== false) return false;
  return attachmentsOf(network, gateway).length === 0;
}

/** Says that nothing attaches the gateway, or what keeps its attachment away. */
function notes({ template, network }: World, gateway: Key): DraftNote[] {
  const dormant = [...network.missing].filter(([key]) => {
    const resource = template.resources.get(key);
    const names = new Set<string>();
    if (resource?.type === attachmentType) namesIn(get(resource.properties, "InternetGatewayId"), names);
    return names.has(gateway);
  });
  if (dormant.length > 0) {
    return dormant.map(([, at]) => ({
      at,
      message: message("its condition keeps this attachment from being created"),
    }));
  }
  const at = network.internetGateways.get(gateway)?.at;
  return at === undefined ? [] : [{ at, message: message("no attachment names this gateway") }];
}

function routeFixes(world: World, gateway: Key, vpc: Key, target: Target): Fix[] {
  const whole = world.whole();
  const others = (whole.vpcs.get(vpc)?.attachments ?? [])
    .map((attachment) => known(attachment.gateway))
    .filter((key) => key !== undefined && whole.internetGateways.has(key));
  const node = target.at.kind === "text" ? target.at.node : undefined;
  const moves = others.map((key) => ({
    title: message("Use {0}, which is attached to {1}", key ?? "?", vpc),
    safe: false,
    edits: node === undefined ? [] : replaceValue(world.document, node, { Ref: key ?? "?" }),
  }));
  return [...moves, ...attach(world, whole, gateway, vpc)];
}

/** The attachment, and that everything waits for it that AWS creates only where it is. */
function attach({ document, template }: World, whole: Network, gateway: Key, vpc: Key): Fix[] {
  const taken = attachmentsOf(whole, gateway).length > 0 || (whole.vpcs.get(vpc)?.attachments.length ?? 0) > 0;
  const elsewhere =
    isSaidElsewhere(template, whole, attachmentType, "InternetGatewayId", gateway) ||
    isSaidElsewhere(template, whole, attachmentType, "VpcId", vpc);
  if (taken || elsewhere || template.resources.get(gateway) === undefined) return [];
  const id = freshId(template, `${gateway}Attachment`);
  const attachment = { Type: attachmentType, Properties: { VpcId: { Ref: vpc }, InternetGatewayId: { Ref: gateway } } };
  const waiting = dependents(template, whole, gateway, vpc).flatMap((key) => template.resources.get(key) ?? []);
  return [
    {
      title: message("Attach {0} to {1}", gateway, vpc),
      safe: true,
      edits: [
        ...addResources(document, template, { [id]: attachment }, gateway),
        ...waiting.flatMap((resource) => addDependsOn(document, resource, [id])),
      ],
    },
  ];
}

/** Routes to the gateway, and NAT gateways of the VPC: through their address where the template makes it. */
function dependents(template: Template, whole: Network, gateway: Key, vpc: Key): readonly Key[] {
  const routes = [...whole.routeTables.values()].flatMap((table) =>
    known(table.vpc) === vpc
      ? table.routes.filter(({ targets }) => targets.some(({ key }) => known(key) === gateway))
      : [],
  );
  const nats = [...whole.natGateways.values()].filter((nat) => {
    const subnet = whole.subnets.get(known(nat.subnet) ?? "");
    return known(nat.vpc) === vpc || (subnet !== undefined && known(subnet.vpc) === vpc);
  });
  const addresses = nats.flatMap(({ key }) => {
    const names = new Set<string>();
    namesIn(get(template.resources.get(key)?.properties, "AllocationId"), names);
    const own = [...names].filter((name) => template.resources.get(name)?.type === "AWS::EC2::EIP");
    return own.length > 0 ? own : [key];
  });
  return [...new Set([...routes.map(({ key }) => key), ...addresses])];
}

/** The one gateway that is attached nowhere was probably meant. */
function regionalFixes(world: World, vpc: Key): Fix[] {
  const whole = world.whole();
  const spare = [...whole.internetGateways.keys()].filter((key) => attachmentsOf(whole, key).length === 0);
  return spare.flatMap((gateway) => attach(world, whole, gateway, vpc));
}

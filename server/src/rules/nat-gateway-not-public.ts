import { isSaidElsewhere, offerAssociation } from "../edit/association";
import { replaceValue } from "../edit/replace";
import { addResources, freshId, setProperty } from "../edit/resource";
import type { ValueMap } from "../edit/value";
import { type Message, message } from "../message";
import { publicSubnets, publicTables } from "../network/alternatives";
import { absent, known, type Network, type Origin, type Subnet } from "../network/model";
import type { Fault } from "../network/verdict";
import type { Node } from "../template/syntax";
import type { Resource } from "../template/template";
import type { DraftNote, Fix, Rule, World } from "./rule";

type NotPublic = Fault & { code: "nat-not-public" };

export const natGatewayNotPublic: Rule = {
  id: "nat-gateway-not-public",
  severity: "error",
  group: "reach",
  summary: "NAT gateway stands in a subnet that has no way to the internet itself",
  docs: `## What happens

Calls to the internet from every subnet behind this NAT gateway hang until they time out.

A NAT gateway lends its public address to machines without one. To do so it must stand in a *public*
subnet: one whose route table sends \`0.0.0.0/0\` to an internet gateway. In a private subnet the packets
reach the NAT gateway and get no further. A frequent form of it: the gateway stands in the very subnet
whose default route leads to it, so packets run in a circle. See [NAT gateway
troubleshooting](https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html).

## How to fix it

Set the NAT gateway's \`SubnetId\` to a public subnet of the same VPC. Or, if its subnet is meant to be
public, associate that subnet with a table whose \`0.0.0.0/0\` leads to the internet gateway. Never add
such a route to a table that Lambda subnets use.

There is no quick fix where a function stands in the same subnet: take *Create the NAT topology for …* at the function,
which gives the NAT gateway a subnet of its own.

## When to silence it

Never, if functions should get out through it.
`,
  bad: "nat-gateway-not-public/in-private-subnet.yaml",
  good: "nat-gateway-not-public/in-public-subnet.yaml",

  *check(world) {
    for (const { ipv4 } of world.paths) {
      for (const fault of ipv4.faults) {
        if (fault.code !== "nat-not-public") continue;
        const { nat } = fault;
        const at = nat.subnet.is === "known" ? nat.subnet.at : nat.at;
        yield {
          at,
          message: words(fault),
          notes: notes(fault),
          fixes: () => fixes(world, fault),
          functions: world.functions.map(({ fn }) => fn.key),
        };
      }
    }
  },
};

function words({ nat, subnet, reason, table }: NotPublic): Message {
  switch (reason) {
    case "loop":
      return message(
        "{0} stands in {1}, whose default route leads back to {0}: what enters it never reaches the internet, so calls time out",
        nat.key,
        subnet.key,
      );
    case "no-association":
      return message(
        "{0} stands in {1}, which is associated with no route table and so has no route to an internet gateway: calls through it time out",
        nat.key,
        subnet.key,
      );
    case "no-route":
    case "no-transit":
      return message(
        "{0} stands in {1}, whose table {2} has no route to an internet gateway: calls through it time out",
        nat.key,
        subnet.key,
        table?.key ?? "?",
      );
  }
}

function notes({ nat, subnet, reason, table, route }: NotPublic): DraftNote[] {
  const notes: DraftNote[] = [];
  if (route !== undefined && reason === "loop") {
    notes.push({ at: route.at, message: message("this route leads from the subnet of {0} back to it", nat.key) });
  } else if (route !== undefined) {
    notes.push({ at: route.at, message: message("the traffic of {0} takes this route", nat.key) });
  } else if (table !== undefined) {
    notes.push({ at: table.at, message: message("this is the route table of {0}", subnet.key) });
  } else
    notes.push({
      at: subnet.at,
      message: message("{0} uses the VPC's main route table, which leads nowhere", subnet.key),
    });
  return notes;
}

function fixes(world: World, { nat, subnet, table }: NotPublic): Fix[] {
  const whole = world.whole();
  const vpc = known(subnet.vpc);
  if (vpc === undefined || nat.subnet.is !== "known" || nat.subnet.at.kind !== "text") return [];
  const node = nat.subnet.at.node;
  const moves: Fix[] = publicSubnets(whole, vpc).map((other) => ({
    title: message("Move {0} to the public subnet {1}", nat.key, other.key),
    safe: false,
    edits: replaceValue(world.document, node, { Ref: other.key }),
  }));
  return [
    ...moves,
    ...associations(world, whole, subnet),
    ...openTable(world, whole, subnet.key, table?.key),
    ...(moves.length > 0 ? [] : ownTable(world, whole, subnet, vpc)),
  ];
}

/** Tells whether a function stands in the subnet, which a route to an internet gateway would cut off. */
function holdsFunction(whole: Network, subnet: string): boolean {
  return [...whole.functions.values()].some(({ vpcConfig }) => {
    const subnets = known(vpcConfig)?.subnets ?? absent;
    return (known(subnets) ?? []).some(({ key }) => known(key) === subnet);
  });
}

/** A subnet without an association may use the table of a public one, unless a function stands in it. */
function associations({ document, template }: World, whole: Network, subnet: Subnet): Fix[] {
  const vpc = known(subnet.vpc);
  if (vpc === undefined || subnet.external || subnet.tables.length > 0 || holdsFunction(whole, subnet.key)) return [];
  return publicTables(whole, vpc).flatMap(({ key }) => offerAssociation(document, template, whole, subnet.key, key));
}

/** A subnet that shares its table, or that the table leads in a circle, gets one of its own. */
function ownTable({ document, template }: World, whole: Network, { key, tables }: Subnet, vpc: string): Fix[] {
  const [association, ...others] = tables;
  const resource = association?.at.kind === "text" ? resourceAt(template, association.at.node) : undefined;
  const attachment = whole.vpcs
    .get(vpc)
    ?.attachments.find(({ gateway }) => whole.internetGateways.has(known(gateway) ?? ""));
  const gateway = known(attachment?.gateway ?? absent);
  if (resource === undefined || others.length > 0 || attachment === undefined || gateway === undefined) return [];
  if (holdsFunction(whole, key)) return [];
  const id = freshId(template, `${key}RouteTable`);
  const added = {
    [id]: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: { Ref: vpc } } },
    [freshId(template, `${id}InternetRoute`)]: internetRoute(id, gateway, attachment.at),
  };
  return [
    {
      title: message("Give {0} a public route table of its own, with a route to {1}", key, gateway),
      safe: false,
      edits: [
        ...setProperty(document, resource, ["RouteTableId"], { Ref: id }),
        ...addResources(document, template, added, resource.id),
      ],
    },
  ];
}

/** Returns the association that is a resource by itself. */
function resourceAt(template: World["template"], node: Node): Resource | undefined {
  const resource = node.kind === "scalar" ? template.resources.get(node.text) : undefined;
  return resource?.type === "AWS::EC2::SubnetRouteTableAssociation" ? resource : undefined;
}

function internetRoute(table: string, gateway: string, attachment: Origin | undefined): ValueMap {
  const dependsOn =
    attachment?.kind === "text" && attachment.node.kind === "scalar" ? { DependsOn: attachment.node.text } : {};
  return {
    Type: "AWS::EC2::Route",
    ...dependsOn,
    Properties: { RouteTableId: { Ref: table }, DestinationCidrBlock: "0.0.0.0/0", GatewayId: { Ref: gateway } },
  };
}

/** A table of the NAT gateway's alone may get the route to the gateway; one that others share may not. */
function openTable(world: World, whole: Network, subnet: string, table: string | undefined): Fix[] {
  const declared = table === undefined ? undefined : whole.routeTables.get(table);
  const shared =
    holdsFunction(whole, subnet) ||
    [...whole.subnets.values()].some(
      ({ key, tables }) => key !== subnet && tables.some(({ target }) => known(target) === table),
    );
  const vpc = whole.vpcs.get(known(declared?.vpc ?? { is: "absent" }) ?? "");
  const gateway = vpc?.attachments.map((attachment) => known(attachment.gateway)).find((key) => key !== undefined);
  const hasDefault = declared?.routes.some(({ destination }) => known(destination) === "0.0.0.0/0") === true;
  if (declared === undefined || declared.external || shared || hasDefault || gateway === undefined) return [];
  if (!whole.internetGateways.has(gateway)) return [];
  if (isSaidElsewhere(world.template, whole, "AWS::EC2::Route", "RouteTableId", declared.key)) return [];
  const id = freshId(world.template, `${declared.key}InternetRoute`);
  const route = internetRoute(declared.key, gateway, vpc?.attachments[0]?.at);
  return [
    {
      title: message("Make {0} public: add a route to {1}", subnet, gateway),
      safe: false,
      edits: addResources(world.document, world.template, { [id]: route }, declared.key),
    },
  ];
}

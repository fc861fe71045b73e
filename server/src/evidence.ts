/**
 * Signs that a function means to reach the internet, where nobody has said so. Without them a missing
 * way out may be on purpose, and findings about it are milder.
 */
import { groupsOf } from "./network/egress";
import { known, type Network, type Subnet } from "./network/model";
import { tableOf } from "./network/routes";
import { namesIn } from "./network/slice";
import type { FunctionEgress } from "./network/verdict";
import { isCustom } from "./template/identity";
import { once } from "./template/once";
import { get, type Node } from "./template/syntax";
import type { Resource, Template } from "./template/template";

/** What a template shows beside a function and its network. */
export interface Signs {
  readonly hasNat: boolean;
  /** The names of what a custom resource calls, which answers through S3's public address. */
  readonly answering: ReadonlySet<string>;
}

/** Returns the signs in a template. */
export const signsIn = once((template: Template): Signs => {
  // Somebody pays for a NAT gateway because functions should get out.
  const hasNat = [...template.resources.values()].some(({ type }) => type === "AWS::EC2::NatGateway");
  const answering = new Set<string>();
  for (const { properties } of customResourcesIn(template)) namesIn(get(properties, "ServiceToken"), answering);
  return { hasNat, answering };
});

/** Returns the resources that call functions while the stack is made. */
export const customResourcesIn = once(({ resources }: Template): readonly Resource[] =>
  [...resources.values()].filter(isCustom),
);

/** Tells whether anything in the template shows that the function means to reach the internet. */
export function meansInternet(template: Template, network: Network, egress: FunctionEgress): boolean {
  const resource = template.resources.get(egress.fn.key);
  return (
    signsIn(template).hasNat ||
    usesNatInstance(egress) ||
    callsOut(resource) ||
    answersCloudFormation(template, network, egress) ||
    opensWeb(network, egress)
  );
}

/** Somebody keeps a machine, and a route to it, because the function should get out. */
function usesNatInstance({ subnets }: FunctionEgress): boolean {
  return subnets.some(({ ipv4 }) => ipv4.hops.some(({ kind }) => kind === "nat-instance"));
}

/** An environment variable holds a web address outside AWS and the VPC. */
function callsOut(resource: Resource | undefined): boolean {
  const variables = get(get(resource?.properties, "Environment"), "Variables");
  return variables?.kind === "map" && variables.entries.some(({ value }) => mentionsWeb(value));
}

function mentionsWeb(node: Node): boolean {
  const host = node.kind === "scalar" ? /^https?:\/\/([\w-]+(?:\.[\w-]+)+)/i.exec(node.text)?.[1] : undefined;
  return host !== undefined && !inside.test(host);
}

/** Private addresses, names of a VPC or of a machine's own, and AWS, which endpoints can serve. */
const inside =
  /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.\d|\.(?:localhost|internal|local|amazonaws\.com(?:\.cn)?|api\.aws)$/i;

/** A custom resource's function answers through S3's public address, unless it has an endpoint for that. */
function answersCloudFormation(template: Template, network: Network, egress: FunctionEgress): boolean {
  if (egress.subnets.every(({ subnet }) => subnet !== undefined && hasS3Endpoint(network, subnet))) return false;
  return signsIn(template).answering.has(egress.fn.key);
}

/** Tells whether the subnet's route table leads to S3 through a gateway endpoint. */
function hasS3Endpoint(network: Network, subnet: Subnet): boolean {
  const choice = tableOf(network, subnet);
  if (choice.kind !== "explicit") return false;
  return [...network.endpoints.values()].some(
    ({ service, tables }) =>
      known(service)?.split(".").includes("s3") && tables.some((key) => known(key) === choice.table.key),
  );
}

/** A group of the function spells out web egress to everywhere, and no endpoint of the VPC explains it. */
function opensWeb(network: Network, egress: FunctionEgress): boolean {
  if (network.endpoints.size > 0) return false;
  return [443, 80].some((port) =>
    groupsOf(network, egress.fn, { direction: "egress", ports: { from: port, to: port } }).some(
      ({ inlineEgress, standaloneEgress }) =>
        [...(inlineEgress.is === "known" ? inlineEgress.value : []), ...standaloneEgress].some(({ peer, ports }) => {
          const range = known(ports);
          const everywhere = peer.kind === "ipv4" && known(peer.cidr) === "0.0.0.0/0";
          return everywhere && range !== undefined && range.from === port && range.to === port;
        }),
    ),
  );
}

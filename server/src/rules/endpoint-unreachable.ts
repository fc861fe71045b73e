import { offerIngress } from "../edit/endpoint-ingress";
import { appendToProperty, setProperty } from "../edit/resource";
import { namedOrigin } from "../edit/site";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import { type Endpoint, known, type LambdaFunction, type Origin } from "../network/model";
import { tableOf } from "../network/routes";
import {
  callsOf,
  closedToGateways,
  letsNobodyIn,
  type Serving,
  serviceName,
  serviceOf,
  servingFrom,
} from "../network/services";
import type { FunctionEgress, Hop } from "../network/verdict";
import { referencesIn } from "../template/dependency";
import { get } from "../template/syntax";
import type { DraftNote, Fix, Rule, World } from "./rule";

/** What keeps a function out of an endpoint, apart from what stops its calls on their way there. */
type Fault = Exclude<Serving, "serves" | "unknown" | "no-egress">;

export const endpointUnreachable: Rule = {
  id: "endpoint-unreachable",
  severity: "warning",
  group: "reach",
  ofServices: true,
  summary: "A VPC endpoint is there, but the function cannot use it",
  docs: `## What happens

Calls to an AWS service hang until they time out, although the VPC has an endpoint for that service.

A VPC endpoint leads from the VPC to one AWS service without the internet. There are two kinds, and each
has its own ways to be out of reach:

- A **gateway endpoint** (S3 and DynamoDB) adds a route to the route tables that its \`RouteTableIds\` lists,
  and to no others. Subnets with another table do not see it
  ([source](https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html)).
  The service keeps its public addresses, so the function's own security groups and its subnet's network ACL
  must let port 443 out to them, the groups perhaps by the service's prefix list alone.
- An **interface endpoint** (most other services) has addresses in your subnets, and security groups of its
  own. These must let port 443 in from the function's security group or subnets; an endpoint for which you
  name no group gets the VPC's default group, which lets in its own members only.
- The service's usual name leads to an interface endpoint only with \`PrivateDnsEnabled: true\`, and that
  can be deployed only in a VPC with \`EnableDnsHostnames: true\`, which is off unless you turn it on ([source](https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html)).

## How to fix it

List the function's route table in \`RouteTableIds\`; or let the function's own security group send to port
443; or add an ingress rule for tcp port 443 to the endpoint's security group, with the function's security
group as its source; or set \`PrivateDnsEnabled\` of the endpoint and \`EnableDnsHostnames\` of the VPC.

There is no quick fix where the function's own security group or a network ACL stops the calls: what it may reach is its
author's to say.

## When to silence it

When the endpoint is for others and the function never calls this service, although its role allows it; or
when the function calls the endpoint by its own name (\`vpce-….amazonaws.com\`).
`,
  bad: "endpoint-unreachable/no-ingress.yaml",
  good: "endpoint-unreachable/ingress-from-group.yaml",

  *check(world) {
    for (const egress of world.functions) {
      const { fn } = egress;
      for (const endpoint of world.network.endpoints.values()) {
        const service = serviceOf(endpoint);
        if (service === undefined) continue;
        const found = faultOf(world, egress, endpoint, service);
        if (found === undefined) continue;
        const name = serviceName(service);
        if (found.fault === "no-egress") {
          const { why, at, kind } = found.stop;
          yield {
            at: placeOfStop(world, fn, found.stop),
            message: message(
              "calls of {0} to {1} time out before they get to {2}: {3}",
              fn.key,
              name,
              endpoint.key,
              why,
            ),
            notes:
              at === undefined || kind !== "security-group"
                ? []
                : [{ at, message: message("this is what stops them") }],
            functions: [fn.key],
          };
          continue;
        }
        const { fault, tables } = found;
        yield {
          at: placeOf(world, endpoint, fault),
          message: words(endpoint, fault, name, tables),
          notes: notes(world, endpoint, fault),
          fixes: () => fixes(world, egress, endpoint, fault, tables),
          functions: [fn.key],
        };
      }
    }
  },
};

type Found =
  /** With the tables of the function's subnets that a gateway endpoint does not list. */
  | { readonly fault: Fault; readonly tables: readonly string[] }
  /** With the groups or the ACL that stop calls on their way to a gateway endpoint. */
  | { readonly fault: "no-egress"; readonly stop: Hop };

/** Returns what keeps the function from an endpoint that it needs, or that nobody could use. */
function faultOf(world: World, egress: FunctionEgress, endpoint: Endpoint, service: string): Found | undefined {
  const { network, template } = world;
  const { fn } = egress;
  const vpc = known(endpoint.vpc);
  const subnets = egress.subnets.filter(({ subnet }) => vpc !== undefined && subnet && known(subnet.vpc) === vpc);
  const servings = subnets.map(({ subnet, ipv4 }) => ({
    serving: subnet === undefined ? "unknown" : servingFrom(network, endpoint, fn, subnet),
    subnet,
    isCut: outcomeOf(ipv4.verdict) === "fails",
  }));
  const calls = callsOf(template, network, fn);
  const others = [...network.endpoints.values()].filter((other) => other !== endpoint && serviceOf(other) === service);
  const isServed = servings.every(({ subnet }) =>
    others.some((other) => subnet && ["serves", "unknown"].includes(servingFrom(network, other, fn, subnet))),
  );
  const needs =
    calls.services.has(service) ||
    (world.intent(egress) === "aws-services" && !calls.complete && isAlone(world, egress));
  const has = (fault: Fault): boolean => servings.some(({ serving }) => serving === fault);
  const isCut = servings.some(({ serving, isCut }) => isCut && serving !== "serves");
  if (has("no-dns-hostnames")) return { fault: "no-dns-hostnames", tables: [] };
  if (has("no-ingress") && (needs || letsNobodyIn(network, endpoint))) return { fault: "no-ingress", tables: [] };
  if (!needs || !isCut || isServed) return undefined;
  const names = referencesIn(template.resources.get(fn.key)?.properties);
  // A function that is given the endpoint calls it by its own name.
  if (has("no-private-dns") && !names.has(endpoint.key)) return { fault: "no-private-dns", tables: [] };
  const stop = servings
    .flatMap(({ serving, subnet }) =>
      serving === "no-egress" && subnet ? (closedToGateways(network, fn, subnet) ?? []) : [],
    )
    .at(0);
  if (stop !== undefined) return { fault: "no-egress", stop };
  if (!has("table-not-listed")) return undefined;
  const tables = servings.flatMap(({ serving, subnet, isCut }) => {
    const choice = subnet === undefined ? undefined : tableOf(network, subnet);
    return isCut && serving === "table-not-listed" && choice?.kind === "explicit" ? [choice.table.key] : [];
  });
  return tables.length === 0 ? undefined : { fault: "table-not-listed", tables: [...new Set(tables)] };
}

/** Where nothing tells which services are called, an endpoint is missed only if no other one serves. */
function isAlone({ network }: World, { fn, subnets }: FunctionEgress): boolean {
  return !subnets.some(
    ({ subnet }) =>
      subnet !== undefined &&
      [...network.endpoints.values()].some((endpoint) =>
        ["serves", "unknown"].includes(servingFrom(network, endpoint, fn, subnet)),
      ),
  );
}

function placeOf({ template }: World, endpoint: Endpoint, fault: Fault): Origin {
  const property = {
    "table-not-listed": "RouteTableIds",
    "no-ingress": "SecurityGroupIds",
    "no-private-dns": "PrivateDnsEnabled",
    "no-dns-hostnames": "PrivateDnsEnabled",
  }[fault];
  const node = get(template.resources.get(endpoint.key)?.properties, property);
  return node === undefined ? endpoint.at : { kind: "text", node };
}

/** What stops calls on their way belongs to the function, an ACL to its subnet. */
function placeOfStop({ document }: World, fn: LambdaFunction, { kind, at }: Hop): Origin {
  const groups = known(fn.vpcConfig)?.groups;
  if (kind === "security-group" && groups?.is === "known") return namedOrigin(document, groups.at);
  return at ?? fn.at;
}

function words({ key, groups }: Endpoint, fault: Fault, service: string, tables: readonly string[]): Message {
  switch (fault) {
    case "table-not-listed":
      return message(
        "{0} does not list {1}, so calls to {2} from its subnets time out",
        key,
        tables.join(", "),
        service,
      );
    case "no-ingress":
      return groups.is === "absent"
        ? message(
            "{0} wears the VPC's default security group, which lets in its own members only: calls to {1} time out",
            key,
            service,
          )
        : message(
            "the security groups of {0} do not let the function in on port 443, so calls to {1} time out",
            key,
            service,
          );
    case "no-private-dns":
      return message(
        "{0} has no private DNS, so the usual name of {1} leads past it to the internet and calls time out",
        key,
        service,
      );
    case "no-dns-hostnames":
      return message("{0} cannot be deployed: its private DNS needs a VPC with EnableDnsHostnames", key);
  }
}

function notes({ network }: World, endpoint: Endpoint, fault: Fault): DraftNote[] {
  if (fault === "no-dns-hostnames") {
    const vpc = network.vpcs.get(known(endpoint.vpc) ?? "");
    const off = vpc?.dnsHostnames;
    if (off?.is === "known") return [{ at: off.at, message: message("EnableDnsHostnames is off here") }];
    return vpc === undefined
      ? []
      : [{ at: vpc.at, message: message("EnableDnsHostnames is off unless it is turned on") }];
  }
  if (fault !== "no-ingress" || endpoint.groups.is !== "known") return [];
  return endpoint.groups.value.flatMap((key): DraftNote[] => {
    const group = network.groups.get(known(key) ?? "");
    return group === undefined ? [] : [{ at: group.at, message: message("no ingress rule of this group fits") }];
  });
}

function fixes(
  { document, template }: World,
  { fn }: FunctionEgress,
  endpoint: Endpoint,
  fault: Fault,
  tables: readonly string[],
): Fix[] {
  const resource = template.resources.get(endpoint.key);
  if (resource === undefined) return [];
  switch (fault) {
    case "table-not-listed": {
      const refs = tables.map((table) => ({ Ref: table }));
      const edits = appendToProperty(document, resource, ["RouteTableIds"], refs);
      return [{ title: message("List {0} in {1}", tables.join(", "), endpoint.key), safe: true, edits }];
    }
    case "no-private-dns": {
      const edits = setProperty(document, resource, ["PrivateDnsEnabled"], true);
      return [{ title: message("Turn on private DNS of {0}", endpoint.key), safe: false, edits }];
    }
    case "no-dns-hostnames": {
      const vpc = template.resources.get(known(endpoint.vpc) ?? "");
      if (vpc === undefined) return [];
      const edits = setProperty(document, vpc, ["EnableDnsHostnames"], true);
      return [{ title: message("Turn on EnableDnsHostnames of {0}", vpc.id), safe: true, edits }];
    }
    case "no-ingress": {
      const [source] = known(known(fn.vpcConfig)?.groups ?? { is: "absent" }) ?? [];
      const key = source === undefined ? undefined : known(source.key);
      return key === undefined || !template.resources.has(key) ? [] : offerIngress(document, template, endpoint, key);
    }
  }
}

import { addResources, appendToProperty, freshId } from "../edit/resource";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import { type Endpoint, known, type Network, type RouteTable, type Vpc } from "../network/model";
import { tableOf } from "../network/routes";
import { callsOf, closedToGateways, gatewayServices, serviceName, serviceOf, servingFrom } from "../network/services";
import { namesIn } from "../network/slice";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import { get } from "../template/syntax";
import type { DraftNote, Fix, Rule, Severity, World } from "./rule";

export const endpointWouldSuffice: Rule = {
  id: "endpoint-would-suffice",
  severity: "information",
  group: "reach",
  ofServices: true,
  summary: "A VPC endpoint would do in place of a way to the internet",
  docs: `## What happens

Calls from the function to S3 or DynamoDB hang until they time out: its subnet has no way to the internet,
where these services have their addresses, and no way around it either.

There is such a way. A *gateway endpoint* adds a route to S3 or DynamoDB to the route tables that it lists,
and it [costs nothing](https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html). As far as
the function's role shows, it calls nothing else, or the VPC has such an endpoint already, for other tables.

Where the function is expected to reach AWS services (\`Expect: aws-services\`) and no endpoint of its VPC
serves what it calls, this is a warning.

## How to fix it

Add an \`AWS::EC2::VPCEndpoint\` with \`VpcEndpointType: Gateway\`, the service's name and the function's route
table in \`RouteTableIds\`; or list the table in the endpoint that is there. Other services need an endpoint
with \`VpcEndpointType: Interface\`, which is paid by the hour but is still cheaper than a NAT gateway.

Interface endpoints have no quick fix here, as they take subnets and a security group too: take *Create the NAT topology
for …* at the function, which offers endpoints as well.

## When to silence it

When the function calls none of these services, although its role allows it.
`,
  bad: "endpoint-would-suffice/s3-only.yaml",
  good: "endpoint-would-suffice/gateway-endpoint.yaml",

  *check(world) {
    if (world.network.gaps.length > 0) return;
    for (const egress of world.functions) {
      for (const one of egress.subnets) {
        const found = offer(world, egress, one);
        if (found === undefined) continue;
        yield {
          at: one.reference.at,
          severity: found.severity,
          message: found.message,
          notes: found.notes,
          fixes: () => found.fixes(),
          functions: [egress.fn.key],
        };
      }
    }
  },
};

interface Offer {
  readonly severity: Severity;
  readonly message: Message;
  readonly notes: readonly DraftNote[];
  readonly fixes: () => Fix[];
}

function offer(world: World, egress: FunctionEgress, { subnet, reference, ipv4 }: SubnetEgress): Offer | undefined {
  const { network } = world;
  const { fn } = egress;
  if (outcomeOf(ipv4.verdict) !== "fails") return undefined;
  const vpc = network.vpcs.get(subnet === undefined ? "" : (known(subnet.vpc) ?? ""));
  if (subnet === undefined || vpc === undefined || vpc.external || isShared(world, vpc)) return undefined;
  const expects = world.intent(egress) === "aws-services";
  const isCut = expects || ipv4.verdict === "isolated";
  const choice = tableOf(network, subnet);
  if (!isCut || choice.kind !== "explicit") return undefined;
  const { table } = choice;
  const calls = callsOf(world.template, network, fn);
  const endpoints = endpointsOf(network, vpc);
  const servings = endpoints.map((endpoint) => ({ endpoint, serving: servingFrom(network, endpoint, fn, subnet) }));
  const isThere = (service: string): boolean => endpoints.some((endpoint) => serviceOf(endpoint) === service);
  const absent = [...calls.services].filter((service) => !isThere(service));
  const shown = absent.map((service) => serviceName(service)).join(", ");
  const byGateway = absent.length > 0 && absent.every((service) => gatewayServices.has(service));
  const fixes = (): Fix[] => (byGateway ? gatewayFixes(world, vpc, table, absent) : []);
  if (expects && absent.length > 0) {
    const words = message(
      "{0} is expected to reach AWS services, but no VPC endpoint leads from {1} to {2}, so calls time out",
      fn.key,
      reference.ref,
      shown,
    );
    return { severity: "warning", message: words, notes: [], fixes };
  }
  if (expects && endpoints.length === 0 && !calls.complete) {
    const words = message(
      "{0} is expected to reach AWS services, but {1} has neither VPC endpoints nor a way to the internet, so calls time out",
      fn.key,
      vpc.key,
    );
    return { severity: "warning", message: words, notes: [], fixes };
  }
  // No endpoint would do where the function's own groups or its subnet's ACL let nothing out to it.
  if (closedToGateways(network, fn, subnet) !== undefined) return undefined;
  if (byGateway && calls.complete && absent.length === calls.services.size) {
    const words = message(
      "as far as its role shows, {0} calls {1} only: a gateway endpoint on {2} is enough, without a way to the internet",
      fn.key,
      shown,
      table.key,
    );
    return { severity: "information", message: words, notes: [], fixes };
  }
  // Where the function is known to call the service, endpoint-unreachable speaks of the endpoint itself.
  const unlisted = servings.find(({ serving }) => serving === "table-not-listed")?.endpoint;
  if (unlisted === undefined || calls.complete || expects) return undefined;
  const service = serviceOf(unlisted) ?? "";
  const isServed = servings.some(({ endpoint, serving }) => serviceOf(endpoint) === service && serving === "serves");
  if (isServed || calls.services.has(service)) return undefined;
  return {
    severity: "information",
    message: message(
      "{0} reaches {1} from {2} without the internet once {3} lists {4}",
      fn.key,
      serviceName(service),
      reference.ref,
      unlisted.key,
      table.key,
    ),
    notes: [{ at: unlisted.at, message: message("this endpoint leads to {0}", serviceName(service)) }],
    fixes: () => listFixes(world, unlisted, table),
  };
}

function endpointsOf(network: Network, vpc: Vpc): readonly Endpoint[] {
  return [...network.endpoints.values()].filter((endpoint) => known(endpoint.vpc) === vpc.key);
}

/** Another stack that is given the VPC may have endpoints in it. */
function isShared({ template }: World, { key }: Vpc): boolean {
  const names = new Set<string>();
  for (const output of template.outputs.values()) namesIn(get(output, "Value"), names);
  return names.has(key);
}

function gatewayFixes(world: World, vpc: Vpc, table: RouteTable, services: readonly string[]): Fix[] {
  if (table.external || !world.template.resources.has(vpc.key)) return [];
  const taken = new Set<string>();
  const endpoints = Object.fromEntries(
    services.map((service) => {
      const id = freshId(world.template, `${serviceName(service)}Endpoint`, taken);
      taken.add(id);
      const properties = {
        VpcId: { Ref: vpc.key },
        VpcEndpointType: "Gateway",
        ServiceName: { "Fn::Sub": `com.amazonaws.\${AWS::Region}.${service}` },
        RouteTableIds: [{ Ref: table.key }],
      };
      return [id, { Type: "AWS::EC2::VPCEndpoint", Properties: properties }];
    }),
  );
  const names = services.map((service) => serviceName(service)).join(", ");
  return [
    {
      title: message("Add a gateway endpoint for {0}, which costs nothing", names),
      safe: false,
      edits: addResources(world.document, world.template, endpoints, table.key),
    },
  ];
}

function listFixes({ document, template }: World, endpoint: Endpoint, table: RouteTable): Fix[] {
  const resource = template.resources.get(endpoint.key);
  if (resource === undefined || table.external) return [];
  const edits = appendToProperty(document, resource, ["RouteTableIds"], [{ Ref: table.key }]);
  return [{ title: message("List {0} in {1}", table.key, endpoint.key), safe: true, edits }];
}

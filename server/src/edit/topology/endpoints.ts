/** The way to AWS services that is none to the internet: VPC endpoints for what the function calls. */
import { type Endpoint, known, knownOr } from "../../network/model";
import { callsOf, gatewayServices, serviceName, serviceOf } from "../../network/services";
import { get } from "../../template/syntax";
import { setKey } from "../insert";
import { appendToProperty, setProperty } from "../resource";
import * as body from "./bodies";
import { add, type Plan, rangeOf } from "./plan";
import { ensureTable, type Place, type PlannedTable } from "./routing";
import { idleTable } from "./subnets";

/** Returns the services that the function calls, as far as its role shows; undefined where that is not clear. */
export function endpointsFor({ template, network, egress }: Plan): readonly string[] | undefined {
  const { services, complete } = callsOf(template, network, egress.fn);
  const known = [...services].filter((service) => names[service] !== undefined);
  return complete && known.length > 0 && known.length === services.size ? known.sort() : undefined;
}

/** Lets each place reach the services, and says that nothing else is expected of the function. */
export function throughEndpoints(plan: Plan, places: readonly Place[], services: readonly string[]): void {
  const byGateway = services.filter((service) => gatewayServices.has(service));
  const byInterface = services.filter((service) => !gatewayServices.has(service));
  if (byGateway.length > 0) viaTables(plan, places, byGateway);
  if (byInterface.length > 0) viaInterfaces(plan, places, byInterface);
  expectServices(plan);
}

/** An endpoint for S3 or DynamoDB puts its route into the tables that it lists. */
function viaTables(plan: Plan, places: readonly Place[], services: readonly string[]): void {
  const tables: PlannedTable[] = [];
  for (const one of places)
    tables.push(ensureTable(plan, one, "PrivateRouteTable", newTable(tables) ?? idleTable(plan)));
  const ids = [...new Set(tables.map(({ id }) => id))];
  for (const service of services) {
    const existing = endpointFor(plan, service, "Gateway");
    if (existing === undefined) {
      add(plan, `${serviceName(service)}Endpoint`, body.gatewayEndpoint(plan.vpc.id, service, ids));
      continue;
    }
    const listed = existing.tables.map(known);
    const missing = ids.filter((id) => !listed.includes(id)).map(body.ref);
    const resource = plan.template.resources.get(existing.key);
    if (resource !== undefined) {
      plan.edits.push(...appendToProperty(plan.document, resource, ["RouteTableIds"], missing));
    }
  }
}

function newTable(tables: readonly PlannedTable[]): PlannedTable | undefined {
  return tables.find(({ existing }) => existing === undefined);
}

/** Other endpoints are interfaces in the subnets; with private DNS the service's usual name leads to them. */
function viaInterfaces(plan: Plan, places: readonly Place[], services: readonly string[]): void {
  const { vpc, document, template } = plan;
  const owner = template.resources.get(vpc.id);
  for (const name of ["EnableDnsSupport", "EnableDnsHostnames"]) {
    const isOn =
      vpc.existing === undefined || knownOr(vpc.existing[dnsFacts[name] ?? "dnsSupport"], name === "EnableDnsSupport");
    if (owner !== undefined && isOn !== true) plan.edits.push(...setProperty(document, owner, [name], true));
  }
  let group: string | undefined;
  for (const service of services) {
    // One that is there but does not serve has a finding, and a fix, of its own.
    if (endpointFor(plan, service, "Interface") !== undefined) continue;
    group ??= add(plan, "EndpointSecurityGroup", body.endpointGroup(vpc.id, rangeOf(plan)));
    const name = names[service] ?? service;
    const subnets = onePerZone(places).map(({ id }) => id);
    add(plan, `${idOf(service)}Endpoint`, body.interfaceEndpoint(vpc.id, name, subnets, group));
  }
}

const dnsFacts: Readonly<Record<string, "dnsSupport" | "dnsHostnames">> = {
  EnableDnsSupport: "dnsSupport",
  EnableDnsHostnames: "dnsHostnames",
};

/** An endpoint may have one interface in each zone. */
function onePerZone(places: readonly Place[]): Place[] {
  const zones = new Set<string>();
  return places.filter(({ subnet }) => {
    const zone = subnet === undefined ? undefined : known(subnet.zone);
    return zone === undefined || (!zones.has(zone) && zones.add(zone) !== undefined);
  });
}

function endpointFor({ network, vpc }: Plan, service: string, type: string): Endpoint | undefined {
  return [...network.endpoints.values()].find(
    (one) => known(one.vpc) === vpc.key && serviceOf(one) === service && knownOr(one.type, "Gateway") === type,
  );
}

function expectServices({ document, resource, edits }: Plan): void {
  const value = "aws-services";
  const metadata = get(resource.node, "Metadata");
  const own = get(metadata, "LambdaEgress");
  if (get(own, "Expect")?.kind === "scalar" && JSON.stringify(get(own, "Expect")).includes(`"text":"${value}"`)) return;
  if (own?.kind === "map") edits.push(...setKey(document, own, "Expect", value));
  else if (metadata?.kind === "map") edits.push(...setKey(document, metadata, "LambdaEgress", { Expect: value }));
  else edits.push(...setKey(document, resource.node, "Metadata", { LambdaEgress: { Expect: value } }));
}

function idOf(service: string): string {
  const name = serviceName(service);
  return name.slice(0, 1).toUpperCase() + name.slice(1).replace(/[^A-Za-z0-9]/g, "");
}

/**
 * Services by their prefix in IAM, with the name of their endpoint
 * (https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html).
 */
const names: Readonly<Record<string, string>> = {
  s3: "s3",
  dynamodb: "dynamodb",
  athena: "athena",
  cloudwatch: "monitoring",
  events: "events",
  firehose: "kinesis-firehose",
  glue: "glue",
  kinesis: "kinesis-streams",
  kms: "kms",
  lambda: "lambda",
  logs: "logs",
  secretsmanager: "secretsmanager",
  sns: "sns",
  sqs: "sqs",
  ssm: "ssm",
  states: "states",
  sts: "sts",
};

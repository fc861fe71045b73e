/**
 * Which AWS services a function calls, as far as its execution role shows, and whether a VPC endpoint
 * carries such calls from a subnet.
 */
import { get, type Node } from "../template/syntax";
import type { Template } from "../template/template";
import { passAcl } from "./acl-legs";
import { allAddresses, cidrSet, parseCidr, publicSpace } from "./address-space";
import { groupKeys, groupOf, passGroups } from "./group-check";
import {
  type AttachedPolicy,
  type Endpoint,
  known,
  knownOr,
  type LambdaFunction,
  type Network,
  type SecurityGroup,
  type Subnet,
} from "./model";
import { tableOf } from "./routes";
import { askIngress } from "./security-group";
import { createTrail } from "./trail";
import type { Hop } from "./verdict";

export interface Calls {
  /** Service prefixes as IAM writes them: `s3`, `dynamodb`, `sqs`. */
  readonly services: ReadonlySet<string>;
  /** False where the role may allow more than is seen. */
  readonly complete: boolean;
}

/** Returns the services that the function's role lets its code call, without those that Lambda itself calls for it. */
export function callsOf(template: Template, network: Network, fn: LambdaFunction): Calls {
  const role = network.roles.get(known(fn.role)?.key ?? "");
  if (role === undefined || role.external || role.gaps.length > 0) return { services: new Set(), complete: false };
  const calls = role.policies.map(callsOfPolicy);
  if (role.generated) calls.push(...templatesOf(get(template.resources.get(fn.key)?.properties, "Policies")));
  return {
    services: new Set(calls.flatMap(({ services }) => [...services])),
    complete: calls.every(({ complete }) => complete),
  };
}

/** Returns the IAM prefix of the service behind an endpoint; undefined where the name is not known. */
export function serviceOf({ service }: Endpoint): string | undefined {
  const name = known(service);
  if (name === undefined || name === "" || name.includes("$")) return undefined;
  return prefixes[name] ?? name.split(".", 1)[0]?.replace(/-(?:agent-)?runtime$/, "");
}

/** How an endpoint stands to calls from a subnet: it carries them, or what keeps it from doing so. */
export type Serving =
  | "serves"
  | "table-not-listed"
  | "no-egress"
  | "no-ingress"
  | "no-private-dns"
  | "no-dns-hostnames"
  | "unknown";

/** The services that gateway endpoints lead to, which cost nothing. */
export const gatewayServices: ReadonlySet<string> = new Set(["s3", "dynamodb"]);

/** Returns a service's name as people write it. */
export function serviceName(service: string): string {
  return (
    { s3: "S3", dynamodb: "DynamoDB", sqs: "SQS", sns: "SNS", kms: "KMS", ssm: "SSM", sts: "STS" }[service] ?? service
  );
}

/** Returns whether an endpoint of the subnet's VPC carries the function's calls to its service from there. */
export function servingFrom(network: Network, endpoint: Endpoint, fn: LambdaFunction, subnet: Subnet): Serving {
  switch (knownOr(endpoint.type, "Gateway")) {
    case "Gateway":
      return gatewayServes(network, endpoint, fn, subnet);
    case "Interface":
      return interfaceServes(network, endpoint, fn, subnet);
    default:
      return "unknown";
  }
}

/**
 * Returns the security groups or the ACL that certainly let no HTTPS out to a service behind a gateway endpoint;
 * undefined where none does. Such a service keeps its public addresses, and a group of which an AWS prefix list is
 * the destination may let them out (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html).
 */
export function closedToGateways(network: Network, fn: LambdaFunction, subnet: Subnet): Hop | undefined {
  const [ofGroups, ofAcl] = [createTrail("ipv4"), createTrail("ipv4")];
  const question = { addresses: publicSpace("ipv4"), port: 443 };
  const groups = known(fn.vpcConfig)?.groups;
  const stopped =
    groups !== undefined && passGroups(ofGroups, network, groups, question) === "failed"
      ? ofGroups
      : passAcl(ofAcl, network, subnet, [1, 6], question, subnet) === "failed"
        ? ofAcl
        : undefined;
  return stopped?.hops.find(({ status }) => status === "failed");
}

/** A gateway endpoint adds its route to the tables that it lists, and to no others. */
function gatewayServes(network: Network, { tables }: Endpoint, fn: LambdaFunction, subnet: Subnet): Serving {
  const choice = tableOf(network, subnet);
  if (choice.kind !== "explicit" || choice.table.external) return "unknown";
  const keys = tables.map(known);
  if (keys.includes(choice.table.key)) {
    return closedToGateways(network, fn, subnet) === undefined ? "serves" : "no-egress";
  }
  // What comes from outside, such as `param:Tables`, may hold the table's id.
  const isOther = (key: string | undefined): boolean =>
    key !== undefined && (!key.includes(":") || key.startsWith("literal:"));
  return keys.every(isOther) ? "table-not-listed" : "unknown";
}

/**
 * Private DNS makes the service's usual name lead to the endpoint, and needs both DNS attributes of the VPC;
 * that EnableDnsSupport is off is a fault of its own
 * (https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html).
 */
function interfaceServes(network: Network, endpoint: Endpoint, fn: LambdaFunction, subnet: Subnet): Serving {
  const privateDns = knownOr(endpoint.privateDns, false);
  const vpc = network.vpcs.get(known(endpoint.vpc) ?? "");
  if (privateDns === undefined || vpc === undefined) return "unknown";
  if (privateDns && !vpc.external && knownOr(vpc.dnsHostnames, false) === false) return "no-dns-hostnames";
  if (letsIn(network, endpoint, fn, subnet) === false) return "no-ingress";
  return privateDns ? "serves" : "no-private-dns";
}

/** Tells whether the endpoint's groups let the function in on port 443; undefined where that is not known. */
function letsIn(network: Network, endpoint: Endpoint, fn: LambdaFunction, subnet: Subnet): boolean | undefined {
  const cidr = parseCidr(known(subnet.cidr) ?? "");
  const from = cidr === undefined ? undefined : cidrSet(cidr);
  return answers(network, endpoint, { from, groups: groupKeys(fn) });
}

/** Tells whether the endpoint's groups let nobody in at all on port 443, whoever asks. */
export function letsNobodyIn(network: Network, endpoint: Endpoint): boolean {
  return answers(network, endpoint, { from: allAddresses("ipv4"), groups: undefined }) === false;
}

function answers(
  network: Network,
  endpoint: Endpoint,
  source: Pick<Parameters<typeof askIngress>[1], "from" | "groups">,
): boolean | undefined {
  const groups = groupsOf(network, endpoint);
  // Another stack may add rules to a group whose id it is given.
  if (groups === undefined || groups.some((group) => group === undefined || group.exported)) return undefined;
  const { allowed } = askIngress(groups, { family: "ipv4", port: 443, ...source }, network.prefixLists);
  return allowed === "unknown" ? undefined : allowed !== "none";
}

/** An endpoint without groups wears the VPC's default group. */
function groupsOf(network: Network, endpoint: Endpoint): readonly (SecurityGroup | undefined)[] | undefined {
  const { groups, vpc, at } = endpoint;
  if (groups.is === "unknown") return undefined;
  if (groups.is === "absent" || groups.value.length === 0) {
    return [groupOf(network, `${known(vpc) ?? ""}.DefaultSecurityGroup`, at)];
  }
  const traffic = { direction: "ingress", ports: { from: 443, to: 443 } } as const;
  return groups.value.map((key) => (key.is === "known" ? groupOf(network, key.value, key.at, traffic) : undefined));
}

function callsOfPolicy(policy: AttachedPolicy): Calls {
  if (policy.kind === "managed") {
    const name = policy.suffix?.slice(policy.suffix.lastIndexOf("/") + 1);
    const service = managed.find(([pattern]) => name !== undefined && pattern.test(name));
    return { services: new Set(service?.[1]), complete: service !== undefined };
  }
  const services = new Set<string>();
  let complete = true;
  const statements = known(policy.statements)?.filter(({ effect }) => known(effect) !== "Deny");
  for (const { actions, actionsInverted } of statements ?? []) {
    if (actions.is !== "known" || actionsInverted) complete = false;
    for (const action of actions.is === "known" && !actionsInverted ? actions.value : []) {
      const [, service] = /^([\w-]+):/.exec(action.toLowerCase()) ?? [];
      if (service === undefined) complete = false;
      else if (!isLambdasOwn(action.toLowerCase())) services.add(service);
    }
  }
  return { services, complete: complete && statements !== undefined };
}

/** SAM's policy templates, by the service in their names (AWS SAM developer guide, policy template list). */
function templatesOf(policies: Node | undefined): Calls[] {
  const items = policies?.kind === "list" ? policies.items : policies === undefined ? [] : [policies];
  return items.flatMap((item): Calls[] => {
    if (item.kind !== "map" || get(item, "Statement") !== undefined) return [];
    return item.entries.map(({ key }) => {
      const service = samTemplates.find(([pattern]) => pattern.test(key.text));
      return { services: new Set(service?.[1]), complete: service !== undefined };
    });
  });
}

/**
 * Calls that Lambda makes in the role's name, outside the VPC: logs and traces, network interfaces, and
 * reading from the queues and streams that trigger the function.
 */
function isLambdasOwn(action: string): boolean {
  return (
    /^(?:logs|xray|ec2|kafka|kafka-cluster):/.test(action) ||
    /^sqs:(?:receivemessage|deletemessage|getqueueattributes|changemessagevisibility)$/.test(action) ||
    /^(?:dynamodb|kinesis):(?:getrecords|getsharditerator|describestream|describestreamsummary|liststreams|listshards|subscribetoshard)$/.test(
      action,
    )
  );
}

const managed: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^AmazonS3/, ["s3"]],
  [/^AmazonDynamoDB/, ["dynamodb"]],
  [/^AWSLambda(?:Basic|VPCAccess|SQSQueue|Kinesis|DynamoDB|MSK)ExecutionRole$/, []],
  [/^(?:AWSLambdaENIManagementAccess|AWSXRayDaemonWriteAccess)$/, []],
];

const samTemplates: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^S3/, ["s3"]],
  [/^DynamoDBStream/, []],
  [/^DynamoDB/, ["dynamodb"]],
  [/^(?:VPCAccess|SQSPoller|KinesisStreamRead)Policy$/, []],
  [/^SQS/, ["sqs"]],
  [/^SNS/, ["sns"]],
  [/^SSM/, ["ssm"]],
  [/^KMS/, ["kms"]],
  [/^Lambda/, ["lambda"]],
  [/^AWSSecretsManager/, ["secretsmanager"]],
  [/^StepFunctions/, ["states"]],
  [/^EventBridge/, ["events"]],
];

/** Endpoint names that differ from the service's prefix in IAM. */
const prefixes: Readonly<Record<string, string>> = {
  monitoring: "cloudwatch",
  "kinesis-streams": "kinesis",
  "kinesis-firehose": "firehose",
  "sync-states": "states",
  "git-codecommit": "codecommit",
  "email-smtp": "ses",
  "dynamodb-streams": "dynamodb",
};

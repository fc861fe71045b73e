import { addDependsOn, addResources, freshId } from "../edit/resource";
import { message } from "../message";
import { badSubnets, egressOf, outcomeOf } from "../network/egress";
import {
  type Endpoint,
  known,
  knownOr,
  type LambdaFunction,
  type Network,
  type Origin,
  type Subnet,
} from "../network/model";
import { tableOf } from "../network/routes";
import { closedToGateways } from "../network/services";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import { referencesIn, waitsFor } from "../template/dependency";
import { entry } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Draft, DraftNote, Fix, Rule, World } from "./rule";

export const customResourceCannotRespond: Rule = {
  id: "custom-resource-cannot-respond",
  severity: "error",
  group: "deploy",
  summary: "The function of a custom resource cannot tell CloudFormation that it is done",
  docs: `## What happens

The stack stands still for an hour, then fails, and its deletion stands still in the same way.

CloudFormation calls the function of a *custom resource* and waits for its answer. The function answers by
a request to an address in Amazon S3
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html)),
and in a VPC without a way to S3 that request never arrives. The function itself may well have done its
work.

The same happens where the way exists in the template but is made too late: CloudFormation calls the
function as soon as the function is there, perhaps before the route to the NAT gateway is, and on deletion
perhaps after that route is gone.

## How to fix it

Give the function's subnets a way to S3: a route to a NAT gateway, or a gateway endpoint for S3, which
costs nothing. An endpoint with a policy must admit the buckets
\`cloudformation-custom-resource-response-REGION\`
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html)). Or take
the function out of the VPC, if it needs nothing there.

Where the way exists, let the custom resource wait for it: name the route and the subnet's route table
association in its \`DependsOn\`.

There is no quick fix where the route or the association itself waits for the custom resource: undo that circle first.

## When to silence it

When the function does not answer itself, but hands the answer's address to something that can reach S3.
`,
  bad: "custom-resource-cannot-respond/isolated.yaml",
  good: "custom-resource-cannot-respond/s3-endpoint.yaml",

  *check(world) {
    for (const fn of world.functions) {
      if (fn.subnets.length === 0) continue;
      for (const resource of customResourcesOf(world, fn.fn.key)) {
        const token = entry(resource.properties, "ServiceToken")?.value;
        if (token === undefined || world.whole().missing.has(resource.id)) continue;
        const at: Origin = { kind: "text", node: token };
        // The answer goes to Amazon S3, whatever else the person has asked about.
        const draft = noWay(world, egressOf(world.network, fn.fn), resource) ?? noWait(world, fn, resource);
        if (draft !== undefined) yield { at, functions: [fn.fn.key], ...draft };
      }
    }
  },
};

/** The custom resources that call a function itself, by its ARN or by one of its versions or aliases. */
function customResourcesOf({ customResources }: World, key: string): Resource[] {
  return customResources.filter(({ properties }) => referencesIn(entry(properties, "ServiceToken")?.value).has(key));
}

/** Where only some subnets reach the internet, that is a fault of its own, and of greater reach. */
function noWay(world: World, fn: FunctionEgress, resource: Resource): Omit<Draft, "at"> | undefined {
  const { network } = world;
  if (badSubnets(fn).length > 0 || network.gaps.length > 0) return undefined;
  const mute = fn.subnets.filter(
    ({ subnet, ipv4 }) =>
      outcomeOf(ipv4.verdict) === "fails" && subnet !== undefined && !mayReachS3(network, fn.fn, subnet),
  );
  if (mute.length === 0) return undefined;
  return {
    message: message(
      "{0} never gets an answer: {1} reaches neither the internet nor Amazon S3 from {2}, so the stack stands still for an hour and fails",
      resource.id,
      fn.fn.key,
      mute.map(({ reference }) => reference.ref).join(", "),
    ),
    notes: mute.flatMap(({ reference, ipv4 }): DraftNote[] => {
      const failed = ipv4.hops.find(({ status, at }) => status === "failed" && at !== undefined);
      const note = { at: reference.at, message: message("no answer gets out of here") };
      return failed?.at === undefined ? [note] : [note, { at: failed.at, message: failed.why }];
    }),
    fixes: () => endpointFix(world, fn, resource),
  };
}

/** Tells whether the subnet has, or may have unseen, a way to S3 that is not the internet. */
function mayReachS3(network: Network, fn: LambdaFunction, subnet: Subnet): boolean {
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") return true;
  const endpoints = [...network.endpoints.values()].filter(
    ({ service }) => service.is !== "known" || isS3(service.value),
  );
  if (choice.kind === "main") return endpoints.some(isInterface);
  const { table } = choice;
  if (table.exported || table.external) return true;
  const isOpen = closedToGateways(network, fn, subnet) === undefined;
  return endpoints.some(
    (endpoint) =>
      isInterface(endpoint) || (isOpen && endpoint.tables.some((key) => key.is !== "known" || key.value === table.key)),
  );
}

function isS3(service: string): boolean {
  return service.split(".").includes("s3");
}

/** An interface endpoint serves the VPC by its private names, which need not be asked about here. */
function isInterface({ type }: Endpoint): boolean {
  return knownOr(type, "Gateway")?.toLowerCase() !== "gateway";
}

/** What is made in the template on the way out, and neither refers to the custom resource nor is waited for by it. */
function noWait(world: World, fn: FunctionEgress, resource: Resource): Omit<Draft, "at"> | undefined {
  const { template, network, document } = world;
  const open = fn.subnets.filter(({ subnet, ipv4 }) => {
    return subnet !== undefined && outcomeOf(ipv4.verdict) === "reaches" && !isServedByS3(network, subnet);
  });
  const late = [...new Set(open.flatMap((egress) => wayOf(network, egress)))].filter(
    (id) => isMadeHere(template, id) && !waitsFor(template, resource.id, new Set([id])),
  );
  // A route waits for its NAT gateway, so whoever waits for the route waits for both.
  const missing = late.filter((id) => !late.some((other) => other !== id && waitsFor(template, other, new Set([id]))));
  const [first] = open;
  if (missing.length === 0 || first === undefined) return undefined;
  const circular = missing.some((id) => waitsFor(template, id, new Set([resource.id])));
  return {
    severity: "warning",
    message: message(
      "{0} does not wait for {1}: CloudFormation may call {2} before it reaches the internet, and then the stack stands still for an hour",
      resource.id,
      missing.join(", "),
      fn.fn.key,
    ),
    notes: [
      ...missing.flatMap((id): DraftNote[] => {
        const node = template.resources.get(id)?.at;
        return node === undefined
          ? []
          : [{ at: { kind: "text", node }, message: message("the answer takes this way, which may not be there yet") }];
      }),
      ...publicRoute(first),
    ],
    fixes: () =>
      circular
        ? []
        : [
            {
              title: message("Let {0} wait for {1}", resource.id, missing.join(", ")),
              safe: true,
              edits: addDependsOn(document, resource, missing),
            },
          ],
  };
}

/** Another stack is done before this one has anything from it. */
function isMadeHere({ resources }: Template, id: string): boolean {
  const resource = resources.get(id);
  return resource !== undefined && resource.at.block.file === undefined;
}

function isServedByS3(network: Network, subnet: Subnet): boolean {
  const choice = tableOf(network, subnet);
  if (choice.kind !== "explicit") return false;
  return [...network.endpoints.values()].some(
    ({ service, tables }) =>
      service.is === "known" && isS3(service.value) && tables.some((key) => known(key) === choice.table.key),
  );
}

/** The resources by which a subnet's traffic leaves it: its association, the routes that are taken, what they lead to. */
function wayOf(network: Network, { subnet, ipv4 }: SubnetEgress): string[] {
  const choice = subnet === undefined ? undefined : tableOf(network, subnet);
  if (choice?.kind !== "explicit") return [];
  const taken = new Set(
    ipv4.hops.flatMap(({ kind, status, id }) => (kind === "route" && status === "passed" ? [id] : [])),
  );
  const routes = choice.table.routes.filter(({ key }) => taken.has(key));
  const targets = routes.flatMap((route) => route.targets.flatMap(({ key }) => known(key) ?? []));
  const association = choice.association.at;
  const own = association.kind === "text" && association.node.kind === "scalar" ? [association.node.text] : [];
  return [...routes.map(({ key }) => key), ...own, ...targets];
}

/** The NAT gateway's own way out is worth a look too, but most often something else has it made in time. */
function publicRoute({ ipv4 }: SubnetEgress): DraftNote[] {
  const [, last] = ipv4.hops.filter(
    ({ kind, status, at }) => kind === "route" && status === "passed" && at !== undefined,
  );
  if (last?.at === undefined) return [];
  return [{ at: last.at, message: message("the NAT gateway itself gets out by this route") }];
}

function endpointFix({ document, template, network }: World, fn: FunctionEgress, resource: Resource): Fix[] {
  const isClosed = ({ subnet }: SubnetEgress): boolean => !!subnet && !!closedToGateways(network, fn.fn, subnet);
  if (fn.subnets.some(isClosed)) return [];
  const tables = fn.subnets.map(({ subnet }) => {
    const choice = subnet === undefined ? undefined : tableOf(network, subnet);
    return choice?.kind === "explicit" && template.resources.has(choice.table.key) ? choice.table : undefined;
  });
  const vpcs = new Set(tables.map((table) => (table === undefined ? undefined : known(table.vpc))));
  const [vpc] = vpcs;
  if (vpcs.size !== 1 || vpc === undefined || !template.resources.has(vpc)) return [];
  const id = freshId(template, "S3Endpoint");
  const endpoint = {
    Type: "AWS::EC2::VPCEndpoint",
    Properties: {
      VpcId: { Ref: vpc },
      ServiceName: { "Fn::Sub": "com.amazonaws.${AWS::Region}.s3" },
      RouteTableIds: [...new Set(tables.flatMap((table) => table?.key ?? []))].map((key) => ({ Ref: key })),
    },
  };
  return [
    {
      title: message("Add a gateway endpoint for Amazon S3, which costs nothing, and let {0} wait for it", resource.id),
      safe: false,
      edits: [...addResources(document, template, { [id]: endpoint }), ...addDependsOn(document, resource, [id])],
    },
  ];
}

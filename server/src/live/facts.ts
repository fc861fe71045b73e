/**
 * What an account tells beside the path: the state of things, which templates do not have, and what a person
 * wants to see at a glance when a function does not get through.
 */
import type { NatGateway } from "@aws-sdk/client-ec2";
import type { FunctionConfiguration, VpcConfigResponse } from "@aws-sdk/client-lambda";
import { type Message, message } from "../message";
import { dnsSupportDisabled } from "../rules/dns-support-disabled";
import { functionState as functionStateRule } from "../rules/function-state";
import { natGatewayState } from "../rules/nat-gateway-state";
import { routeBlackhole } from "../rules/route-blackhole";
import type { Severity } from "../rules/rule";
import { whyFailed } from "./failure";
import { targetOf } from "./references";
import { placementOf, type Snapshot, unique } from "./snapshot";
import { serviceOf } from "./to-machines";

/** A row beside the hops. */
export interface LiveFact {
  /** The id of the rule that speaks; where the row is `bad`, it names the fault. */
  readonly rule?: string;
  /** Where it is not the rule's own. */
  readonly severity?: Severity;
  /** What the function is in the middle of, which the whole report depends on. */
  readonly state?: "updating" | "inactive";
  readonly subject: Message;
  /** The id of the thing in AWS; empty where it has none. */
  readonly id: string;
  readonly status: "good" | "bad" | "unknown" | "note";
  readonly text: Message;
}

/** Returns the rows for one function, faults first. */
export function factsOf(snapshot: Snapshot, fn: FunctionConfiguration): readonly LiveFact[] {
  const { subnets } = placementOf(snapshot, fn);
  const vpcs = [...new Set(subnets.flatMap((id) => snapshot.subnets.get(id)?.VpcId ?? []))];
  const facts = [
    ...functionState(fn),
    ...blackHoles(snapshot, vpcs),
    ...natStates(snapshot, vpcs),
    ...interfaces(snapshot, fn.VpcConfig, subnets),
    ...fullSubnets(snapshot, subnets),
    ...vpcs.flatMap((vpc) => dns(snapshot, vpc)),
    ...vpcs.flatMap((vpc) => endpoints(snapshot, vpc)),
  ];
  return [...facts.filter(({ status }) => status === "bad"), ...facts.filter(({ status }) => status !== "bad")];
}

/** The states of a function (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html). */
function functionState(fn: FunctionConfiguration): LiveFact[] {
  const row = (status: LiveFact["status"], text: Message, state?: LiveFact["state"]): LiveFact[] => [
    {
      rule: functionStateRule.id,
      subject: message("function"),
      id: fn.FunctionArn ?? "",
      status,
      text,
      ...(state === undefined ? {} : { state }),
    },
  ];
  const reason = [fn.StateReasonCode, fn.StateReason].filter((part) => part !== undefined && part !== "").join(": ");
  const because = reason === "" ? "" : ` (${reason})`;
  if (fn.State === "Failed") return row("bad", message("the function is in state Failed{0}", because));
  if (fn.LastUpdateStatus === "Failed") {
    const why = [fn.LastUpdateStatusReasonCode, fn.LastUpdateStatusReason].filter((part) => part !== undefined);
    return row("bad", message("the last update of the function failed ({0})", why.join(": ")));
  }
  if (fn.State === "Pending" || fn.LastUpdateStatus === "InProgress") {
    return row(
      "note",
      message("the function is being updated, so that this may be out of date in a minute{0}", because),
      "updating",
    );
  }
  if (fn.State === "Inactive") {
    const text = message(
      "the function is inactive{0}: Lambda took its network interfaces away until it is called",
      because,
    );
    return row("note", text, "inactive");
  }
  return [];
}

function blackHoles({ routeTables }: Snapshot, vpcs: readonly string[]): LiveFact[] {
  return [...routeTables].flatMap(([table, { VpcId, Routes }]) =>
    (Routes ?? []).flatMap((route): LiveFact[] => {
      if (route.State !== "blackhole" || !vpcs.includes(VpcId ?? "")) return [];
      const to = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? "?";
      const text = message("the route to {0} is a black hole: {1} is gone", to, targetOf(route)?.id ?? "?");
      return [{ rule: routeBlackhole.id, subject: message("route"), id: `${table}|${to}`, status: "bad", text }];
    }),
  );
}

/** Deleted gateways stay in AWS's lists for about an hour, so only those that a route leads to are told of. */
function natStates({ natGateways, routeTables }: Snapshot, vpcs: readonly string[]): LiveFact[] {
  const used = new Set(
    [...routeTables.values()].flatMap(({ VpcId, Routes }) =>
      vpcs.includes(VpcId ?? "") ? (Routes ?? []).map(({ NatGatewayId }) => NatGatewayId) : [],
    ),
  );
  return [...natGateways].flatMap(([id, nat]): LiveFact[] => {
    const { State: state, FailureCode, FailureMessage, NatGatewayAddresses: addresses } = nat;
    if (state === undefined || !used.has(id)) return [];
    const why = [FailureCode, FailureMessage].filter((part) => part !== undefined && part !== "").join(": ");
    const fault = { rule: natGatewayState.id, subject: message("NAT gateway"), id } as const;
    if (state !== "available") {
      return [{ ...fault, status: "bad", text: message("{0} is {1}{2}", id, state, why === "" ? "" : ` (${why})`) }];
    }
    const ips = (addresses ?? []).flatMap(({ PublicIp, Status }) => (Status === "failed" ? [] : (PublicIp ?? [])));
    const text =
      ips.length === 0
        ? message("{0} is available, public addresses: none", id)
        : message("{0} is available, public addresses: {1}", id, ips.join(", "));
    return [{ subject: message("NAT gateway"), id, status: "good", text }, ...failedAddresses(id, nat)];
  });
}

/** The gateway works with its other addresses, so this is a warning, and only what AWS says of it is known. */
function failedAddresses(nat: string, { NatGatewayAddresses: addresses }: NatGateway): LiveFact[] {
  return (addresses ?? []).flatMap(({ AllocationId, FailureMessage, PublicIp, Status }): LiveFact[] => {
    if (Status !== "failed") return [];
    const id = AllocationId ?? PublicIp ?? nat;
    const why = FailureMessage === undefined || FailureMessage === "" ? "" : ` (${FailureMessage})`;
    const text = message("the address {0} of {1} failed to be associated{2}", PublicIp ?? id, nat, why);
    return [
      { rule: natGatewayState.id, severity: "warning", subject: message("NAT gateway"), id, status: "bad", text },
    ];
  });
}

/** Lambda shares an interface among functions with the same subnet and groups, and makes it minutes after a deployment. */
function interfaces(snapshot: Snapshot, config: VpcConfigResponse | undefined, subnets: readonly string[]): LiveFact[] {
  const failure = snapshot.failures.get("ec2:DescribeNetworkInterfaces");
  if (failure !== undefined) {
    return [{ subject: message("network interfaces"), id: "", status: "unknown", text: whyFailed(failure) }];
  }
  const groups = [...(config?.SecurityGroupIds ?? [])].sort().join();
  return subnets.flatMap((subnet): LiveFact[] => {
    const cards = [...snapshot.interfaces].filter(
      ([, { SubnetId, InterfaceType, Groups }]) =>
        SubnetId === subnet &&
        InterfaceType === "lambda" &&
        (Groups ?? [])
          .map(({ GroupId }) => GroupId)
          .sort()
          .join() === groups,
    );
    if (cards.length === 0) {
      const text = message("Lambda has no network interface with the function's groups in {0} at the moment", subnet);
      return [{ subject: message("network interfaces"), id: subnet, status: "note", text }];
    }
    return cards.map(([id, { Association, PrivateIpAddress, Ipv6Addresses = [] }]) => ({
      subject: message("network interfaces"),
      id,
      status: "note",
      text:
        Association?.PublicIp === undefined
          ? message(
              "{0} is Lambda's interface in {1}, with {2} and without a public address",
              id,
              subnet,
              unique([PrivateIpAddress, ...Ipv6Addresses.map((one) => one.Ipv6Address)]).join(", "),
            )
          : message(
              "{0} is Lambda's interface in {1}, and somebody gave it the public address {2}: calls may get out through it until Lambda replaces it",
              id,
              subnet,
              Association.PublicIp,
            ),
    }));
  });
}

/** Each interface takes an address of its subnet. */
function fullSubnets(snapshot: Snapshot, subnets: readonly string[]): LiveFact[] {
  return subnets.flatMap((id): LiveFact[] => {
    if (snapshot.subnets.get(id)?.AvailableIpAddressCount !== 0) return [];
    const text = message("{0} has no free address left, so that Lambda can make no further interface there", id);
    return [{ subject: message("network interfaces"), id, status: "note", text }];
  });
}

function dns(snapshot: Snapshot, vpc: string): LiveFact[] {
  const attributes = [
    ["EnableDnsSupport", snapshot.dnsSupport.get(vpc)],
    ["EnableDnsHostnames", snapshot.dnsHostnames.get(vpc)],
  ] as const;
  const rows = attributes.map(([name, answer]): LiveFact => {
    if (answer === undefined || !answer.ok || answer.value === undefined) {
      const why = answer?.ok === false ? whyFailed(answer.failure) : message("AWS did not say it");
      return { subject: message("DNS"), id: vpc, status: "unknown", text: message("{0} of {1}: {2}", name, vpc, why) };
    }
    const text = message("{0} of {1} is {2}", name, vpc, answer.value ? message("on") : message("off"));
    if (answer.value) return { subject: message("DNS"), id: vpc, status: "good", text };
    // Without host names, interface endpoints lack their private names; calls to the internet need none.
    if (name === "EnableDnsHostnames") return { subject: message("DNS"), id: vpc, status: "note", text };
    return { rule: dnsSupportDisabled.id, subject: message("DNS"), id: vpc, status: "bad", text };
  });
  const options = snapshot.dhcpOptions.get(snapshot.vpcs.get(vpc)?.DhcpOptionsId ?? "");
  const servers = options?.DhcpConfigurations?.find(({ Key }) => Key === "domain-name-servers")?.Values ?? [];
  const own = servers.flatMap(({ Value }) => (Value === undefined || Value === "AmazonProvidedDNS" ? [] : [Value]));
  if (own.length === 0) return rows;
  const text = message("{0} resolves names with {1}, which the function must reach on port 53", vpc, own.join(", "));
  return [...rows, { subject: message("DNS"), id: options?.DhcpOptionsId ?? vpc, status: "note", text }];
}

/** Endpoints serve AWS's own APIs without the internet. */
function endpoints(snapshot: Snapshot, vpc: string): LiveFact[] {
  const failure = snapshot.failures.get("ec2:DescribeVpcEndpoints");
  if (failure !== undefined)
    return [{ subject: message("endpoints"), id: vpc, status: "unknown", text: whyFailed(failure) }];
  const own = [...snapshot.endpoints.values()].filter(({ VpcId }) => VpcId === vpc);
  if (own.length === 0) {
    return [{ subject: message("endpoints"), id: vpc, status: "note", text: message("{0} has no VPC endpoints", vpc) }];
  }
  return own.map((endpoint): LiveFact => {
    const { VpcEndpointId: id = "?", VpcEndpointType: type = "Gateway", State: state, PrivateDnsEnabled } = endpoint;
    const text = message(
      "{0}: {1} endpoint for {2}{3}{4}",
      id,
      type,
      serviceOf(endpoint) ?? "?",
      type === "Gateway"
        ? tablesOf(endpoint.RouteTableIds ?? [])
        : type !== "Interface"
          ? ""
          : PrivateDnsEnabled === true
            ? message(", private DNS on")
            : message(", private DNS off"),
      state === undefined || /^available$/i.test(state) ? "" : `, ${state}`,
    );
    return { subject: message("endpoints"), id, status: "note", text };
  });
}

function tablesOf(ids: readonly string[]): Message {
  return ids.length === 0 ? message(", for the tables none") : message(", for the tables {0}", ids.join(", "));
}

/** The way out by IPv6: addresses for the VPC and its subnets, and a gateway that lets answers in and nobody else. */
import { known } from "../../network/model";
import { addDependsOn, setProperty } from "../resource";
import type { ValueMap } from "../value";
import * as body from "./bodies";
import { add, freeIpv6Index, type Plan } from "./plan";
import { ensureRoute, ensureTable, everywhere, ownTable, type Place, type PlannedTable } from "./routing";
import { idleTable } from "./subnets";

/** Gives each place IPv6 and a route through an egress-only gateway. */
export function throughIpv6(plan: Plan, places: readonly Place[]): void {
  giveAddresses(plan, places);
  let table: PlannedTable | undefined;
  for (const one of places) {
    const has = ownTable(plan, one)?.routes.some(
      ({ destination, targets }) =>
        known(destination) === everywhere.ipv6 && targets.some(({ kind }) => kind === "egress-only-gateway"),
    );
    if (has === true) continue;
    table = ensureTable(plan, one, "PrivateRouteTable", table ?? idleTable(plan));
    const target = { EgressOnlyInternetGatewayId: body.ref(gateway(plan)) };
    ensureRoute(plan, table, "ipv6", target, "PrivateIpv6Route");
  }
}

function gateway(plan: Plan): string {
  const { network, vpc, added } = plan;
  const existing = [...network.egressOnlyGateways.values()].find((one) => known(one.vpc) === vpc.key);
  const mine = [...added].find(([, { Type }]) => Type === "AWS::EC2::EgressOnlyInternetGateway");
  return existing?.key ?? mine?.[0] ?? add(plan, "EgressOnlyGateway", body.egressOnlyGateway(vpc.id));
}

/** A subnet's block comes out of the VPC's, which therefore has to be there first. */
function giveAddresses(plan: Plan, places: readonly Place[]): void {
  const { vpc, document, template, added } = plan;
  const lacking = places.filter(({ subnet }) => subnet === undefined || known(subnet.ipv6) !== true);
  if (lacking.length === 0) return;
  const range = rangeResource(plan);
  for (const { id, subnet } of lacking) {
    const block = body.ipv6Block(vpc.id, freeIpv6Index(plan));
    const mine = added.get(id);
    if (mine !== undefined) {
      const properties = { ...(mine.Properties as ValueMap), Ipv6CidrBlock: block };
      added.set(id, body.waiting("AWS::EC2::Subnet", range, properties));
      continue;
    }
    const resource = template.resources.get(subnet?.key ?? "");
    if (resource === undefined) continue;
    plan.edits.push(...setProperty(document, resource, ["Ipv6CidrBlock"], block));
    if (range !== undefined) plan.edits.push(...addDependsOn(document, resource, [range]));
  }
}

function rangeResource(plan: Plan): string | undefined {
  const { vpc, template } = plan;
  if (vpc.existing === undefined || known(vpc.existing.ipv6) !== true) {
    return add(plan, `${vpc.id}Ipv6`, body.ipv6Range(vpc.id));
  }
  return [...template.resources.values()].find(({ type }) => type === "AWS::EC2::VPCCidrBlock")?.id;
}

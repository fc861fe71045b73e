/** The default route through a NAT gateway, which several rules offer. */
import { message } from "../message";
import type { NatGateway, RouteTable } from "../network/model";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import { addResources, freshId } from "./resource";
import type { Offer } from "./subnets";

/** Returns the fix that sends a table's traffic for the internet through a NAT gateway. */
export function offerNatRoute(document: Document, template: Template, table: RouteTable, nat: NatGateway): Offer {
  return offerNatRoutes(document, template, [table], nat);
}

/** Returns the fix that sends the traffic of several tables for the internet through a NAT gateway. */
export function offerNatRoutes(
  document: Document,
  template: Template,
  tables: readonly RouteTable[],
  nat: NatGateway,
): Offer {
  const edits = tables.flatMap(({ key }) => {
    const route = {
      Type: "AWS::EC2::Route",
      Properties: { RouteTableId: { Ref: key }, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: { Ref: nat.key } },
    };
    return addResources(document, template, { [freshId(template, `${key}DefaultRoute`)]: route }, key);
  });
  const names = tables.map(({ key }) => key).join(", ");
  return { title: message("Route {0} to the internet through {1}", names, nat.key), safe: false, edits };
}

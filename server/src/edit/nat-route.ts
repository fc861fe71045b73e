/** The default route through a NAT gateway, which several rules offer. */
import { message } from "../message";
import type { NatGateway, RouteTable } from "../network/model";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import { addResources, freshId } from "./resource";
import type { Offer } from "./subnets";

/** Returns the fix that sends a table's traffic for the internet through a NAT gateway. */
export function offerNatRoute(document: Document, template: Template, table: RouteTable, nat: NatGateway): Offer {
  const id = freshId(template, `${table.key}DefaultRoute`);
  const route = {
    Type: "AWS::EC2::Route",
    Properties: {
      RouteTableId: { Ref: table.key },
      DestinationCidrBlock: "0.0.0.0/0",
      NatGatewayId: { Ref: nat.key },
    },
  };
  return {
    title: message("Route {0} to the internet through {1}", table.key, nat.key),
    safe: false,
    edits: addResources(document, template, { [id]: route }, table.key),
  };
}

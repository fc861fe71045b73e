/** The edit that gives a subnet its route table, which several rules offer. */
import { message } from "../message";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import { addResources, freshId } from "./resource";
import type { Offer } from "./subnets";

/** Returns the fix that associates a subnet of the template with a route table of it, behind the subnet. */
export function offerAssociation(document: Document, template: Template, subnet: string, table: string): Offer[] {
  const id = freshId(template, `${subnet}RouteTableAssociation`);
  const association = {
    Type: "AWS::EC2::SubnetRouteTableAssociation",
    Properties: { SubnetId: { Ref: subnet }, RouteTableId: { Ref: table } },
  };
  const edits = addResources(document, template, { [id]: association }, subnet);
  return [{ title: message("Associate {0} with {1}", subnet, table), safe: false, edits }];
}

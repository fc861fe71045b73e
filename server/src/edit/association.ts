/** The edit that gives a subnet its route table, which several rules offer, and what speaks against such additions. */
import { message } from "../message";
import type { Network } from "../network/model";
import { namesIn } from "../network/slice";
import { type Document, get } from "../template/syntax";
import type { Template } from "../template/template";
import { addResources, freshId } from "./resource";
import type { Offer } from "./subnets";

/**
 * Returns the fix that associates a subnet of the template with a route table of it, behind the subnet;
 * none where other parameter values bring an association of their own.
 */
export function offerAssociation(
  document: Document,
  template: Template,
  whole: Network,
  subnet: string,
  table: string,
): Offer[] {
  if (isSaidElsewhere(template, whole, "AWS::EC2::SubnetRouteTableAssociation", "SubnetId", subnet)) return [];
  const id = freshId(template, `${subnet}RouteTableAssociation`);
  const association = {
    Type: "AWS::EC2::SubnetRouteTableAssociation",
    Properties: { SubnetId: { Ref: subnet }, RouteTableId: { Ref: table } },
  };
  const edits = addResources(document, template, { [id]: association }, subnet);
  return [{ title: message("Associate {0} with {1}", subnet, table), safe: false, edits }];
}

/**
 * Tells whether a resource of this type that is not created in this world speaks of `id`: a second one
 * beside it would collide in the worlds that have both.
 */
export function isSaidElsewhere(
  template: Template,
  whole: Network,
  type: string,
  property: string,
  id: string,
): boolean {
  return [...whole.missing.keys()].some((key) => {
    const resource = template.resources.get(key);
    const names = new Set<string>();
    if (resource?.type === type) namesIn(get(resource.properties, property), names);
    return names.has(id);
  });
}

/** The edit that puts a thing into another VPC: its own VpcId, or that of what attaches it. */
import { message } from "../message";
import type { Key } from "../network/model";
import { namesIn } from "../network/slice";
import type { Document } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import { setProperty } from "./resource";
import type { Offer } from "./subnets";

/** What belongs to a VPC by a property of its own. */
const owned: ReadonlySet<string> = new Set([
  "AWS::EC2::EgressOnlyInternetGateway",
  "AWS::EC2::NetworkAcl",
  "AWS::EC2::RouteTable",
  "AWS::EC2::SecurityGroup",
]);

/**
 * Returns the fix that puts a thing into a VPC of the template; none where anything but what is at fault and its
 * attachment names the thing, for that may have its place in the VPC that the thing is in now.
 */
export function offerMove(document: Document, template: Template, key: Key, vpc: Key | undefined): Offer[] {
  const thing = template.resources.get(key);
  if (thing === undefined || vpc === undefined || !template.resources.has(vpc)) return [];
  const users = [...template.resources.values()].filter((one) => names(one).has(key));
  const attachments = users.filter(({ type }) => type === "AWS::EC2::VPCGatewayAttachment");
  const [holder, ...others] = owned.has(thing.type) ? [thing] : attachments;
  if (holder === undefined || others.length > 0 || users.length - attachments.length > 1) return [];
  const edits = setProperty(document, holder, ["VpcId"], { Ref: vpc });
  return [{ title: message("Put {0} into {1}", key, vpc), safe: false, edits }];
}

function names({ properties }: Resource): ReadonlySet<string> {
  const found = new Set<string>();
  namesIn(properties, found);
  return found;
}

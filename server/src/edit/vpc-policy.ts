/** The edit that gives a role what a function in a VPC needs, which several rules offer. */
import { message } from "../message";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import { appendToProperty } from "./resource";
import type { Offer } from "./subnets";

/** The policy's ARN in whatever partition the stack is deployed to. */
export const vpcPolicyArn = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";

/** Returns the fix that attaches AWS's own policy to a role; none for a role that is not written in the template. */
export function offerVpcPolicy(
  document: Document,
  template: Template,
  role: string | undefined,
  safe: boolean,
): Offer[] {
  const resource = role === undefined ? undefined : template.resources.get(role);
  if (resource === undefined || resource.generatedBy !== undefined) return [];
  const edits = appendToProperty(document, resource, ["ManagedPolicyArns"], [{ "Fn::Sub": vpcPolicyArn }]);
  return [{ title: message("Attach AWSLambdaVPCAccessExecutionRole to {0}", resource.id), safe, edits }];
}

/** The edit that adds an Elastic IP address, which several rules offer. */
import type { Key, Network } from "../network/model";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import type { Edit } from "./edit";
import { addResources, freshId } from "./resource";
import type { ValueMap } from "./value";

/**
 * Returns the edits that add an Elastic IP address behind the resource `beside`, and its logical id. It
 * waits for the gateway of its VPC, as AWS asks
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-eip.html).
 */
export function addAddress(
  document: Document,
  template: Template,
  whole: Network,
  vpc: Key | undefined,
  beside: string,
  properties: ValueMap = {},
): { readonly id: string; readonly edits: readonly Edit[] } {
  const id = freshId(template, `${beside}Address`);
  const attachment = whole.vpcs.get(vpc ?? "")?.attachments[0]?.at;
  const dependsOn =
    attachment?.kind === "text" && attachment.node.kind === "scalar" ? { DependsOn: attachment.node.text } : {};
  const address = { Type: "AWS::EC2::EIP", ...dependsOn, Properties: { Domain: "vpc", ...properties } };
  return { id, edits: addResources(document, template, { [id]: address }, beside) };
}

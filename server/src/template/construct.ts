/** Where CDK made a resource: its name there is the one that people know. */
import { textOf } from "./read";
import { get } from "./syntax";
import type { Resource } from "./template";

/** Returns the path of the construct, which CDK writes as `aws:cdk:path` into a resource's metadata; else nothing. */
export function constructOf(resource: Resource | undefined): { readonly construct?: string } {
  const construct = textOf(get(resource?.metadata, "aws:cdk:path"));
  return construct === undefined ? {} : { construct };
}

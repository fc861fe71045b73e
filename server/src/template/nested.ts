/** Nested stacks, and where their templates are. */
import { namesOf } from "./imports";
import { textOf } from "./read";
import { get, type Node } from "./syntax";
import type { Resource } from "./template";

/** Tells whether a resource is a nested stack. */
export function isStack({ type }: Resource): boolean {
  return type === "AWS::CloudFormation::Stack" || type === "AWS::Serverless::Application";
}

/**
 * Returns where a nested stack's template is, as written; CDK writes it beside what it becomes when it is uploaded. Who
 * runs a CDK app without its command line gets the name of the upload only.
 */
export function locationOf({ properties, metadata }: Resource): string | undefined {
  const asset =
    textOf(get(metadata, "aws:asset:property")) === "TemplateURL" ? get(metadata, "aws:asset:path") : undefined;
  const url = get(properties, "TemplateURL");
  return textOf(asset) ?? textOf(url) ?? uploadIn(url) ?? textOf(get(properties, "Location"));
}

/** The name of an upload is a hash of what it holds, at the end of a composed address. */
function uploadIn(url: Node | undefined): string | undefined {
  return url && namesOf(url).flatMap((text) => /(?:^|\/)([0-9a-f]{64}\.json)$/.exec(text)?.[1] ?? [])[0];
}

/** The edit that takes a resource away, which several rules offer. */
import { message } from "../message";
import { namesIn } from "../network/slice";
import { type Document, get } from "../template/syntax";
import type { Template } from "../template/template";
import { removeKey } from "./remove";
import type { Offer } from "./subnets";

/** Returns the fix that removes a resource; none where anything else of the template refers to it or waits for it. */
export function offerRemovedResource(document: Document, template: Template, id: string): Offer[] {
  const section = get(template.root, "Resources");
  const resource = template.resources.get(id);
  if (section?.kind !== "map" || resource === undefined || resource.generatedBy !== undefined) return [];
  for (const other of template.resources.values()) {
    const names = new Set(other.dependsOn);
    namesIn(other.properties, names);
    if (other.id !== id && names.has(id)) return [];
  }
  for (const output of template.outputs.values()) {
    const names = new Set<string>();
    namesIn(output, names);
    if (names.has(id)) return [];
  }
  return [{ title: message("Remove {0}", id), safe: false, edits: removeKey(document, section, id) }];
}

/** Names of what somebody meant to write, or wrote elsewhere. */
import type { Key } from "../network/model";
import type { Resources, Template } from "../template/template";

/** Returns the name that a key refers to, where the template has nothing of that name. */
export function danglingName(
  { parameters, resources }: Pick<Template, "parameters"> & { readonly resources: Resources },
  key: Key | undefined,
): string | undefined {
  const name = /^param:(\w+)$/.exec(key ?? "")?.[1];
  return name === undefined || parameters.has(name) || resources.has(name) ? undefined : name;
}

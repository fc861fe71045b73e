/** What the resources of a template declare, read once for all worlds that answer the same. */

import type { Resolver } from "../template/resolve";
import type { Remember } from "../template/stage";
import type { Template } from "../template/template";
import { type Part, partsOf } from "./parts";

/** What resources declare whatever the world, so that it is read once for all worlds and for later texts. */
export type Constants = Map<string, readonly Part[]>;

export interface Readings {
  /** The evaluator in whatever world is on stage. */
  readonly resolver: Resolver;
  /** Tells whether a resource is created in the world on stage. */
  exists(id: string): boolean;
  /** Returns what a resource declares in the world on stage; nothing where it does not exist there. */
  parts(id: string): readonly Part[];
  /** Tells whether a resource is known to declare the same in every world. */
  isConstant(id: string): boolean;
}

/** Returns the readings of a template by the evaluator of a stage; fills and uses `constants`. */
export function readingsOf(template: Template, resolver: Resolver, constants: Constants, remember: Remember): Readings {
  const isThere = new Map<string, () => boolean>();
  const read = new Map<string, () => readonly Part[]>();

  function exists(id: string): boolean {
    const resource = template.resources.get(id);
    if (resource?.condition === undefined) return resource !== undefined;
    const look = isThere.get(id) ?? remember(() => resolver.exists(resource));
    isThere.set(id, look);
    return look();
  }

  function parts(id: string): readonly Part[] {
    const constant = constants.get(id);
    if (constant !== undefined) return constant;
    const look = read.get(id) ?? remember(() => readNow(id));
    read.set(id, look);
    return look();
  }

  function readNow(id: string): readonly Part[] {
    const resource = template.resources.get(id);
    if (resource === undefined || !exists(id)) return [];
    const before = resolver.consulted();
    const declared = partsOf(resource, resolver);
    if (resource.condition === undefined && resolver.consulted() === before) constants.set(id, declared);
    return declared;
  }

  return { resolver, exists, parts, isConstant: (id) => constants.has(id) };
}

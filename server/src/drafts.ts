/**
 * What rules yield in one world, kept for as long as the world is.
 *
 * An analysis that no edit touched keeps its worlds, and a rule that looked at nothing but the world's network yields
 * there what it yielded before, as places move with their blocks. Whatever else a rule looks at is noted while it
 * looks, so no rule has to say what it depends on: a resource must still be the same, and where it looked at all of
 * the template, its text or its whole network, the rule runs again.
 */

import type { Network } from "./network/model";
import type { FunctionEgress, SubnetEgress } from "./network/verdict";
import type { Draft, Intent, Rule, World } from "./rules/rule";
import type { Scene } from "./scene";
import type { Document } from "./template/syntax";
import type { Resource, Resources, Template } from "./template/template";

/** What surrounds a world's network in one version of the text. */
export interface Around {
  readonly document: Document;
  readonly template: Template;
  readonly intent: () => Intent;
  readonly whole: () => Network;
}

/** Returns what a rule yields in a world; its fixes are made for these surroundings, whenever that is. */
export function draftsOf(rule: Rule, scene: Scene, around: Around): readonly Draft[] {
  let world = worlds.get(scene);
  if (world === undefined) {
    world = new WatchedWorld(scene);
    worlds.set(scene, world);
  }
  return world.ask(rule, around);
}

const worlds = new WeakMap<Scene, WatchedWorld>();

interface Kept {
  readonly drafts: readonly Draft[];
  /** The resources that the rule asked for by name, and what there was. */
  readonly resources: ReadonlyMap<string, Resource | undefined>;
  /** What the rule was told of the function's intent; absent where it did not ask. */
  readonly intent: Intent | undefined;
}

/** Tells whether a rule would be told the same again. */
function holds({ resources, intent }: Kept, around: Around): boolean {
  for (const [id, resource] of resources) if (around.template.resources.get(id) !== resource) return false;
  return intent === undefined || intent === around.intent();
}

class WatchedWorld implements World {
  readonly network: Network;
  readonly functions: readonly FunctionEgress[];
  readonly paths: readonly SubnetEgress[];
  readonly #kept = new Map<Rule, Kept>();
  #around: Around | undefined;
  #sawMore = false;
  #asked = new Map<string, Resource | undefined>();
  #intent: Intent | undefined;

  constructor({ network, fn, paths }: Scene) {
    this.network = network;
    this.functions = fn === undefined ? [] : [fn];
    this.paths = paths;
  }

  get document(): Document {
    return this.#more().document;
  }

  get template(): Template {
    return this.#more().template;
  }

  readonly resources: Resources = {
    get: (id) => {
      const resource = this.#now().template.resources.get(id);
      this.#asked.set(id, resource);
      return resource;
    },
    has: (id) => this.resources.get(id) !== undefined,
  };

  whole = (): Network => this.#more().whole();

  intent = (): Intent => {
    this.#intent = this.#now().intent();
    return this.#intent;
  };

  ask(rule: Rule, around: Around): readonly Draft[] {
    this.#around = around;
    let kept = this.#kept.get(rule);
    if (kept === undefined || !holds(kept, around)) {
      this.#sawMore = false;
      this.#asked = new Map();
      this.#intent = undefined;
      kept = { drafts: [...rule.check(this)], resources: this.#asked, intent: this.#intent };
      if (this.#sawMore) this.#kept.delete(rule);
      else this.#kept.set(rule, kept);
    }
    return kept.drafts.map((draft) => this.#placed(draft, around));
  }

  /** Another lint may have met this world by the time that somebody asks for fixes. */
  #placed(draft: Draft, around: Around): Draft {
    const { fixes } = draft;
    if (fixes === undefined) return draft;
    return {
      ...draft,
      fixes: () => {
        this.#around = around;
        return fixes();
      },
    };
  }

  #more(): Around {
    this.#sawMore = true;
    return this.#now();
  }

  #now(): Around {
    if (this.#around === undefined) throw new RangeError("a world without a text");
    return this.#around;
  }
}

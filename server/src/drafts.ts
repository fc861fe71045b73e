/**
 * What rules yield in the worlds of one analysis, kept for as long as the analysis is.
 *
 * An analysis that no edit touched keeps its worlds, and a rule that looked at nothing but their networks yields there
 * what it yielded before, as places move with their blocks. Whatever else a rule looks at is noted while it looks, so
 * no rule has to say what it depends on: a resource must still be the same, and where it looked at all of the
 * template, its text or its whole network, the rule runs again.
 */

import type { Network } from "./network/model";
import type { FunctionEgress, SubnetEgress } from "./network/verdict";
import type { Draft, Intent, Rule, World } from "./rules/rule";
import type { Analysis, Answered, Scene } from "./scene";
import { hidden } from "./template/once";
import type { Document } from "./template/syntax";
import type { Resource, Resources, Template } from "./template/template";
import type { Assignment, Exploration, Leaf } from "./template/worlds";

/** What surrounds an analysis in one version of the text. */
export interface Around {
  readonly document: Document;
  readonly template: Template;
  /** Returns what the function of a world means to reach. */
  readonly intent: (scene: Scene) => Intent;
  /** What that is concluded from, beside the function and its network: where it is the same, so is the intent. */
  readonly signs: string;
  /** The resources that call functions while the stack is made. */
  readonly customResources: readonly Resource[];
  readonly whole: (assignment: Assignment) => Network;
}

/** A draft with the rule and the world that yielded it. */
export interface Yielded {
  readonly rule: Rule;
  readonly draft: Draft;
  readonly analysis: Analysis;
  /** The worlds that the rule has told apart, and one of them. */
  readonly exploration: Exploration<Answered<unknown>>;
  readonly leaf: Leaf<Answered<unknown>>;
}

/** Returns what rules yield in every world of an analysis that they can tell apart, in the order of the rules. */
export function yieldedIn(analysis: Analysis, rules: readonly Rule[], around: Around): readonly Yielded[] {
  const watch: Watch = watches.get(analysis) ?? { around, kept: new Map() };
  watches.set(analysis, watch);
  watch.around = around;
  const { last } = watch;
  if (last?.rules === rules && last.open.every((kept) => holds(kept, around))) return last.yielded;
  const again = rules.filter((rule) => !holds(watch.kept.get(rule), around));
  if (again.length > 0) ask(watch, analysis, again);
  const kept = rules.flatMap((rule) => watch.kept.get(rule) ?? []);
  watch.last = { rules, yielded: kept.flatMap(({ yielded }) => yielded), open: kept.filter(isOpen) };
  return watch.last.yielded;
}

/** What is known of an analysis. */
interface Watch {
  /** What surrounds it now. Fixes are made for this, as nobody asks for those of an older text. */
  around: Around;
  readonly kept: Map<Rule, Kept>;
  /** What the last rules yielded that were put to it, and what of that an edit elsewhere may change. */
  last?: { readonly rules: readonly Rule[]; readonly yielded: readonly Yielded[]; readonly open: readonly Kept[] };
}

const watches = hidden<Analysis, Watch>();

interface Kept {
  readonly yielded: readonly Yielded[];
  readonly seen: Seen;
}

/** What a rule looked at beside the networks of its worlds. */
interface Seen {
  /** All of the text, the template or the network. */
  all: boolean;
  /** The resources that it asked for by name, and what there was. */
  resources?: Map<string, Resource | undefined>;
  customResources?: readonly Resource[];
  signs?: string;
}

/** Tells whether a rule would be told the same again. */
function holds(kept: Kept | undefined, { template, customResources, signs }: Around): boolean {
  if (kept === undefined || kept.seen.all) return false;
  const { seen } = kept;
  for (const [id, resource] of seen.resources ?? []) if (template.resources.get(id) !== resource) return false;
  return (
    (seen.signs === undefined || seen.signs === signs) &&
    (seen.customResources === undefined || isSame(seen.customResources, customResources))
  );
}

/** Tells whether a rule looked at anything beside its worlds. */
function isOpen({ seen: { all, resources, customResources, signs } }: Kept): boolean {
  return all || resources !== undefined || customResources !== undefined || signs !== undefined;
}

function isSame(left: readonly Resource[], right: readonly Resource[]): boolean {
  return left === right || (left.length === right.length && left.every((one, index) => one === right[index]));
}

/** Asks rules in every world that they can tell apart. */
function ask(watch: Watch, analysis: Analysis, rules: readonly Rule[]): void {
  const asked = rules.map((rule) => ({ rule, seen: { all: false } as Seen }));
  const explorations = analysis.askAll(
    asked.map(({ rule, seen }) => (scene: Scene, assignment: Assignment): readonly Draft[] => {
      // A world may be without the function.
      const isEmpty = analysis.resource !== undefined && scene.fn === undefined && scene.paths.length === 0;
      return isEmpty ? [] : [...rule.check(new WatchedWorld(watch, scene, assignment, seen))];
    }),
  );
  for (const [index, { rule, seen }] of asked.entries()) {
    const exploration = explorations[index];
    const yielded = exploration === undefined ? [] : yieldedBy(rule, analysis, exploration);
    watch.kept.set(rule, { yielded, seen });
  }
}

/** What a rule yields belongs to the world that it looked at, whenever somebody asks for fixes. */
function yieldedBy(
  rule: Rule,
  analysis: Analysis,
  exploration: Exploration<Answered<readonly Draft[]>>,
): readonly Yielded[] {
  return exploration.leaves.flatMap((leaf) =>
    leaf.result.answer.map((draft): Yielded => {
      const { fixes } = draft;
      const kept = fixes && { fixes: () => analysis.inWorld(leaf.assignment, fixes) };
      return { rule, draft: { ...draft, ...kept }, analysis, exploration, leaf };
    }),
  );
}

/** A world that notes what a rule looks at. */
class WatchedWorld implements World {
  readonly network: Network;
  readonly functions: readonly FunctionEgress[];
  readonly paths: readonly SubnetEgress[];
  readonly #watch: Watch;
  readonly #scene: Scene;
  readonly #assignment: Assignment;
  readonly #seen: Seen;

  constructor(watch: Watch, scene: Scene, assignment: Assignment, seen: Seen) {
    const { network, fn, paths } = scene;
    this.network = network;
    this.functions = fn === undefined ? [] : [fn];
    this.paths = paths;
    this.#watch = watch;
    this.#scene = scene;
    this.#assignment = assignment;
    this.#seen = seen;
  }

  get document(): Document {
    return this.#all().document;
  }

  get template(): Template {
    return this.#all().template;
  }

  /** No analysis outlives a change of these. */
  get parameters(): Template["parameters"] {
    return this.#watch.around.template.parameters;
  }

  get resources(): Resources {
    const get = (id: string): Resource | undefined => {
      const resource = this.#watch.around.template.resources.get(id);
      this.#seen.resources ??= new Map();
      this.#seen.resources.set(id, resource);
      return resource;
    };
    return { get, has: (id) => get(id) !== undefined };
  }

  get customResources(): readonly Resource[] {
    this.#seen.customResources = this.#watch.around.customResources;
    return this.#seen.customResources;
  }

  get whole(): () => Network {
    return () => this.#all().whole(this.#assignment);
  }

  get intent(): () => Intent {
    return () => {
      this.#seen.signs = this.#watch.around.signs;
      return this.#watch.around.intent(this.#scene);
    };
  }

  #all(): Around {
    this.#seen.all = true;
    return this.#watch.around;
  }
}

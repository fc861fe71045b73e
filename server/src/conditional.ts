/** The worlds of a slice in which conditions decide: each question is put to those alone that it can tell apart. */
import { isPlain, networkByNeed, networkIn } from "./network/by-need";
import { declaredBy, networkFrom } from "./network/from-template";
import type { Network } from "./network/model";
import type { NetworkByNeed } from "./network/on-stage";
import type { Slice } from "./network/slice";
import type { FunctionVerdict } from "./network/verdict";
import { verdictsOf } from "./network/verdict-alone";
import {
  type Analysis,
  type Answered,
  exploreIn,
  type Ground,
  groundOf,
  type Question,
  type Scene,
  sceneIn,
} from "./scene";
import type { Subject } from "./subject";
import { whenRead } from "./template/once";
import type { Stage } from "./template/stage";
import type { Resource } from "./template/template";
import { type Assignment, type Exploration, type Oracle, oracleOf } from "./template/worlds";

/** At most this many worlds are looked at for a verdict. */
export const verdictCap = 4096;

/** Returns the analysis of a resource; `order` names what its slice asks about, as reading it from top to bottom meets it. */
export function analyseConditional(
  subject: Subject,
  slice: Slice,
  resource: Resource,
  order: readonly string[],
): Analysis {
  const { template, surroundings, account } = subject;
  const { stage, readings } = groundOf(subject);
  const network = networkOn({ stage, readings }, subject, slice);
  const scene =
    network === undefined
      ? stage.remember(() => {
          const whole = networkFrom(declaredBy(template, slice.ids, readings), surroundings, account);
          return sceneIn(whole, resource, subject);
        })
      : onStage(stage, network, resource, subject);
  const site: Site = { subject, stage, network, scene, order };
  const found = exploreIn(
    subject,
    (oracle) =>
      stage.play(oracle, () => {
        const { fn, paths } = scene();
        return { fn, paths };
      }),
    { order },
  );
  const leaves = found.leaves.map((leaf) => {
    const { fn, paths } = leaf.result;
    const kept = new KeptScene(site, leaf.assignment);
    return { ...leaf, result: withNetwork({ fn, paths }, { network: () => kept.network }) };
  });
  const verdicts = found.complete ? undefined : verdictsBeyond(site, resource);
  return {
    resource,
    exploration: { ...found, leaves },
    ...(verdicts && { verdicts }),
    askAll: (questions) => askAll(site, questions),
    inWorld: (assignment, work) => stage.play(worldOf(subject, assignment), work),
  };
}

/** Where the worlds of one resource are looked at. */
interface Site {
  readonly subject: Subject;
  readonly stage: Stage;
  /** The network of whatever world is on stage; undefined where it is read whole in each. */
  readonly network: NetworkByNeed | undefined;
  /** Returns what the world on stage shows. */
  readonly scene: () => Scene;
  readonly order: readonly string[];
}

function worldOf({ template, parameters }: Subject, assignment: Assignment): Oracle {
  return oracleOf(template.parameters, parameters, assignment);
}

/** With values from elsewhere any expression may lead to any thing, so that nothing can be looked up by itself. */
function networkOn({ stage, readings }: Ground, { template, surroundings, account }: Subject, { ids }: Slice) {
  if (account !== undefined || !isPlain(template)) return undefined;
  return networkByNeed(template, ids, readings, surroundings, stage);
}

/** Returns the scene of whatever world is on stage, of which only what is looked at is worked out. */
function onStage(stage: Stage, network: Network, resource: Resource, subject: Subject): () => Scene {
  const seen = stage.remember(() => {
    const { fn, paths } = sceneIn(network, resource, subject);
    return { fn, paths };
  });
  return () => new SceneOnStage(network, seen);
}

/** What is kept by scene is of one question in one world, so that each has a scene of its own. */
class SceneOnStage implements Scene {
  readonly network: Network;
  readonly #seen: () => Pick<Scene, "fn" | "paths">;

  constructor(network: Network, seen: () => Pick<Scene, "fn" | "paths">) {
    this.network = network;
    this.#seen = seen;
  }

  get fn(): Scene["fn"] {
    return this.#seen().fn;
  }

  get paths(): Scene["paths"] {
    return this.#seen().paths;
  }
}

/** What a world shows, to be looked at when another one is on stage. */
class KeptScene implements Scene {
  readonly #site: Site;
  readonly #assignment: Assignment;

  constructor(site: Site, assignment: Assignment) {
    this.#site = site;
    this.#assignment = assignment;
  }

  get network(): Network {
    const { network, stage } = this.#site;
    return network === undefined ? this.#look(({ network }) => network) : networkIn(network, stage, this.#world);
  }

  get fn(): Scene["fn"] {
    return this.#look(({ fn }) => fn);
  }

  get paths(): Scene["paths"] {
    return this.#look(({ paths }) => paths);
  }

  get #world(): Oracle {
    return worldOf(this.#site.subject, this.#assignment);
  }

  #look<T>(part: (scene: Scene) => T): T {
    const { stage, scene } = this.#site;
    return stage.play(this.#world, () => part(scene()));
  }
}

const withNetwork = whenRead<Scene, "network">("network");

function askAll<T>(site: Site, questions: readonly Question<T>[]): readonly Exploration<Answered<T>>[] {
  const { subject, stage, scene, order } = site;
  const found = new Map<Question<T>, Exploration<Answered<T>>>();
  for (const [asked, group] of groupsOf(site, questions)) {
    const all = exploreIn(
      subject,
      (oracle, assignment) => {
        if (asked === "") return group.map(({ usually }) => usually);
        return stage.play(oracle, () => {
          const now = scene();
          return group.map(({ question }) => question(now, assignment));
        });
      },
      { order },
    );
    const kept = all.leaves.map((leaf) => ({ ...leaf, scene: new KeptScene(site, leaf.assignment) }));
    for (const [index, { question }] of group.entries()) {
      const leaves = kept.map(({ assignment, isDefault, result, scene }) => {
        return { assignment, isDefault, result: { answer: result[index] as T, scene } };
      });
      found.set(question, { complete: all.complete, leaves });
    }
  }
  return questions.map((question) => found.get(question) ?? { leaves: [], complete: true });
}

/** Questions by what they ask of the usual world: those that ask the same there mostly do so in all worlds. */
function groupsOf<T>({ subject, stage, scene }: Site, questions: readonly Question<T>[]) {
  interface Asked {
    readonly question: Question<T>;
    readonly usually: T;
  }
  const groups = new Map<string, Asked[]>();
  stage.play(worldOf(subject, new Map()), () => {
    for (const question of questions) {
      const { result: usually, asked } = stage.listen(() => question(scene(), new Map()));
      const key = asked.join("\n\n");
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ question, usually }]);
      else group.push({ question, usually });
    }
  });
  return groups;
}

/** Returns the verdict in more worlds than all else is looked at. */
function verdictsBeyond(site: Site, { id }: Resource): Analysis["verdicts"] {
  const { subject, stage, network, order } = site;
  if (network === undefined) return undefined;
  const verdictOf = verdictsOf(network, subject.destination, stage.remember);
  const found = exploreIn(
    subject,
    (oracle): FunctionVerdict | undefined =>
      stage.play(oracle, () => {
        const fn = network.functions.get(id);
        return fn && verdictOf(fn);
      }),
    { order, cap: verdictCap },
  );
  const leaves = found.leaves.map((leaf) => {
    return { ...leaf, result: { answer: leaf.result, scene: new KeptScene(site, leaf.assignment) } };
  });
  return { ...found, leaves };
}

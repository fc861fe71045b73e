/** The template's network as it usually is, under the given parameters and defaults, with what other worlds change. */
import { verdictOf } from "../analysis";
import type { Meaning } from "../lint";
import { english, render } from "../message";
import { pathsFrom } from "../network/alternatives";
import { groupsOf } from "../network/egress";
import type { Key, Network } from "../network/model";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import { chainsOf, subnetWords } from "../report/way";
import { type Analysis, ask } from "../scene";
import { type Assignment, outcomes } from "../template/worlds";

/** A subnet's way out in some worlds. */
export interface Outcome {
  readonly when: Assignment;
  readonly network: Network;
  readonly path: SubnetEgress;
}

/** Returns the whole network. */
export function networkOf({ whole }: Meaning): Network {
  const scene = whole.exploration.leaves[0]?.result;
  if (scene === undefined) throw new RangeError("a template without a world");
  return scene.network;
}

/** Returns each function in its usual world. */
export function functionsOf({
  functions,
}: Meaning): readonly { readonly fn: FunctionEgress; readonly network: Network }[] {
  return functions.flatMap((analysis) => {
    const scene = verdictOf(analysis)?.leaf.result;
    return scene?.fn === undefined ? [] : [{ fn: scene.fn, network: scene.network }];
  });
}

/** A subnet is asked for time and again while somebody reads. */
const ways = new WeakMap<Meaning, Map<Key, SubnetEgress>>();

/** Returns the way out of a subnet for whatever would stand in it; undefined for one that the template does not make. */
export function subnetPath(meaning: Meaning, key: Key): SubnetEgress | undefined {
  const before = ways.get(meaning) ?? new Map<Key, SubnetEgress>();
  ways.set(meaning, before);
  const network = networkOf(meaning);
  const subnet = network.subnets.get(key);
  if (subnet === undefined || subnet.external) return undefined;
  const path = before.get(key) ?? pathsFrom(network, subnet, meaning.subject.destination);
  before.set(key, path);
  return path;
}

/** Returns the ways out of a subnet in all worlds, the usual one first. */
export function subnetOutcomes(meaning: Meaning, key: Key): readonly Outcome[] {
  const { destination } = meaning.subject;
  const usual = subnetPath(meaning, key);
  const knows = ({ exploration }: Analysis) => exploration.leaves.some(({ result }) => result.network.subnets.has(key));
  const analysis = [...meaning.functions, ...meaning.others].find(knows);
  if (analysis === undefined)
    return usual === undefined ? [] : [{ when: new Map(), network: networkOf(meaning), path: usual }];
  const asked = ask(analysis, ({ network }) => {
    const subnet = network.subnets.get(key);
    return subnet && pathsFrom(network, subnet, destination);
  });
  const words = outcomes(
    asked,
    ({ result: { answer } }) => answer && render(subnetWords(answer, destination), english),
  );
  return words.flatMap(({ when, leaf }) => {
    const { answer: path, scene } = leaf.result;
    return path === undefined ? [] : [{ when, network: scene.network, path }];
  });
}

/** Returns the ids of the functions that use a thing: in their configuration, or on their way out. */
export function usersOf(meaning: Meaning, key: Key): readonly string[] {
  return functionsOf(meaning).flatMap(({ fn, network }) => (uses(fn, network, key) ? [fn.fn.key] : []));
}

function uses({ fn, subnets, role }: FunctionEgress, network: Network, key: Key): boolean {
  if (role?.key === key || groupsOf(network, fn, "place").some((group) => group.key === key)) return true;
  return subnets.some((subnet) =>
    [subnet.ipv4, subnet.ipv6].some(
      (path) =>
        path.hops.some(({ id }) => id === key) || chainsOf(network, subnet, path).some((chain) => chain.includes(key)),
    ),
  );
}

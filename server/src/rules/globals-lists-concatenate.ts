import { isEmptyConfig, offerIgnoreGlobals, plainList, plainMap } from "../edit/globals";
import { removeKey } from "../edit/remove";
import { type Message, message } from "../message";
import { outcomeOf } from "../network/egress";
import { known, type VpcConfig } from "../network/model";
import { keptGlobals } from "../template/sam";
import { get, type MapNode, type Node, spanOf } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Fix, Rule, World } from "./rule";

export const globalsListsConcatenate: Rule = {
  id: "globals-lists-concatenate",
  severity: "warning",
  group: "deploy",
  summary: "SAM adds the function's list to that of Globals and does not replace it",
  docs: `## What happens

The function stands in more subnets, or wears more security groups, than its own \`VpcConfig\` says. Lambda
picks one of the subnets at random, so one that was meant for other functions is used now and then.

SAM merges \`Globals\` into each function. A plain value of the function replaces the global one, but *lists
are additive*: the function gets the items of \`Globals\` followed by its own
([source](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html)).
An empty list, or an empty \`VpcConfig\`, therefore takes nothing away: the function stays in the VPC.

## How to fix it

Add \`IgnoreGlobals: [VpcConfig]\` to the function, beside its \`Properties\`; then its own \`VpcConfig\` is all
it gets, and without one it stands in no VPC. Or remove the local list, if that of \`Globals\` will do.

## When to silence it

When both lists together are what the function should have, such as a security group for all functions and
one more for this one.
`,
  bad: "globals-lists-concatenate/subnets.yaml",
  good: "globals-lists-concatenate/ignore-globals.yaml",

  *check(world) {
    const { resources, functions } = world;
    for (const { fn } of functions) {
      const resource = resources.get(fn.key);
      const local = plainMap(get(resource?.written, "VpcConfig"));
      if (resource === undefined || local === undefined) continue;
      const global = plainMap(get(keptGlobals(resource, get(world.template.globals, "Function")), "VpcConfig"));
      if (global === undefined) continue;
      const config = known(fn.vpcConfig);
      for (const { at, name, list, wording } of faults(fn.key, global, local, config)) {
        yield {
          at: { kind: "text", node: at },
          message: wording,
          notes: [{ at: { kind: "text", node: list }, message: message("SAM puts these first") }],
          fixes: () => fixes(world, resource, global, local, name),
          functions: [fn.key],
        };
      }
    }
  },
};

const names = ["SubnetIds", "SecurityGroupIds"] as const;
type Name = (typeof names)[number];

interface Fault {
  readonly at: Node;
  /** The local list, absent where the local VpcConfig has none. */
  readonly name: Name | undefined;
  /** The list of Globals. */
  readonly list: Node;
  readonly wording: Message;
}

function faults(fn: string, global: MapNode, local: MapNode, config: VpcConfig | undefined): Fault[] {
  const both = names.flatMap((name) => {
    const [theirs, ours] = [plainList(get(global, name)), plainList(get(local, name))];
    return theirs === undefined || theirs.items.length === 0 ? [] : [{ name, theirs, ours }];
  });
  const joined = both.flatMap(({ name, theirs, ours }): Fault[] => {
    if (ours === undefined || ours.items.length === 0) return [];
    const whole = config === undefined ? undefined : known(name === "SubnetIds" ? config.subnets : config.groups);
    const wording = message(
      "{0} gets the {1} of Globals too, as SAM joins both lists: {2}",
      fn,
      name,
      whole?.map(({ ref }) => ref).join(", ") ?? "?",
    );
    return [{ at: ours, name, list: theirs, wording }];
  });
  // An empty list means to opt out, and so does a VpcConfig with nothing in it: one fault, however it is spelled.
  const empty = both.find(({ ours }) => ours?.items.length === 0);
  const [first] = both;
  const optOut =
    local.entries.length === 0 && first !== undefined
      ? { at: local, name: undefined, list: first.theirs }
      : empty?.ours === undefined
        ? undefined
        : { at: empty.ours, name: empty.name, list: empty.theirs };
  if (optOut === undefined) return joined;
  const wording = isEmptyConfig(local)
    ? message("{0} stays in the VPC: SAM merges this with the VpcConfig of Globals, so it takes nothing away", fn)
    : message(
        "{0} keeps the {1} of Globals: SAM joins both lists, so an empty one takes nothing away",
        fn,
        optOut.name ?? "",
      );
  return [...joined, { ...optOut, wording }];
}

function fixes(
  { document, functions }: World,
  resource: Resource,
  global: MapNode,
  local: MapNode,
  name: Name | undefined,
): Fix[] {
  const ignore = offerIgnoreGlobals(document, resource, global, local);
  if (name === undefined) return ignore;
  if (isEmptyConfig(local)) {
    const title = message("Remove the VpcConfig of {0}, so that that of Globals remains", resource.id);
    const edits = resource.written?.kind === "map" ? removeKey(document, resource.written, "VpcConfig") : [];
    return [...ignore, { title, safe: false, edits }];
  }
  if (name === "SubnetIds" && leadsNowhere(functions, get(global, name))) return ignore;
  const title = message("Remove the {0} of {1}, so that those of Globals remain", name, resource.id);
  return [...ignore, { title, safe: false, edits: removeKey(document, local, name) }];
}

/** Tells whether a subnet of Globals has no way to the internet, so that it is no good to be left with. */
function leadsNowhere(functions: World["functions"], list: Node | undefined): boolean {
  const items = plainList(list)?.items.map((item) => spanOf(item).start) ?? [];
  return functions.some(({ subnets }) =>
    subnets.some(
      ({ reference: { at }, ipv4 }) =>
        at.kind === "text" && items.includes(spanOf(at.node).start) && outcomeOf(ipv4.verdict) === "fails",
    ),
  );
}

import { appendToProperty } from "../edit/resource";
import { message } from "../message";
import { subnetsWithEgress } from "../network/alternatives";
import { known, type Origin } from "../network/model";
import type { FunctionEgress } from "../network/verdict";
import { spanOf } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Fix, Rule, World } from "./rule";

export const singleAz: Rule = {
  id: "single-az",
  severity: "hint",
  group: "reach",
  summary: "All subnets of the function lie in one Availability Zone",
  docs: `## What happens

Nothing, as long as all is well. When the *Availability Zone* fails (one of the separate data centers of a
region), the function cannot be called, since it has nowhere else to run.

Each subnet lies in one zone, and Lambda runs the function in the zones of its subnets. AWS therefore
recommends subnets in at least two zones
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)).

## How to fix it

Add a subnet in another zone, with the same kind of route table, to \`SubnetIds\`.

The quick fix adds a subnet of the template that reaches the internet from another zone; where there is none, it takes a
new one.

## When to silence it

When what the function talks to lies in that one zone anyway, or when a test environment need not be that
robust.
`,
  bad: "single-az/one-subnet.yaml",
  good: "single-az/two-zones.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const config = known(fn.fn.vpcConfig);
      if (config?.subnets.is !== "known" || !isInOneZone(fn)) continue;
      yield {
        at: placeOf(config.at, config.subnets.at),
        message: message("{0} runs in one Availability Zone only, so it fails when that zone does", fn.fn.key),
        fixes: () => fixes(world, fn),
        functions: [fn.fn.key],
      };
    }
  },
};

/** Where all subnets reach the internet, one more that does so in another zone. */
function fixes({ document, template, whole }: World, { fn, verdict, subnets }: FunctionEgress): Fix[] {
  const resource = template.resources.get(fn.key);
  const [first] = subnets;
  const vpc = first?.subnet === undefined ? undefined : known(first.subnet.vpc);
  const zone = first?.subnet === undefined ? undefined : known(first.subnet.zone);
  if (resource === undefined || vpc === undefined || zone === undefined || verdict !== "internet") return [];
  const others = subnetsWithEgress(whole(), vpc, (subnet) => {
    const other = known(subnet.zone);
    return other !== undefined && other !== zone;
  });
  const path = [fn.canary ? "VPCConfig" : "VpcConfig", "SubnetIds"];
  return others.slice(0, 3).map(({ reference: { ref } }) => ({
    title: message("Add {0}, which is in another Availability Zone", ref),
    safe: false,
    edits: isOwn(resource, first?.reference.at) ? appendToProperty(document, resource, path, [{ Ref: ref }]) : [],
  }));
}

/** A list that Globals or a parameter holds is meant for other functions too. */
function isOwn(resource: Resource, at: Origin | undefined): boolean {
  if (at?.kind !== "text") return false;
  const [own, place] = [spanOf(resource.node), spanOf(at.node)];
  return place.start >= own.start && place.end <= own.end;
}

/** One subnet lies in one zone, whichever; of several all zones must be known to be the same. */
function isInOneZone({ subnets }: FunctionEgress): boolean {
  if (subnets.length === 0 || subnets.some(({ reference }) => reference.whole || reference.key.is !== "known")) {
    return false;
  }
  if (new Set(subnets.map(({ reference }) => known(reference.key))).size === 1) return true;
  const zones = subnets.map(({ subnet }) => (subnet === undefined ? undefined : known(subnet.zone)));
  return zones[0] !== undefined && new Set(zones).size === 1;
}

/** Nearly every function of a test environment is told of this, so the key is taken from where it is at hand. */
function placeOf(config: Origin, subnets: Origin): Origin {
  if (config.kind !== "text" || subnets.kind !== "text" || config.node.kind !== "map") return subnets;
  const own = config.node.entries.find(({ value }) => value === subnets.node);
  return own === undefined ? subnets : { kind: "text", node: own.key };
}

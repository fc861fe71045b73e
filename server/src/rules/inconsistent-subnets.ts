import { offerAssociation } from "../edit/association";
import { offerIgnoreGlobals, plainList, plainMap } from "../edit/globals";
import { offerOtherSubnets, offerRemoval } from "../edit/subnets";
import { message } from "../message";
import { badSubnets, outcomeOf } from "../network/egress";
import { known } from "../network/model";
import type { FunctionEgress, Path, SubnetEgress } from "../network/verdict";
import { keptGlobals } from "../template/sam";
import { get, spanOf } from "../template/syntax";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const inconsistentSubnets: Rule = {
  id: "inconsistent-subnets",
  severity: "error",
  group: "reach",
  summary: "Some of the function's subnets reach the internet and others do not",
  docs: `## What happens

Calls to the internet work now and then. Lambda runs the function in any of its subnets, picked at
random, so each call succeeds or times out depending on where it happens to run. This is worse than a
function that never works: it passes a first test and fails later.

AWS therefore asks that [all subnets of a function have the same
configuration](https://repost.aws/knowledge-center/internet-access-lambda-function).

## How to fix it

Give every subnet of the function the same kind of way out: associate the bad subnet with a route table
that leads to a NAT gateway, put a good subnet in its place, or remove it. Different NAT gateways in
different Availability Zones are fine.

There is no quick fix where a list that is shared, such as that of \`Globals\`, is all the function has: changing it would
move other functions too.

## When to silence it

Hardly ever. If the function needs no internet at all, say \`Expect: none\` in its metadata.
`,
  bad: "inconsistent-subnets/one-not-associated.yaml",
  good: "inconsistent-subnets/one-table-each.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const bad = badSubnets(fn);
      const good = fn.subnets.filter(({ ipv4 }) => outcomeOf(ipv4.verdict) === "reaches");
      for (const one of bad) {
        const { reference, ipv4 } = one;
        const notes: DraftNote[] = [];
        const failed = ipv4.hops.find(({ status, at }) => status === "failed" && at !== undefined);
        if (failed?.at !== undefined) notes.push({ at: failed.at, message: failed.why });
        const [example] = good;
        const at = example === undefined ? undefined : routeOf(example.ipv4);
        if (example !== undefined && at !== undefined) {
          notes.push({ at, message: message("{0} gets out by this route", example.reference.ref) });
        }
        const text =
          good.length > 0
            ? message(
                "{0} reaches the internet from {1} but not from {2}, so calls fail whenever Lambda picks {2}",
                fn.fn.key,
                good.map(({ reference }) => reference.ref).join(", "),
                reference.ref,
              )
            : message(
                "{0} cannot reach the internet from {1}, so calls fail whenever Lambda picks it",
                fn.fn.key,
                reference.ref,
              );
        yield {
          at: reference.at,
          severity: world.intent(fn) === "internet" || good.length > 0 ? "error" : "warning",
          message: text,
          notes,
          fixes: () => [
            ...associations(world, one, good),
            ...offerOtherSubnets(world.document, world.template, world.whole(), fn, bad),
            ...(good.length > 0 ? offerRemoval(world.document, world.template, fn, bad) : []),
            ...withoutGlobals(world, fn, bad),
          ],
          functions: [fn.fn.key],
        };
      }
    }
  },
};

function routeOf(path: Path) {
  return path.hops.find(({ kind, status }) => kind === "route" && status === "passed")?.at;
}

/** A subnet whose association was forgotten may use the table of a good subnet in its VPC. */
function associations(world: World, { subnet, ipv4 }: SubnetEgress, good: readonly SubnetEgress[]): Fix[] {
  const { document, template } = world;
  if (subnet === undefined || !ipv4.faults.some(({ code }) => code === "main-table")) return [];
  const vpc = known(subnet.vpc);
  const siblings = good.flatMap((one) =>
    one.subnet !== undefined && known(one.subnet.vpc) === vpc ? one.subnet.tables.slice(0, 1) : [],
  );
  const tables = new Set(siblings.flatMap(({ target }) => known(target) ?? []));
  return [...tables]
    .filter((table) => template.resources.has(table))
    .flatMap((table) => offerAssociation(document, template, world.whole(), subnet.key, table));
}

/** Where all bad subnets come from Globals and others are the function's own, it is better off without Globals. */
function withoutGlobals({ document, template }: World, { fn }: FunctionEgress, bad: readonly SubnetEgress[]): Fix[] {
  const resource = template.resources.get(fn.key);
  const local = plainMap(get(resource?.written, "VpcConfig"));
  if (resource === undefined || local === undefined) return [];
  const global = plainMap(get(keptGlobals(resource, get(template.globals, "Function")), "VpcConfig"));
  const [theirs, own] = [global, local].map((config) => plainList(get(config, "SubnetIds"))?.items ?? []);
  const starts = theirs?.map((item) => spanOf(item).start) ?? [];
  const areTheirs = bad.every(({ reference: { at } }) => at.kind === "text" && starts.includes(spanOf(at.node).start));
  return global === undefined || own?.length === 0 || !areTheirs
    ? []
    : offerIgnoreGlobals(document, resource, global, local);
}

import { offerOtherSubnets, offerRemoval } from "../edit/subnets";
import { message } from "../message";
import { badSubnets, outcomeOf } from "../network/egress";
import type { Path } from "../network/verdict";
import type { DraftNote, Rule } from "./rule";

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

## When to silence it

Hardly ever. If the function needs no internet at all, say \`Expect: none\` in its metadata.
`,
  bad: "inconsistent-subnets/one-not-associated.yaml",
  good: "inconsistent-subnets/one-table-each.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const bad = badSubnets(fn);
      const good = fn.subnets.filter(({ ipv4 }) => outcomeOf(ipv4.verdict) === "reaches");
      for (const { reference, ipv4 } of bad) {
        const notes: DraftNote[] = [];
        const failed = ipv4.hops.find(({ status, at }) => status === "failed" && at !== undefined);
        if (failed?.at !== undefined) notes.push({ at: failed.at, message: failed.why });
        for (const one of good.slice(0, 1)) {
          const at = routeOf(one.ipv4);
          if (at !== undefined) notes.push({ at, message: message("{0} gets out by this route", one.reference.ref) });
        }
        const text =
          good.length > 0
            ? message(
                "{0} reaches the internet from {1} but not from {2}, so calls fail whenever Lambda picks {2}",
                fn.fn.key,
                good.map((one) => one.reference.ref).join(", "),
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
            ...offerOtherSubnets(world.document, world.template, world.whole(), fn, bad),
            ...(good.length > 0 ? offerRemoval(world.document, world.template, fn, bad) : []),
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

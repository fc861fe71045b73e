/** One network, read from a template and from an account in which the same was built, must give the same hops. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { SubnetReport } from "../server/src/lint";
import { lint, reportSubnet } from "../server/src/lint";
import { parse } from "../server/src/template/parse";
import { bench, check } from "./live/check";
import { build, plans, templateOf } from "./live/random-network";

/** Networks a run; `LAMBDA_EGRESS_SEED` repeats a run whose seed was printed. */
const networks = 300;

describe("template and account", function () {
  const on = bench(this);
  const seed = Number(process.env.LAMBDA_EGRESS_SEED ?? Date.now() % 2 ** 31);

  it(`agree hop by hop on ${networks} random networks (seed ${seed})`, async function () {
    this.timeout(300_000);
    const seen = new Map<string, number>();
    let built = 0;
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        // What earlier networks left behind makes every later list longer.
        if (built++ % 25 === 0) assert.ok((await fetch(`${on.moto.url}/moto-api/reset`, { method: "POST" })).ok);
        const name = `worker-${built}`;
        const names = await build(on.account, plan, name);
        const live = await check(on, name);
        const [fn] = lint(parse(templateOf(plan)), {}).functions;
        assert.ok(fn !== undefined);
        seen.set(fn.verdict, (seen.get(fn.verdict) ?? 0) + 1);
        const promised = fn.subnets.map((subnet) => pathOf(subnet, (id) => id));
        const deployed = live.subnets.map((subnet) => pathOf(reportSubnet(subnet), (id) => names.get(id) ?? "default"));
        assert.deepEqual(deployed, promised);
        assert.equal(live.verdict, fn.verdict);
      }),
      { numRuns: networks, seed, endOnFailure: true },
    );
    console.log(`      ${[...seen].map(([verdict, count]) => `${count} ${verdict}`).join(", ")}`);
    // A generator that finds only one kind of network shows little.
    for (const verdict of ["internet", "no-internet", "intermittent", "partial"]) assert.ok(seen.has(verdict), verdict);
  });
});

/**
 * A subnet's verdict and hops. The account names the VPC's own table and ACL, which no template contains: there the
 * subnet stands for the table that it uses without being told to.
 */
function pathOf({ ref, verdict, ipv6, blockers, hops }: SubnetReport, nameOf: (id: string) => string) {
  const own = nameOf(ref);
  return {
    ref: own,
    verdict,
    ipv6,
    blockers: [...blockers].sort(),
    hops: hops
      .map(({ kind, id, family, status }) => ({ kind, id: nameOf(id), family, status }))
      .map((hop) => (hop.kind === "route-table" && /^Subnet/.test(hop.id) ? { ...hop, id: "default" } : hop))
      .filter(({ kind, id, status }) => id !== "default" || (kind === "route-table" && status !== "passed"))
      .map(({ kind, id, family, status }) => `${status} ${family} ${kind} ${id}`),
  };
}

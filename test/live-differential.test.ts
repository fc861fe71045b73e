/** One network, read from a template and from an account in which the same was built, must give the same hops. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { bothTell, forEach } from "./live/both";
import { bench } from "./live/check";
import { contradictions, isSame } from "./live/paths";
import { plans, templateOf } from "./live/random-network";

/** Networks a run; `LAMBDA_EGRESS_SEED` repeats a run whose seed was printed. */
const networks = Number(process.env.LAMBDA_EGRESS_NETWORKS ?? 300);

describe("template and account", function () {
  const lanes = [bench(this), bench(this)];
  const seed = Number(process.env.LAMBDA_EGRESS_SEED ?? Date.now() % 2 ** 31);

  it(`agree hop by hop on ${networks} random networks (seed ${seed})`, async function () {
    this.timeout(600_000);
    const seen = new Map<string, number>();
    const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    const samples = fc.sample(plans, { numRuns: networks, seed }).map((plan, at) => ({
      name: `network ${at}`,
      text: templateOf(plan),
      parameters: {},
    }));
    await forEach(lanes, samples, async (on, sample) => {
      const both = await bothTell(on, sample);
      assert.ok(typeof both !== "string", `${sample.name} cannot be built: ${String(both)}`);
      const [fn] = both;
      assert.ok(fn !== undefined);
      assert.deepEqual(contradictions(fn.promised, fn.deployed), [], `${sample.name}:\n${sample.text}`);
      note(isSame(fn.promised, fn.deployed) ? "the same" : "left open by the template");
      note(fn.promised.verdict);
      for (const { ipv6, hops } of fn.promised.paths) {
        note(`IPv6 ${ipv6}`);
        for (const kind of new Set(hops.map((hop) => hop.split(" ")[2] ?? ""))) note(kind);
      }
    });
    console.log(`      ${[...seen].map(([what, count]) => `${count} ${what}`).join(", ")}`);
    // A generator that finds only one kind of network shows little.
    for (const what of [
      ...["internet", "no-internet", "intermittent", "partial", "unknown", "IPv6 egress-only", "IPv6 isolated"],
      ...["IPv6 igw", "nat-gateway", "nat-instance", "egress-only-gateway", "endpoint", "peering", "transit-gateway"],
    ]) {
      assert.ok(seen.has(what), what);
    }
  });
});

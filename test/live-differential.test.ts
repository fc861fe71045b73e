/** One network, read from a template and from an account in which the same was built, must give the same hops. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { lint } from "../server/src/lint";
import { parse } from "../server/src/template/parse";
import { type Both, bothTell, forEach } from "./live/both";
import { bench } from "./live/check";
import { templateOf } from "./live/network-template";
import { contradictions, isSame } from "./live/paths";
import { type Plan, plans } from "./live/random-network";

/** Networks a run; `LAMBDA_EGRESS_SEED` repeats a run whose seed was printed. */
const networks = Number(process.env.LAMBDA_EGRESS_NETWORKS ?? 200);

describe("template and account", function () {
  const lanes = [bench(this), bench(this)];
  const seed = Number(process.env.LAMBDA_EGRESS_SEED ?? Date.now() % 2 ** 31);

  it(`agree hop by hop on ${networks} random networks (seed ${seed})`, async function () {
    this.timeout(1_800_000);
    let [same, more] = [0, 0];
    const samples = fc.sample(plans, { numRuns: networks, seed }).map((plan, at) => ({ at, ...givenOf(plan) }));
    let wrong: number | undefined;
    await forEach(lanes, samples, async (on, sample) => {
      if (wrong !== undefined) return;
      const told = await bothTell(on, sample);
      if (contrary(told).length > 0) wrong = sample.at;
      else if (typeof told !== "string") {
        const open = told.filter(({ promised, deployed }) => !isSame(promised, deployed)).length;
        same += told.length - open;
        more += open;
      }
    });
    if (wrong !== undefined) assert.fail(await smallest(wrong));
    console.log(`      ${same} the same, ${more} of which the account tells more`);
    assert.ok(same > more, "most templates leave nothing open");
  });

  it("meet networks of every kind", () => {
    // Always the same networks, as a rare kind is missing from a run by chance now and then.
    const seen = new Set(fc.sample(plans, { numRuns: 300, seed: 1 }).flatMap(kindsIn));
    for (const what of [
      ...["internet", "no-internet", "intermittent", "partial", "unknown", "IPv6 egress-only", "IPv6 isolated"],
      ...["IPv6 igw", "nat-gateway", "nat-instance", "egress-only-gateway", "endpoint", "peering", "transit-gateway"],
    ]) {
      assert.ok(seen.has(what), what);
    }
  });

  /** Returns a small network on which both differ, made of the one at that place among the seed's. */
  async function smallest(at: number): Promise<string> {
    const [on] = lanes;
    assert.ok(on !== undefined);
    let told: string[] = [];
    const agree = fc.asyncProperty(plans, async (plan) => {
      const given = givenOf(plan);
      await forEach([on], [given], async () => {
        const found = contrary(await bothTell(on, given));
        if (found.length > 0) told = found;
        assert.deepEqual(found, []);
      });
    });
    const limits = { numRuns: 1, interruptAfterTimeLimit: 120_000 };
    const { counterexample } = await fc.check(agree, { ...limits, seed, path: String(at) });
    const [plan] = counterexample ?? [];
    const text = plan === undefined ? "it agreed when it was built again" : `${told.join("\n")}\n${templateOf(plan)}`;
    return `network ${at} of seed ${seed}: ${text}`;
  }
});

const givenOf = (plan: Plan) => ({ name: "network", text: templateOf(plan), parameters: {} });

/** A network that cannot be built says nothing for the generator. */
function contrary(told: readonly Both[] | string): string[] {
  if (typeof told === "string") return [`cannot be built: ${told}`];
  return told.flatMap(({ promised, deployed }) => contradictions(promised, deployed));
}

/** Returns what a network shows: verdicts, those of IPv6, and the kinds of hops. */
function kindsIn(plan: Plan): string[] {
  return lint(parse(templateOf(plan))).functions.flatMap(({ verdict, subnets }) => [
    verdict,
    ...subnets.flatMap(({ ipv6, hops }) => [`IPv6 ${ipv6}`, ...hops.map(({ kind }) => kind)]),
  ]);
}

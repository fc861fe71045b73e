/**
 * Every fixture, snippet and example is built in an account, and the check of what is there must say what lint says
 * of the template. What cannot be built stands in live/not-replayed.json with its reason, and nothing else may
 * drop out; `UPDATE=1` writes that file, and its diff is to be read.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { readFixtures } from "./harness";
import { bothTell, forEach, type Given } from "./live/both";
import { bench } from "./live/check";
import { contradictions, isSame } from "./live/paths";

const listed = path.join(import.meta.dirname, "live/not-replayed.json");
const root = path.join(import.meta.dirname, "..");
const update = process.env.UPDATE === "1";
/** For a look at some: a pattern of their names. */
const only = process.env.LAMBDA_EGRESS_REPLAY ?? "";

describe("template and its replay", function () {
  // Two accounts at a time, as most machines have two cores.
  const lanes = [bench(this), bench(this)];

  it("agree hop by hop, for every fixture, snippet and example", async function () {
    this.timeout(1_800_000);
    const left = new Map<string, string[]>();
    const wrong: string[] = [];
    let [same, more] = [0, 0];
    const given = templates().filter(({ name }) => new RegExp(only).test(name));
    await forEach(lanes, given, async (on, one) => {
      const both = await bothTell(on, one);
      if (typeof both === "string") {
        left.set(both, [...(left.get(both) ?? []), one.name]);
        return;
      }
      for (const { fn, promised, deployed } of both) {
        const contrary = contradictions(promised, deployed);
        wrong.push(...contrary.map((text) => `${one.name} ${fn}: ${text}`));
        if (isSame(promised, deployed)) same++;
        else if (contrary.length === 0) more++;
      }
    });
    const sorted = Object.fromEntries([...left].sort().map(([why, names]) => [why, names.sort()]));
    const count = Object.values(sorted).flat().length;
    console.log(
      `      ${same} functions the same, ${more} of which the account tells more, ${count} templates not built`,
    );
    if (update && only === "") fs.writeFileSync(listed, `${JSON.stringify(sorted, undefined, 2)}\n`);
    if (only !== "") console.log(JSON.stringify(sorted, undefined, 2));
    assert.deepEqual(wrong, []);
    if (only !== "") return;
    assert.deepEqual(sorted, JSON.parse(fs.readFileSync(listed, "utf8")));
    assert.ok(same > 2 * more, "most functions leave nothing open");
  });
});

function templates(): Given[] {
  const examples = fs.readdirSync(path.join(root, "examples")).map((one) => `examples/${one}`);
  return [
    ...readFixtures(),
    ...["snippets/lambda-nat-vpc.yaml", ...examples].map((name) => ({
      name,
      text: fs.readFileSync(path.join(root, name), "utf8"),
      parameters: {},
    })),
  ];
}

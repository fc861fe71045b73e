/** The demo's way out where the machine lacks what it needs. What it starts is tried by the tests in the window. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";

describe("npm run demo:aws", () => {
  it("says in one sentence what to install", () => {
    const root = path.resolve(import.meta.dirname, "..");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import=tsx", "scripts/demo-aws.mts"], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PATH: "" },
    });
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.match(stderr, /pip install 'moto\[server\]'/);
    assert.deepEqual([status, stdout], [1, ""]);
  }).timeout(20_000);
});

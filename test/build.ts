/** Builds what tests start, once before all of them: whoever starts a file that is being written gets half of it. */
import { spawnSync } from "node:child_process";
import * as path from "node:path";

export function mochaGlobalSetup(): void {
  const script = path.resolve(import.meta.dirname, "../scripts/build.mts");
  const { status, stderr } = spawnSync(process.execPath, ["--import=tsx", script], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

/** What the editor calls to run the tests inside its extension host. */
import * as fs from "node:fs";
import * as path from "node:path";
import Mocha from "mocha";
import Reporter from "../../reporter";

/** Runs every bundled `*.test.js` beside this file; rejects when one fails, so that the editor's exit status says so. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", reporter: Reporter, timeout: 30_000, slow: 3_000, color: false });
  for (const name of fs.readdirSync(__dirname).sort()) {
    if (name.endsWith(".test.js")) mocha.addFile(path.join(__dirname, name));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

/** What is kept of the bundles beside them: used while it is right, made anew where it is not, and never in the way. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
/** Only the superuser can give files away, and run as somebody else. */
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

describe("compiled code", function () {
  this.timeout(60_000);
  let folder = "";
  let kept = "";

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-compiled-"));
    for (const name of ["cli.js", "program.js"]) {
      fs.copyFileSync(path.join(root, "dist", name), path.join(folder, name));
    }
    fs.chmodSync(folder, 0o755);
    kept = path.join(folder, "compiled", `program.js-${process.version}-${process.arch}`);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function run(env: NodeJS.ProcessEnv = {}, user: { uid?: number; gid?: number } = {}): string {
    const { NODE_V8_COVERAGE, NODE_DISABLE_COMPILE_CACHE, ...rest } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(folder, "cli.js"), "--version"], {
      encoding: "utf8",
      cwd: folder,
      env: { ...rest, ...env },
      ...user,
    });
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout;
  }

  /** Returns whether a run keeps the code anew, which it does where it could not use what was kept. */
  function renews(change: () => void): boolean {
    change();
    const before = fs.statSync(kept).ino;
    run();
    return fs.statSync(kept).ino !== before;
  }

  it("is kept by one run and used by the next", () => {
    run();
    assert.deepEqual(fs.readdirSync(path.dirname(kept)), [path.basename(kept)]);
    assert.ok(!renews(() => {}));
  });

  const changed: Readonly<Record<string, () => void>> = {
    "another program of the same length": () => {
      const program = path.join(folder, "program.js");
      const text = fs.readFileSync(program, "utf8");
      const other = text.replace("the version number", "a version's number");
      assert.equal(other.length, text.length);
      fs.writeFileSync(program, other);
    },
    "a byte that has changed": () => {
      const bytes = fs.readFileSync(kept);
      bytes[bytes.length >> 1] = 255 - (bytes[bytes.length >> 1] ?? 0);
      fs.writeFileSync(kept, bytes);
    },
    "half of it": () => fs.truncateSync(kept, fs.statSync(kept).size >> 1),
    nothing: () => fs.truncateSync(kept),
    "what is more than a day old": () => fs.utimesSync(kept, 0, 0),
    ...(isRoot && { "what somebody else has put there": () => fs.chownSync(kept, nobody, nobody) }),
  };
  for (const [what, change] of Object.entries(changed)) {
    it(`is made anew for ${what}`, () => {
      run();
      assert.ok(renews(change));
      assert.ok(!renews(() => {}));
    });
  }

  it("runs as it does without", () => {
    const told = `[__filename, __dirname, module.id, require("./other"), "é → 😀", new Error("at").stack.split("\\n")[1]]`;
    fs.writeFileSync(path.join(folder, "other.js"), "exports.all = [this === exports, require.main.filename];");
    fs.writeFileSync(path.join(folder, "program.js"), `console.log(${told});`);
    const plain = run({ NODE_DISABLE_COMPILE_CACHE: "1" });
    assert.match(plain, /é → 😀.*program\.js:1:\d+\)/s);
    assert.equal(run(), plain);
    assert.ok(fs.existsSync(kept));
    assert.equal(run(), plain);
  });

  it("is not kept where it was turned off", () => {
    run({ NODE_DISABLE_COMPILE_CACHE: "1" });
    assert.ok(!fs.existsSync(path.dirname(kept)));
  });

  it("is not missed where the folder cannot be written", () => {
    fs.writeFileSync(path.dirname(kept), "in its place");
    run();
    fs.rmSync(path.dirname(kept));
    if (isRoot) run({}, { uid: nobody, gid: nobody });
    assert.ok(!fs.existsSync(path.dirname(kept)));
  });
});

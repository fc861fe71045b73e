/** `check --resolve-account` and the language server, as programs of their own before moto. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { build } from "esbuild";
import { apart, commandLine } from "../scripts/apart.mjs";
import { resolveActions } from "../server/src/live/actions";
import type { Externals } from "../server/src/network/resolved";
import { toResolvedData } from "../server/src/network/resolved-json";
import type { JsonReport } from "../server/src/report/json";
import { checkShape } from "./json-shape";
import { region } from "./live/account";
import { bench, plainEnvironment } from "./live/check";
import { ask, naming } from "./live/from-template";
import { ec2Error } from "./live/proxy";
import { type Session, startSession } from "./lsp-session";

const root = path.resolve(import.meta.dirname, "..");

async function rulesOf(session: Session, uri: string, since = 0): Promise<readonly unknown[]> {
  return (await session.diagnostics(uri, since)).map(({ code }) => code).sort();
}

describe("what templates only name, asked about", function () {
  const on = bench(this);

  describe("on the command line", () => {
    let scratch = "";
    before(async () => {
      scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-resolve-"));
      await build({
        absWorkingDir: root,
        entryPoints: commandLine,
        outdir: scratch,
        bundle: true,
        platform: "node",
        target: "node20",
        format: "cjs",
        mainFields: ["module", "main"],
        plugins: [apart()],
        logLevel: "error",
      });
    });
    after(() => fs.rmSync(scratch, { recursive: true, force: true }));

    async function run(args: readonly string[], input = "") {
      const { CI, NO_COLOR, FORCE_COLOR, ...rest } = process.env;
      const child = spawn(process.execPath, [path.join(scratch, "cli.js"), "check", ...args], {
        cwd: scratch,
        env: { ...rest, ...plainEnvironment, AWS_REGION: region, AWS_ENDPOINT_URL: on.proxy.url },
      });
      const result = { stdout: "", stderr: "" };
      for (const stream of ["stdout", "stderr"] as const) {
        child[stream].setEncoding("utf8").on("data", (chunk: string) => {
          result[stream] += chunk;
        });
      }
      child.stdin.on("error", () => {}).end(input);
      const status = await new Promise<number | null>((done) => child.once("close", done));
      return { status, ...result };
    }

    const fnOf = (stdout: string) => (JSON.parse(stdout) as JsonReport).files[0]?.functions[0];

    it("never unasked; when asked, kept in a file, and known from there without AWS", async () => {
      const world = await on.account.natWorld();
      fs.writeFileSync(path.join(scratch, "template.yaml"), naming([world.closed], [world.group], world.role));
      on.proxy.clear();
      const plain = await run(["template.yaml", "--format", "json"]);
      assert.equal(fnOf(plain.stdout)?.verdict, "unknown");
      assert.deepEqual([...on.proxy.actions], []);

      const asked = await run([
        "template.yaml",
        "--format",
        "json",
        "--resolve-account",
        "--account-cache",
        "kept.json",
      ]);
      assert.equal(asked.status, 0, asked.stderr);
      assert.equal(asked.stderr, `lambda-egress: account 123456789012 in ${region} knows 3 of 3\n`);
      const fn = fnOf(asked.stdout);
      assert.deepEqual(
        [fn?.verdict, fn?.role, fn?.subnets[0]?.ref, fn?.subnets[0]?.id],
        ["internet", "granted", `literal:${world.closed}`, world.closed],
      );
      checkShape(JSON.parse(asked.stdout));
      if (process.platform !== "win32") assert.equal(fs.statSync(path.join(scratch, "kept.json")).mode & 0o077, 0);

      on.proxy.clear();
      const offline = await run(["template.yaml", "--format", "json", "--account-cache", "kept.json"]);
      assert.deepEqual([offline.status, offline.stdout], [0, asked.stdout]);
      assert.match(
        offline.stderr,
        /^lambda-egress: account 123456789012 in eu-west-1 as it was (?:just now|a minute ago) \(kept\.json\)\n$/,
      );
      assert.deepEqual([...on.proxy.actions], []);

      const kept = JSON.parse(fs.readFileSync(path.join(scratch, "kept.json"), "utf8"));
      const [hour, ...broken] = [
        JSON.stringify({ ...kept, time: new Date(Date.now() - 3.5 * 3_600_000).toISOString() }),
        JSON.stringify({ ...kept, version: 2 }),
        JSON.stringify(kept).slice(0, -30),
        "null",
      ];
      fs.writeFileSync(path.join(scratch, "old.json"), hour ?? "");
      assert.match((await run(["template.yaml", "--account-cache", "old.json"])).stderr, /as it was 3 hours ago/);
      for (const text of broken) {
        fs.writeFileSync(path.join(scratch, "broken.json"), text);
        const { status, stderr } = await run(["template.yaml", "--account-cache", "broken.json"]);
        assert.deepEqual(
          [status, stderr.includes("broken.json holds nothing that this version wrote")],
          [2, true],
          stderr,
        );
      }
      const none = await run(["template.yaml", "--account-cache", "none.json"]);
      assert.deepEqual(
        [none.status, none.stderr.includes("none.json: no such file or folder")],
        [2, true],
        none.stderr,
      );
    });

    it("names the ids and what is missing, with status 0, as nothing is known to be wrong", async () => {
      const world = await on.account.natWorld();
      on.proxy.add(({ action }) =>
        action === "ec2:DescribeNatGateways" ? ec2Error("UnauthorizedOperation", 403) : undefined,
      );
      const parameters = ["--param", `Subnet=${world.closed}`];
      const text = `Parameters: { Subnet: { Type: String } }\n${naming(["!Ref Subnet"], [world.group], world.role)}`;
      const { status, stdout, stderr } = await run(["-", "--resolve-account", ...parameters], text);
      assert.equal(status, 0, stdout);
      assert.match(
        stdout,
        new RegExp(`param:Subnet \\(${world.closed}\\): unknown; the identity in use lacks ec2:DescribeNatGateways`),
      );
      assert.match(
        stderr,
        /the identity in use lacks ec2:DescribeNatGateways\n.*--minimal-policy` prints what is needed/,
      );
    });

    it("asks nothing where nothing is to be asked, and prints the policy", async () => {
      on.proxy.clear();
      const none = await run(
        ["-", "--resolve-account"],
        "Resources: { Fn: { Type: AWS::Lambda::Function, Properties: {} } }",
      );
      assert.match(none.stderr, /name nothing that an account could tell of, so AWS was not asked/);
      const policy = await run([".", "--resolve-account", "--minimal-policy"]);
      const { Statement } = JSON.parse(policy.stdout) as { Statement: { Action: string[] }[] };
      assert.deepEqual(Statement.flatMap(({ Action }) => Action).sort(), Object.keys(resolveActions).sort());
      assert.equal((await run([".", "--minimal-policy"])).status, 2);
      assert.deepEqual([...on.proxy.actions], []);
    });
  });

  describe("in the editor", () => {
    it("tells what it would like to know, and lints again with the answer, till it is taken away", async () => {
      const world = await on.account.natWorld();
      const text = naming([world.open], [world.group], world.role);
      const { resolved } = await ask(on, text);
      const session = await startSession();
      try {
        const uri = session.open("file:///w/template.yaml", text);
        assert.deepEqual(await rulesOf(session, uri), ["single-az"]);
        on.proxy.clear();
        const externals = await session.connection.sendRequest<Externals>("lambdaEgress/externals");
        assert.deepEqual(externals, {
          parameters: [],
          exports: [],
          outputs: [],
          ids: [world.role, world.group, world.open].sort(),
        });
        const steps: readonly (readonly [account: unknown, rules: readonly string[]])[] = [
          [toResolvedData(resolved), ["public-subnet", "single-az"]],
          [{ version: 1, network: [] }, ["single-az"]],
          [toResolvedData(resolved), ["public-subnet", "single-az"]],
          [null, ["single-az"]],
        ];
        for (const [account, rules] of steps) {
          const since = session.published.length;
          await session.connection.sendNotification("lambdaEgress/account", { account });
          assert.deepEqual(await rulesOf(session, uri, since), rules);
        }
        assert.deepEqual([...on.proxy.actions], [], "the server asks AWS nothing");
      } finally {
        await session.stop();
      }
    });
  });
});

/** `lambda-egress deployed` as a person meets it: the bundled program in a process of its own, before moto. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { build } from "esbuild";
import { apart, commandLine } from "../scripts/apart.mjs";
import { actions } from "../server/src/live/actions";
import { profileNames } from "../server/src/live/profile";
import { checkShape } from "./json-shape";
import { vpcAccess } from "./live/account";
import { bench, plainEnvironment } from "./live/check";
import { lambdaError } from "./live/proxy";
import { validSarif } from "./sarif-schema";

const root = path.resolve(import.meta.dirname, "..");

describe("deployed", function () {
  const on = bench(this);
  // Some tests start the program five times.
  this.timeout(180_000);
  let scratch = "";

  before(async () => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-deployed-"));
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

  async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, interrupt?: Promise<void>) {
    const {
      CI,
      NO_COLOR,
      FORCE_COLOR,
      LC_ALL,
      LC_MESSAGES,
      LANG,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED,
      ...rest
    } = process.env;
    const child = spawn(process.execPath, [path.join(scratch, "cli.js"), "deployed", ...args], {
      cwd: scratch,
      env: { ...rest, ...plainEnvironment, AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: on.proxy.url, ...env },
    });
    const result = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        result[stream] += chunk;
      });
    }
    interrupt?.then(() => child.kill("SIGINT"));
    const status = await new Promise<number | null>((done) => child.once("close", done));
    return { status, ...result };
  }

  /** The NAT gateway's subnet is asked about once all is known that was asked about before, so nothing else is under way. */
  const hangLast = (): Promise<void> => on.proxy.hang("ec2:DescribeSubnets", 2);

  it("draws what it found, and nobody's names where they are redacted", async () => {
    const world = await on.account.natWorld();
    assert.equal((await run([world.name, "--map", "map.svg"])).status, 0);
    const drawn = fs.readFileSync(path.join(scratch, "map.svg"), "utf8");
    assert.match(drawn, new RegExp(`<g class="node function lit" data-node="function:${world.name}"`));
    for (const lit of ["nat-gateway", "internet-gateway", "internet"]) {
      assert.match(drawn, new RegExp(`<g class="node ${lit} lit" data-node="${lit}:`));
    }
    assert.match(drawn, new RegExp(`<g class="node subnet lit" data-node="subnet:${world.closed}"`));
    assert.equal((await run([world.name, "--redact", "--map", "hidden.svg"])).status, 0);
    const hidden = fs.readFileSync(path.join(scratch, "hidden.svg"), "utf8");
    assert.doesNotMatch(hidden, new RegExp(`\\b[a-z]+-[0-9a-f]{8,17}|${world.name}`));
    assert.doesNotMatch(hidden, /…/);
    assert.equal((await run([world.name, "--map", "map.mmd"])).status, 0);
    assert.match(fs.readFileSync(path.join(scratch, "map.mmd"), "utf8"), /^flowchart LR\n/);
    const { status, stderr } = await run([world.name, "--map", "gone/map.svg"]);
    assert.deepEqual([status, /gone\/map\.svg: ENOENT/.test(stderr)], [2, true]);
  });

  it("tells of a function that gets through", async () => {
    const world = await on.account.natWorld();
    const { status, stdout, stderr } = await run([world.name]);
    assert.deepEqual([status, stderr], [0, ""]);
    const [head, arn, where, link] = stdout.split("\n");
    assert.equal(head, `${world.name} reaches the internet`);
    assert.equal(arn, `  ${world.arn}`);
    assert.match(
      where ?? "",
      /^ {2}account 123456789012, region eu-west-1, \d{4}-\d\d-\d\dT[\d:]+Z, asked about the internet on tcp\/443$/,
    );
    assert.equal(link, `  https://console.aws.amazon.com/go/view?arn=${world.arn}`);
    assert.match(stdout, new RegExp(`\\n${world.closed} over IPv4: nat\\n`));
    assert.match(stdout, /AWSSupport-TroubleshootLambdaInternetAccess/);
  });

  it("says what to change, with the page of the console", async () => {
    const world = await on.account.natWorld();
    await on.account.fn(`${world.name}-open`, [world.open], [world.group]);
    const { status, stdout } = await run([`${world.name}-open`]);
    assert.equal(status, 1);
    assert.match(stdout, /failed +route +rtb-\w+\|0\.0\.0\.0\/0 .*no public IPv4 address/);
    assert.match(stdout, /fix: move the function to private subnets/);
    assert.ok(
      stdout.includes(
        `https://console.aws.amazon.com/go/view?arn=arn:aws:ec2:eu-west-1:123456789012:route-table/${world.publicTable}`,
      ),
    );
  });

  it("prints the function object of the other reports", async () => {
    const world = await on.account.natWorld();
    const { status, stdout } = await run([world.name, "--format", "json"]);
    assert.equal(status, 0);
    const { version, function: fn, ...rest } = JSON.parse(stdout);
    assert.deepEqual([version, rest], [1, { findings: [] }]);
    checkShape({ version: 1, files: [{ path: "-", kind: "sam", functions: [fn], findings: [] }] });
    assert.deepEqual(
      [fn.id, fn.verdict, fn.role, fn.subnets[0].ref],
      [world.name, "internet", "granted", world.closed],
    );
  });

  it("lists every function in a VPC", async () => {
    const world = await on.account.natWorld();
    await on.account.fn(`${world.name}-open`, [world.open], [world.group]);
    await on.account.fn(`${world.name}-free`, [], []);
    const { status, stdout } = await run(["--all", "--format", "json"]);
    assert.equal(status, 1);
    const { version, functions, findings } = JSON.parse(stdout) as {
      version: number;
      functions: { id: string; verdict: string }[];
      findings: Readonly<Record<string, string>>[];
    };
    assert.equal(version, 1);
    const found = findings.find((one) => one.function === `${world.name}-open`);
    assert.deepEqual(
      [found?.rule, found?.severity, found?.id],
      ["public-subnet", "error", `${world.publicTable}|0.0.0.0/0`],
    );
    const verdicts = new Map(functions.map(({ id, verdict }) => [id, verdict]));
    assert.deepEqual(
      [world.name, `${world.name}-open`, `${world.name}-free`].map((name) => verdicts.get(name)),
      ["internet", "no-internet", undefined],
    );
    const table = await run(["--all"]);
    assert.match(
      table.stdout,
      new RegExp(`\\n${world.name}-open +no internet +granted +${world.open}: public subnet \\(public-subnet\\)\\n`),
    );
    assert.equal(table.stderr, "", "where nobody watches, nothing tells how far the check is");
  });

  it("prints SARIF, one result a fault, whoever suffers from it", async () => {
    const world = await on.account.natWorld();
    for (const name of ["a", "b"]) await on.account.fn(`${world.name}-${name}`, [world.open], [world.group]);
    const { status, stdout } = await run(["--all", "--format", "sarif"]);
    assert.equal(status, 1);
    const [log] = validSarif(JSON.parse(stdout)).runs;
    const own = (log?.results ?? []).filter((result) => JSON.stringify(result).includes(world.publicTable));
    assert.equal(own.length, 1);
    const names = [own[0]?.locations, own[0]?.relatedLocations].map((all = []) =>
      all.flatMap(({ logicalLocations = [] }) => logicalLocations.map(({ name }) => name)),
    );
    assert.deepEqual(names, [[`${world.publicTable}|0.0.0.0/0`, `${world.name}-a`], [`${world.name}-b`]]);
    const one = await run([`${world.name}-b`, "--format", "sarif", "--redact"]);
    assert.equal(validSarif(JSON.parse(one.stdout)).runs[0]?.results?.[0]?.ruleId, "public-subnet");
    assert.ok(![world.name, world.publicTable, "123456789012"].some((secret) => one.stdout.includes(secret)));
  });

  it("counts on a terminal's standard error how far it is, and clears that away", async () => {
    const world = await on.account.natWorld();
    const watched = { NODE_OPTIONS: "--import=data:text/javascript,process.stderr.isTTY=true", TERM: "xterm" };
    const { status, stdout, stderr } = await run(["--all"], watched);
    assert.notEqual(status, 2);
    assert.ok(stdout.includes(`\n${world.name} `), stdout);
    const counts = [...stderr.matchAll(/Asking AWS: (\d+) calls answered, (\d+) functions listed/g)].at(-1);
    assert.ok(Number(counts?.[1]) > 10 && Number(counts?.[2]) > 0, stderr);
    assert.ok(stderr.endsWith("\u001b[2K"), JSON.stringify(stderr.slice(-40)));
    for (const quiet of [{ ...watched, CI: "true" }, {}]) assert.equal((await run(["--all"], quiet)).stderr, "");
    assert.equal((await run([world.name], watched)).stderr, "", "a single function takes a moment");
    // Whoever interrupts it reads what is known by then.
    const stopped = await run(["--all"], watched, hangLast());
    assert.match(stopped.stdout, new RegExp(`\\n${world.name} +unknown `));
  });

  it("takes what the folder says of rules", async () => {
    const world = await on.account.natWorld();
    await on.account.fn(`${world.name}-open`, [world.open], [world.group]);
    const file = path.join(scratch, ".lambda-egress.yaml");
    const rulesWith = async (text: string) => {
      fs.writeFileSync(file, text);
      const { stdout, stderr } = await run([`${world.name}-open`, "--format", "json"]);
      const { findings } = JSON.parse(stdout) as { findings: { rule: string; severity: string }[] };
      return [findings.map(({ rule, severity }) => `${severity} ${rule}`), stderr];
    };
    assert.deepEqual(await rulesWith("rules: { public-subnet: hint }\n"), [["hint public-subnet"], ""]);
    assert.deepEqual(await rulesWith("rules: { public-subnet: off, route-blackhole: off }\n"), [[], ""]);
    const [, complaint] = await rulesWith("rules: { no-such-rule: off }\n");
    assert.match(String(complaint), /\.lambda-egress\.yaml:1: The rule "no-such-rule" .* is unknown/);
    fs.rmSync(file);
  });

  it("prints Markdown tables", async () => {
    const world = await on.account.natWorld();
    const { status, stdout } = await run([world.name, "--format", "markdown"]);
    assert.equal(status, 0);
    assert.match(stdout, /^## worker-\d+ reaches the internet\n/);
    assert.match(stdout, /\n\| status \| hop \| id \| evidence \| why \| fix \|\n/);
    for (const row of stdout.split("\n").filter((line) => line.startsWith("| ✅ | route"))) {
      assert.equal(row.replaceAll("\\|", "").split("|").length, 8, row);
    }
  });

  it("compares a function of a stack with a template, or with the stack's own", async () => {
    const world = await on.account.natWorld();
    const template = (subnet: string) =>
      JSON.stringify({
        Resources: {
          Worker: {
            Type: "AWS::Lambda::Function",
            Properties: {
              Runtime: "nodejs20.x",
              Handler: "index.handler",
              Code: { ZipFile: "exports.handler = async () => 1" },
              Role: world.role,
              VpcConfig: { SubnetIds: [subnet], SecurityGroupIds: [world.group] },
            },
          },
        },
      });
    const stack = `stack-of-${world.name}`;
    await on.account.stack(stack, template(world.closed));
    fs.writeFileSync(path.join(scratch, "same.json"), template(world.closed));
    fs.writeFileSync(path.join(scratch, "other.json"), template(world.open));
    const inStack = ["Worker", "--stack", stack];
    for (const args of [inStack, [...inStack, "--template", "same.json"]]) {
      const { status, stdout, stderr } = await run(args);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(
        stdout,
        new RegExp(`\\nStack ${stack}: nothing on the way out is known to differ from (?:its own|same\\.)`),
      );
    }
    const other = [...inStack, "--template", "other.json", "--format", "json"];
    const { status, stdout } = await run(other);
    assert.equal(status, 1);
    const [row, ...more] = JSON.parse(stdout).drift;
    assert.deepEqual(
      [row.rule, row.cause, row.path, row.line, more],
      ["template-drift", "undeployed", "other.json", 1, []],
    );
    assert.equal((await run([...other, "--fail-on", "error"])).status, 0);
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [["Worker", "--stack", "none"], /there is no such stack in account 123456789012, region eu-west-1/],
      [["Nobody", "--stack", stack], /the stack has no function Nobody /],
      [[...inStack, "--template", "missing.json"], /missing\.json: no such file or folder/],
      [["Worker", "--template", "same.json"], /name the stack .* with --stack/],
      [["--all", "--stack", stack], /name one function of the stack/],
    ];
    for (const [args, says] of refusals) {
      const refused = await run(args);
      assert.deepEqual([refused.status, refused.stdout], [2, ""]);
      assert.match(refused.stderr, says);
    }
  });

  it("gives nobody away with --redact", async () => {
    const world = await on.account.natWorld();
    for (const format of ["text", "json", "sarif", "markdown"]) {
      const { stdout: printed } = await run([world.name, "--redact", "--format", format]);
      // The rules that a log describes are everybody's.
      const stdout = format === "sarif" ? printed.replace(/"tool": \{[\s\S]*?\n {6}\},\n/, "") : printed;
      for (const secret of ["123456789012", world.name, world.vpc, world.nat, world.closed, world.gateway, "role-"]) {
        assert.ok(!stdout.includes(secret), `${format} shows ${secret}`);
      }
      // SARIF tells of faults alone, and there is none.
      if (format !== "sarif") assert.match(stdout, /nat-1\b/);
    }
  });

  it("asks about another destination", async () => {
    const world = await on.account.natWorld();
    const { status, stdout } = await run([world.name, "--destination", "203.0.113.7:5432"]);
    assert.equal(status, 0);
    assert.match(stdout, /reaches 203\.0\.113\.7\/32 on port 5432\n/);
  });

  it("prints the policy without asking anything", async () => {
    on.proxy.clear();
    const { status, stdout } = await run(["--minimal-policy", "--region", "us-gov-west-1"]);
    assert.equal(status, 0);
    const { Statement } = JSON.parse(stdout) as { Statement: { Action: string[] }[] };
    assert.deepEqual(Statement.flatMap(({ Action }) => Action).sort(), Object.keys(actions).sort());
    assert.match(stdout, /arn:aws-us-gov:/);
    assert.deepEqual(on.proxy.actions, []);
  });

  it("ends with 1 for a role that lacks permissions", async () => {
    const world = await on.account.natWorld();
    const role = await on.account.role();
    await on.account.fn(`${world.name}-bare`, [world.closed], [world.group], { Role: role });
    const { status, stdout } = await run([`${world.name}-bare`]);
    assert.equal(status, 1);
    assert.match(stdout, /! role: role-\d+ lacks ec2:CreateNetworkInterface, /);
    assert.ok(vpcAccess.endsWith("AWSLambdaVPCAccessExecutionRole"));
  });

  it("ends with 2 where AWS does not tell, and says what to do", async () => {
    const missing = await run(["nobody"]);
    assert.equal(missing.status, 2);
    assert.match(
      missing.stderr,
      /no function nobody in account 123456789012, region eu-west-1\n {2}another --region or --profile may have it/,
    );
    const nowhere = await run(["any"], { AWS_REGION: "" });
    assert.equal(nowhere.status, 2);
    assert.match(nowhere.stderr, /no region is set/);
    on.proxy.add(({ action }) =>
      action.startsWith("lambda:") ? lambdaError("AccessDeniedException", 403) : undefined,
    );
    const denied = await run(["any"]);
    assert.equal(denied.status, 2);
    assert.match(
      denied.stderr,
      /lacks lambda:GetFunctionConfiguration .*\n {2}`lambda-egress deployed --minimal-policy`/,
    );
    const nothing = await run([]);
    assert.equal(nothing.status, 2);
    assert.match(nothing.stderr, /name one function, or ask about --all/);
  });

  it("knows the profile's region and endpoint, and how to sign in again", async () => {
    const world = await on.account.natWorld();
    const config = path.join(scratch, "config");
    fs.writeFileSync(
      config,
      `[profile dev]\nregion = eu-west-1\nendpoint_url = ${on.proxy.url}\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n
[profile gone]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n
[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.invalid/start\n`,
    );
    const env = { AWS_CONFIG_FILE: config, AWS_REGION: "", AWS_ENDPOINT_URL: "", HOME: scratch };
    const dev = await run([world.name, "--profile", "dev"], env);
    assert.deepEqual([dev.status, dev.stderr], [0, ""]);
    assert.match(dev.stdout, /region eu-west-1, profile dev, /);
    Object.assign(process.env, { AWS_CONFIG_FILE: config });
    assert.deepEqual(await profileNames(), ["dev", "gone"]);
    const gone = await run([world.name, "--profile", "gone"], env);
    assert.equal(gone.status, 2);
    assert.match(gone.stderr, /run: aws sso login --profile gone\n/);
  });

  it("prints what it knows when it is interrupted", async () => {
    const world = await on.account.natWorld();
    const { status, stdout } = await run([world.name], {}, hangLast());
    assert.equal(status, 2);
    assert.match(stdout, /^worker-\d+ unknown\n/);
    assert.match(stdout, new RegExp(`passed +security-group +${world.group}`));
    assert.match(stdout, /unknown .*stopped before ec2:DescribeSubnets was answered/);
  });
});

/** Nothing that the check prints gives away credentials, and a redacted report not whose account it is about. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { checkDeployed, refusalOf, viewOf } from "../server/src/account";
import { colorsFor } from "../server/src/cli/colors";
import { english } from "../server/src/message";
import { parseDestination } from "../server/src/network/destination";
import { internet } from "../server/src/network/egress";
import { namesIn, redact, toDeployedJson, toRedactedJson } from "../server/src/report/deployed";
import { toDeployedSarif } from "../server/src/report/deployed-sarif";
import { toDeployedList, toDeployedText } from "../server/src/report/deployed-text";
import { region } from "./live/account";
import { bench, plainEnvironment } from "./live/check";
import { ec2Error, ec2Reply, lambdaError } from "./live/proxy";

const credentials = {
  AWS_ACCESS_KEY_ID: "AKIAQQQQWHOCANREADME",
  AWS_SECRET_ACCESS_KEY: "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",
  AWS_SESSION_TOKEN: "IQoJb3JpZ2luX2VjTOKENthatNobodyMaySee==",
};
const root = path.resolve(import.meta.dirname, "..");

describe("privacy", function () {
  const on = bench(this);
  let scratch = "";
  before(() => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-privacy-"));
  });
  after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  beforeEach(() => Object.assign(process.env, credentials));

  /** Returns everything that a check of this function prints in any form, by the name of the form. */
  async function outputs(name: string, wish: object = {}, to = internet): Promise<Record<string, string>> {
    const report = await checkDeployed(name, { region, endpoint: on.proxy.url, env: process.env, ...wish }, {}, to);
    if ("why" in report) return { refusal: JSON.stringify([report, refusalOf(report, english)]) };
    const { html, copies } = viewOf(report, english);
    const options = { colors: colorsFor(process.stdout, false), catalogue: english };
    const hidden = { ...report, links: false };
    const sarif = (isRedacted: boolean): string => {
      const of = { version: "1.0.0", homepage: "", exitCode: 1, redact: isRedacted, catalogue: english };
      const log = toDeployedSarif(report, of);
      // The rules that a log describes are everybody's.
      return log.replace(/"rules": \[[\s\S]*?\n {10}\]/, "");
    };
    const plain = {
      text: toDeployedText(report, options),
      list: toDeployedList(report, options),
      json: toDeployedJson(report, false, english),
      sarif: sarif(false),
      html: html({ nonce: "n" }),
    };
    return {
      ...plain,
      ...copies,
      "redacted text": redact(toDeployedText(hidden, options), namesIn(report)),
      "redacted list": redact(toDeployedList(hidden, options), namesIn(report)),
      "redacted json": toRedactedJson(report, false, english),
      "redacted json of all": toRedactedJson(report, true, english),
      "redacted sarif": sarif(true),
    };
  }

  function renamed(printed: Readonly<Record<string, string>>, what: string): Record<string, string> {
    return Object.fromEntries(Object.entries(printed).map(([form, text]) => [`${form}, ${what}`, text]));
  }

  function assertSilent(printed: Readonly<Record<string, string>>, secrets: readonly string[]): void {
    for (const [form, text] of Object.entries(printed)) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `${form} shows ${secret}`);
    }
  }

  const faults: Readonly<Record<string, Parameters<typeof on.proxy.add>[0]>> = {
    "no fault": () => undefined,
    "a denial that names the identity": ({ action }) =>
      action === "ec2:DescribeNatGateways"
        ? ec2Error("UnauthorizedOperation", 403, `${credentials.AWS_ACCESS_KEY_ID} is not authorized`)
        : undefined,
    "a denial of the function": ({ action }) =>
      action.startsWith("lambda:") ? lambdaError("AccessDeniedException", 403) : undefined,
    "credentials that AWS refuses by name": ({ action }) =>
      action.startsWith("lambda:")
        ? {
            status: 403,
            type: "application/json",
            body: JSON.stringify({
              __type: "UnrecognizedClientException",
              Message: `The token ${credentials.AWS_SESSION_TOKEN} of ${credentials.AWS_ACCESS_KEY_ID} is invalid`,
            }),
          }
        : undefined,
    "an answer that cannot be read": ({ action }) =>
      action === "ec2:DescribeRouteTables" ? { body: "<html>sign in</html>" } : undefined,
  };
  for (const [what, fault] of Object.entries(faults)) {
    it(`keeps credentials to itself: ${what}`, async () => {
      const { name } = await on.account.natWorld();
      on.proxy.add(fault);
      assertSilent(await outputs(name), Object.values(credentials));
    });
  }

  it("keeps credentials to itself on the command line, standard error too", async () => {
    const { name } = await on.account.natWorld();
    for (const args of [
      [name],
      [name, "--format", "json"],
      [name, "--redact"],
      ["nobody"],
      [name, "--region", "x y"],
    ]) {
      const { stdout, stderr } = await run(args);
      assert.notEqual(stdout + stderr, "");
      assertSilent({ stdout, stderr }, Object.values(credentials));
    }
  });

  it("keeps to itself what a program that fetches credentials says", async () => {
    for (const name of Object.keys(credentials)) delete process.env[name];
    const config = path.join(scratch, "config");
    const program = `${process.execPath} -e "console.error('${credentials.AWS_SECRET_ACCESS_KEY}'); process.exit(1)"`;
    fs.writeFileSync(config, `[profile asks]\nregion = ${region}\ncredential_process = ${program}\n`);
    Object.assign(process.env, { AWS_CONFIG_FILE: config });
    const printed = await outputs("any", { profile: "asks" });
    assert.match(printed.refusal ?? "", /"credentials"/);
    assertSilent(printed, Object.values(credentials));
  });

  it("redacts account, addresses, ids and names", async () => {
    const world = await on.account.natWorld("payroll-worker");
    const card = `<item><networkInterfaceId>eni-0123456789abcdef0</networkInterfaceId><subnetId>${world.closed}</subnetId><interfaceType>lambda</interfaceType><privateIpAddress>10.0.1.77</privateIpAddress><groupSet><item><groupId>${world.group}</groupId></item></groupSet><association><publicIp>198.51.100.7</publicIp></association></item>`;
    on.proxy.add(({ action }) =>
      action === "ec2:DescribeNetworkInterfaces"
        ? ec2Reply("DescribeNetworkInterfaces", `<networkInterfaceSet>${card}</networkInterfaceSet>`)
        : undefined,
    );
    // A fault, for SARIF tells of nothing else.
    await on.account.fn(`${world.name}-open`, [world.open], [world.group], { Role: world.role });
    const printed = {
      ...(await outputs(world.name)),
      ...renamed(await outputs(`${world.name}-open`), "open"),
    };
    const { vpc, open, closed, gateway, publicTable, privateTable, nat, group, role } = world;
    const own = [vpc, open, closed, gateway, publicTable, privateTable, nat, group, "eni-0123456789abcdef0"];
    const secrets = ["123456789012", "198.51.100.7", "10.0.1.77", role.slice(role.lastIndexOf("/") + 1), world.name];
    const redacted = Object.entries(printed).filter(([form]) => form.startsWith("redacted"));
    assert.ok(redacted.length > 9);
    assertSilent(Object.fromEntries(redacted), [...own, ...secrets, ...Object.values(credentials)]);
    for (const [form, text] of redacted) {
      // Whole networks, such as 0.0.0.0/0 in a route, are nobody's.
      assert.deepEqual(text.match(/\b\d+\.\d+\.\d+\.\d+\b(?=\/32|(?!\/))/g), null, form);
    }
    assert.ok(printed["redacted sarif, open"]?.includes('"ruleId": "public-subnet"'));
    // What is hidden was there.
    for (const secret of [nat, closed, "123456789012", "198.51.100.7"])
      assert.ok(printed.text?.includes(secret), secret);
  });

  for (const [written, host] of [
    ["198.51.100.9:443", "198.51.100.9"],
    ["[2600:1f18:aa::9]:443", "2600:1f18:aa::9"],
    ["2600:1f18:12ab:cd00::/56:443", "2600:1f18:12ab:cd00::"],
  ] as const) {
    it(`redacts what was asked about: ${written}`, async () => {
      const { name } = await on.account.natWorld();
      const printed = await outputs(name, {}, parseDestination(written));
      assert.ok(printed.text?.includes(`${host}/`), printed.text);
      const redacted = Object.entries(printed).filter(([form]) => form.startsWith("redacted"));
      assertSilent(Object.fromEntries(redacted), [host]);
      assert.match(printed["redacted text"] ?? "", /address-1\/\d+ on port 443/);
    });
  }

  it("redacts no time, no ARN's colons and no network that everybody has", () => {
    const text = "2026-01-02T03:04:05Z arn:aws:sts::x 0.0.0.0/0 10.0.0.0/16 ::/0 2000::/3 64:ff9b::/96";
    assert.equal(redact(text, []), text);
    const hosts = "fe80::1 2600:1f18:1:2:3:4:5:6, 2600:1f18:1:2:3:4:5:6/128";
    assert.equal(redact(hosts, []), "address-1 address-2, address-2/128");
  });

  async function run(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const env = { ...process.env, ...plainEnvironment, ...credentials };
    const child = spawn(
      process.execPath,
      ["--import", "tsx", path.join(root, "server/src/cli.ts"), "deployed", ...args],
      { cwd: root, env: { ...env, AWS_REGION: region, AWS_ENDPOINT_URL: on.proxy.url } },
    );
    const result = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        result[stream] += chunk;
      });
    }
    await new Promise((done) => child.once("close", done));
    return result;
  }
}).timeout(300_000);

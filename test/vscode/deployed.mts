/**
 * The command "Check Deployed Function" as a person runs it: the pickers, the progress that can be stopped, the
 * report, all in a real window against an AWS that runs on this machine. Each stop keeps a picture.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Frame } from "playwright-core";
import { type Account, accountAt, region } from "../live/account";
import { plainEnvironment } from "../live/check";
import { type Moto, startMoto } from "../live/moto";
import { type FaultProxy, startProxy } from "../live/proxy";
import { eventually, visit, vsix } from "./window.mjs";

describe("Check Deployed Function, in the window", function () {
  this.timeout(180_000);
  this.slow(20_000);
  this.bail(true);

  const started: Partial<{ moto: Moto; proxy: FaultProxy; account: Account }> = {};
  let proxy: FaultProxy;
  let world: Awaited<ReturnType<Account["natWorld"]>>;

  before(async function () {
    started.moto = await startMoto(this);
    proxy = await startProxy(started.moto.url);
    started.proxy = proxy;
    const account = accountAt(started.moto.url);
    started.account = account;
    world = await account.natWorld();
    await account.fn("open-worker", [world.open], [world.group]);
    await account.fn("free-worker", [], []);
  });

  after(async () => {
    started.account?.close();
    await started.proxy?.stop();
    await started.moto?.stop();
  });

  const at = visit(async (folder) => {
    const config = path.join(folder, "aws-config");
    fs.writeFileSync(config, `[profile demo]\nregion = ${region}\n[profile other]\nregion = eu-north-1\n`);
    const keys = path.join(folder, "aws-credentials");
    const secret = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";
    fs.writeFileSync(keys, `[demo]\n${secret}[other]\n${secret}`);
    const work = path.join(folder, "examples");
    fs.rmSync(work, { recursive: true });
    fs.mkdirSync(path.join(work, ".vscode"), { recursive: true });
    // A repository that would have the credentials sent elsewhere.
    const bait = JSON.stringify({ "lambdaEgress.awsEndpoint": "http://127.0.0.1:9" });
    fs.writeFileSync(path.join(work, ".vscode/settings.json"), bait);
    fs.writeFileSync(path.join(work, "template.yaml"), template(world.open));
    return {
      vsix: [vsix],
      env: {
        ...plainEnvironment,
        AWS_CONFIG_FILE: config,
        AWS_SHARED_CREDENTIALS_FILE: keys,
        AWS_ENDPOINT_URL: proxy.url,
      },
    };
  });

  it("asks for the profile, the region and the function", async () => {
    await at.openEmpty();
    await command();
    await row("demo").waitFor();
    assert.deepEqual(await titles(), ["demo", "other", "Environment"]);
    await at.picture("deployed-profile");
    await at.key("Enter");
    await row(region).first().waitFor();
    assert.equal((await titles())[0], region);
    await at.key("Enter");
    await row("open-worker").waitFor();
    // Those in a VPC come first, for they are why somebody asks.
    assert.deepEqual(await titles(), ["open-worker", world.name, "free-worker"]);
    await at.page.keyboard.type("open");
    await row("free-worker").waitFor({ state: "detached" });
    await at.picture("deployed-function");
  });

  it("shows the report", async () => {
    await at.key("Enter");
    const report = await frame("open-worker");
    const text = (await report.locator("body").allInnerTexts()).join("");
    assert.match(text, /^open-worker\n+Does not reach the internet/);
    assert.match(text, /public subnet/);
    assert.match(text, new RegExp(world.open));
    assert.match(text, /123456789012/);
    assert.match(text, /move the function to private subnets/);
    assert.equal(await report.locator("tr.failed").count(), 1);
    await at.picture("deployed-report");
  });

  it("copies what a colleague may see", async () => {
    const report = await frame("open-worker");
    await report.locator("[data-copy=redacted]").click();
    await at.page.locator(".statusbar-item", { hasText: "copied" }).waitFor();
  });

  it("takes a name that is typed, remembers profile and region, and stops when told", async () => {
    proxy.add(({ action }) => (action === "ec2:DescribeRouteTables" ? "hang" : undefined));
    await command();
    await row("demo").first().waitFor();
    await at.key("Enter");
    await row(region).first().waitFor();
    await at.key("Enter");
    await row(world.name).first().waitFor();
    await at.page.keyboard.type(world.name);
    await row("open-worker").waitFor({ state: "detached" });
    await at.key("Enter");
    const toast = at.page.locator(".notifications-toasts .notification-list-item", { hasText: "Checking" });
    await toast.waitFor();
    await at.picture("deployed-progress");
    await toast.getByRole("button", { name: "Cancel" }).click();
    const report = await frame(world.name);
    const text = (await report.locator("body").allInnerTexts()).join("");
    assert.match(text, /unknown/i);
    assert.match(text, /the check was stopped before ec2:DescribeRouteTables was answered/);
  });

  it("compares a function of a stack with the open template, and leads to the line", async () => {
    proxy.clear();
    await started.account?.stack("shop", template(world.closed));
    await at.key("Escape");
    await at.page.locator(".explorer-folders-view .monaco-list-row", { hasText: "template.yaml" }).dblclick();
    await at.page.locator(".tab.active", { hasText: "template.yaml" }).waitFor();
    await command();
    for (const choice of ["demo", region, "From a stack…", "CREATE_COMPLETE", "Worker"]) {
      await row(choice).first().waitFor();
      await at.key("Enter");
    }
    const report = await frame(/^shop-Worker-/);
    const text = (await report.locator("body").allInnerTexts()).join("");
    assert.match(text, /Stack shop differs from template\.yaml/);
    assert.ok(
      text.includes(`the template puts Worker into the subnets ${world.open}, and it is in ${world.closed}`),
      text,
    );
    await at.picture("deployed-drift");
    await report.locator("[data-open]", { hasText: "template.yaml:" }).click();
    // The line's number stands where the cursor is.
    await at.page.locator(".statusbar-item", { hasText: /Ln 9, Col/ }).waitFor();
  });

  it("keeps a name that was typed where there is no such function", async () => {
    await command();
    for (const choice of ["demo", region]) {
      await row(choice).first().waitFor();
      await at.key("Enter");
    }
    await row("From a stack…").first().waitFor();
    await at.page.keyboard.type("nobody-knows");
    await row("nobody-knows").waitFor();
    await at.key("Enter");
    const toast = at.page.locator(".notifications-toasts .notification-list-item", { hasText: "no such function" });
    await toast.waitFor();
    await toast.getByRole("button", { name: "Ask Elsewhere…" }).click();
    for (const choice of ["demo", region]) {
      await row(choice).first().waitFor();
      await at.key("Enter");
    }
    await row("nobody-knows").waitFor();
    assert.equal(await at.page.locator(".quick-input-box input").inputValue(), "nobody-knows");
    await at.key("Escape");
  });

  /** A function in literal places, so that the same text with another subnet is one that is not deployed. */
  function template(subnet: string): string {
    return `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Role: ${world.role}
      VpcConfig: { SubnetIds: [${subnet}], SecurityGroupIds: [${world.group}] }
      Code: { ZipFile: "exports.handler = async () => 1" }
`;
  }

  function command(): Promise<void> {
    return at.palette("Lambda Egress: Check Deployed Function");
  }

  function row(text: string) {
    return at.page.locator(".quick-input-list .monaco-list-row", { hasText: text });
  }

  function titles(): Promise<string[]> {
    return at.page.locator(".quick-input-list .monaco-list-row .label-name").allInnerTexts();
  }

  /** Returns the inside of the view once it shows the report on this function. */
  async function frame(name: string | RegExp): Promise<Frame> {
    const isWanted = (head: string | undefined) => (typeof name === "string" ? head === name : name.test(head ?? ""));
    const look = async (): Promise<Frame | undefined> => {
      for (const one of at.page.frames()) {
        // A frame may go while it is asked.
        const heads = await one
          .locator("h1")
          .allInnerTexts()
          .catch(() => []);
        if (isWanted(heads[0])) return one;
      }
      return undefined;
    };
    const found = await eventually(look, (one) => one !== undefined);
    assert.ok(found !== undefined);
    return found;
  }
});

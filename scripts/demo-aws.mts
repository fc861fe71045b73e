/**
 * `npm run demo:aws`: an AWS account on this machine to try Check Deployed Function on. Starts moto_server with three
 * functions, then opens the editor as `npm start` does, with an environment that leads there and nowhere else.
 */
import { spawn } from "node:child_process";
import * as path from "node:path";
import { DeleteRouteCommand } from "@aws-sdk/client-ec2";
import { type Account, accountAt, region } from "../test/live/account";
import { launchMoto } from "../test/live/moto";
import { startProxy } from "../test/live/proxy";
import { endWithNpm } from "./end-with-npm.mjs";
import { findProgram } from "./vscode/install.mjs";

const root = path.resolve(import.meta.dirname, "..");

if (findProgram("moto_server") === undefined) {
  console.error("The demo needs Python and moto_server on the PATH; install it with: pip install 'moto[server]'");
  process.exitCode = 1;
} else await demo();

/** Runs until the editor is closed, or Ctrl-C. */
async function demo(): Promise<void> {
  // The SDK's own warning about the version of Node.js is for programmers.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const moto = await launchMoto();
  process.once("exit", () => moto.kill());
  // It gives the answers that moto lacks, so that the report has no holes that an account would not have.
  const proxy = await startProxy(moto.url);
  const account = accountAt(moto.url);
  await fill(account);
  account.close();
  const aws = {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: "demo",
    AWS_SECRET_ACCESS_KEY: "demo",
    AWS_REGION: region,
    // The person's own profiles and credentials have no business here.
    AWS_PROFILE: "",
    AWS_SESSION_TOKEN: "",
    AWS_CONFIG_FILE: path.join(root, "out/no-aws-config"),
    AWS_SHARED_CREDENTIALS_FILE: path.join(root, "out/no-aws-credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  console.log(`An AWS account on this machine, at ${proxy.url}, with the functions fine, public and cut-off.`);
  console.log("In the editor, run the command Lambda Egress: Check Deployed Function. In a terminal:\n");
  const variables = ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"] as const;
  console.log(`  export ${variables.map((name) => `${name}=${aws[name]}`).join(" ")}`);
  console.log("  node dist/cli.js deployed cut-off\n  node dist/cli.js deployed --all\n");
  const editor = spawn(process.execPath, ["--import=tsx", "scripts/start.mts"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...aws },
  });
  const end = () => editor.kill("SIGTERM");
  process.on("SIGINT", end).on("SIGTERM", end);
  endWithNpm(end);
  const status = await new Promise<number>((resolve) => editor.once("exit", (code) => resolve(code ?? 0)));
  process.exit(status);
}

/** A network that works; in it a function behind NAT, one in the public subnet, and one whose route is gone. */
async function fill(account: Account): Promise<void> {
  const { vpc, open, group, nat, role } = await account.natWorld("fine");
  await account.fn("public", [open], [group], { Role: role });
  const cut = await account.subnet(vpc);
  const table = await account.table(vpc, cut);
  await account.route(table, { NatGatewayId: nat });
  await account.ec2.send(new DeleteRouteCommand({ RouteTableId: table, DestinationCidrBlock: "0.0.0.0/0" }));
  await account.fn("cut-off", [cut], [group], { Role: role });
}

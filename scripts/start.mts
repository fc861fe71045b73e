/**
 * `npm start`: shows the whole thing. Checks `examples/` in the terminal, then opens that folder with the
 * extension installed in a real VS Code: the desktop one where `code` is on the PATH, else, on Linux x64,
 * the one from npm in the browser, else the one that @vscode/test-electron downloads.
 *
 * Nothing of the person's own editor is touched: extensions and settings go to a throw-away directory.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath } from "@vscode/test-electron";
import { endWithNpm } from "./end-with-npm.mjs";
import { makePackage } from "./package.mjs";
import { current, findProgram, installVSCode } from "./vscode/install.mjs";
import { quietSettings, serve } from "./vscode/serve.mjs";

const root = path.resolve(import.meta.dirname, "..");
const onWindows = process.platform === "win32";

const vsix = makePackage();
console.log("\n$ lambda-egress check examples");
// The examples have faults, so the exit status is no news.
spawnSync(process.execPath, ["dist/cli.js", "check", "examples"], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
});
console.log("");

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-start-"));
process.once("exit", () => fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
// A copy: trying the quick fixes must not change the repository.
const folder = path.join(directory, "examples");
fs.cpSync(path.join(root, "examples"), folder, { recursive: true });

const code = findProgram("code");
if (code !== undefined) desktop(code, []);
else if (process.platform === "linux" && process.arch === "x64") await inBrowser();
else await downloaded();

/** Serves the workbench until Ctrl-C. */
async function inBrowser(): Promise<void> {
  endWithNpm(() => process.exit(143));
  const server = await serve(installVSCode(current), { vsix: [vsix] });
  const file = path.join(folder, "public-subnet.yaml");
  const line =
    fs
      .readFileSync(file, "utf8")
      .split("\n")
      .findIndex((text) => text.includes("SubnetIds:")) + 2;
  console.log(`VS Code ${current.vscode} with the extension: open this address in a browser, Ctrl-C ends it.`);
  console.log(
    server.page(folder, [
      ["openFile", `${server.remote(file)}:${line}`],
      ["gotoLineMode", "true"],
    ]),
  );
}

async function downloaded(): Promise<void> {
  console.log("no VS Code on the PATH: downloading one");
  const executable = await downloadAndUnzipVSCode();
  const [cli = executable, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
  desktop(cli, args);
}

/** Opens a window of its own and waits until it is closed. */
function desktop(program: string, args: readonly string[]): void {
  const data = path.join(directory, "data");
  fs.mkdirSync(path.join(data, "User"), { recursive: true });
  fs.writeFileSync(path.join(data, "User/settings.json"), JSON.stringify(quietSettings, null, 2));
  const own = ["--user-data-dir", data, "--extensions-dir", path.join(directory, "extensions")];
  // Electron's sandbox refuses to run as root.
  if (process.getuid?.() === 0) own.push("--no-sandbox");
  const run = (...rest: readonly string[]) => {
    const { status } = spawnSync(program, [...args, ...own, ...rest], { stdio: "inherit", shell: onWindows });
    if (status !== 0) throw new Error(`${program} ended with status ${status}`);
  };
  run("--install-extension", vsix, "--force");
  console.log("VS Code opens with the extension and a copy of examples/; closing its window ends this.");
  run("--new-window", "--wait", folder);
}

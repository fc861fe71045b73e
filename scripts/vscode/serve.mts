/**
 * Starts the VS Code server on the loopback interface, with a package installed and nothing that
 * distracts: no welcome page, no gallery, no telemetry, no trust dialog.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Installation } from "./install.mjs";

export interface Server {
  readonly url: string;
  /** A throw-away directory, removed when the server stops. */
  readonly directory: string;
  /** Returns how the workbench names a file of this machine. */
  remote(file: string): string;
  /** Returns the address of the workbench with `folder` open; the payload says what to do first. */
  page(folder: string, payload?: readonly (readonly [string, string])[]): string;
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Packages to install. */
  readonly vsix: readonly string[];
  /** Lets a page run tests in the extension host; it also hides dialogs and toasts. */
  readonly testDriver?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the person, besides the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Opens every folder in restricted mode, and does not ask; otherwise every folder is trusted. */
  readonly untrusted?: boolean;
}

export const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "git.enabled": false,
  "npm.fetchOnlinePackageInfo": false,
  "typescript.disableAutomaticTypeAcquisition": true,
  "files.simpleDialog.enable": true,
};

const restricted = {
  "security.workspace.trust.enabled": true,
  "security.workspace.trust.startupPrompt": "never",
};

/** Starts a server; the caller stops it, and so does the end of this process, however it comes. */
export async function serve(installation: Installation, options: ServeOptions): Promise<Server> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-vscode-"));
  const data = path.join(directory, "data");
  const extensions = path.join(directory, "extensions");
  fs.mkdirSync(path.join(data, "User"), { recursive: true });
  fs.mkdirSync(extensions);
  const settings = { ...quietSettings, ...(options.untrusted && restricted), ...options.settings };
  fs.writeFileSync(path.join(data, "User/settings.json"), JSON.stringify(settings, null, 2));
  const env = { ...environment(directory), ...options.env };
  const program = [installation.main, "--accept-server-license-terms", "--telemetry-level", "off"];
  program.push("--server-data-dir", path.join(directory, "server"), "--user-data-dir", data);
  program.push("--extensions-dir", extensions);
  for (const vsix of options.vsix) {
    const { stdout, stderr } = spawnSync(installation.node, [...program, "--install-extension", vsix, "--force"], {
      env,
      encoding: "utf8",
    });
    if (!/successfully installed/.test(stdout)) throw new Error(`cannot install ${vsix}: ${stdout}${stderr}`);
  }

  const port = await freePort();
  const authority = `127.0.0.1:${port}`;
  const log = path.join(directory, "server.log");
  const output = fs.openSync(log, "w");
  program.push("--host", "127.0.0.1", "--port", String(port), "--without-connection-token");
  program.push("--disable-experiments");
  if (!options.untrusted) program.push("--disable-workspace-trust");
  if (options.testDriver) program.push("--enable-smoke-test-driver");
  // Detached, it leads a process group of its own: ending the group ends the extension host and
  // the language server with it.
  const child = spawn(installation.node, program, {
    env,
    cwd: directory,
    stdio: ["ignore", output, output],
    detached: true,
  });
  const release = stopWithThisProcess(child, directory);
  const stop = async () => {
    await endGroup(child);
    release();
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  const url = `http://${authority}`;
  try {
    await answering(child, `${url}/version`);
  } catch (error) {
    const tail = fs.readFileSync(log, "utf8").slice(-2000);
    await stop();
    throw new Error(`the VS Code server does not answer\n${tail}`, { cause: error });
  }
  return {
    url,
    directory,
    remote: (file) => `vscode-remote://${authority}${file}`,
    page: (folder, payload = []) =>
      `${url}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    stop,
  };
}

/** This environment with a home of its own, no gallery, and nothing an outer editor or npm left in it. */
function environment(home: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, ".config"),
    XDG_DATA_HOME: path.join(home, ".local/share"),
    XDG_CACHE_HOME: path.join(home, ".cache"),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
    });
  });
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt++) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
  throw new Error(child.exitCode === null ? "no answer in 30 seconds" : `it ended with status ${child.exitCode}`);
}

/** Ends the group when this process exits or is told to; returns how to call that off. */
function stopWithThisProcess(child: ChildProcess, directory: string): () => void {
  const onExit = () => {
    signal(child, "SIGKILL");
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  const onSignal = (name: NodeJS.Signals) => process.exit(128 + os.constants.signals[name]);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  process.once("exit", onExit);
  for (const name of signals) process.once(name, onSignal);
  return () => {
    process.off("exit", onExit);
    for (const name of signals) process.off(name, onSignal);
  };
}

async function endGroup(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(undefined);
    else child.once("exit", resolve);
  });
  signal(child, "SIGTERM");
  await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
  signal(child, "SIGKILL");
}

/** Sends a signal to the child's whole group, which may be gone already. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {}
}

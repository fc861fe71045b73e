/**
 * Packs the extension into `lambda-egress-VERSION.vsix` and demands that it holds exactly what belongs in it.
 *
 * The packing tool comes by a pinned npx and not as a dependency: it brings three hundred packages.
 * It runs the `vscode:prepublish` script first, which builds `dist/`.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(import.meta.dirname, "..");
const vsce = "@vscode/vsce@3.9.2";

/** What a package may hold; anything else is a leak, anything missing of `required` a broken package. */
const allowed =
  /^extension\/(package(\.nls(\.[\w-]+)?)?\.json|(readme|changelog)\.md|LICENSE\.txt|client\/(icon\.png|language\/.+\.json|walkthrough\/\w+\.svg)|examples\/public-subnet\.yaml|l10n\/bundle\.l10n\.[\w-]+\.json|dist\/[\w-]+\.js|dist\/THIRD-PARTY-LICENSES\.txt|snippets\/\w+\.json)$/;
const required = [
  "package.json",
  "package.nls.json",
  "package.nls.de.json",
  "dist/session.js",
  "dist/server.js",
  "dist/language-server.js",
  "dist/engine.js",
  "dist/late.js",
  "dist/cli.js",
  "dist/program.js",
  "dist/seldom.js",
  "dist/worker.js",
  "dist/map.js",
  "dist/map-panel.js",
  "dist/german.js",
  "l10n/bundle.l10n.de.json",
  "readme.md",
  "changelog.md",
  "LICENSE.txt",
];

/** Makes the package and returns its path; throws where packing fails or the contents are not right. */
export function makePackage(): string {
  const text = fs.readFileSync(path.join(root, "package.json"), "utf8");
  const { name, version, main, icon, contributes } = JSON.parse(text);
  const file = path.join(root, `${name}-${version}.vsix`);
  console.log(`packing ${path.basename(file)} (${vsce}, which builds first)`);
  packFolder(root, file);
  const entries = listZip(fs.readFileSync(file));
  const files = entries.filter((entry) => entry.startsWith("extension/"));
  const stray = files.filter((entry) => !allowed.test(entry));
  const named = [main, icon, ...filesNamedIn(contributes)].map((entry: string) => entry.replace(/^\.\//, ""));
  const missing = [...required, ...named].filter((entry) => !files.includes(`extension/${entry}`));
  if (stray.length > 0) throw new Error(`does not belong in the package: ${stray.join(", ")}`);
  if (missing.length > 0) throw new Error(`missing from the package: ${missing.join(", ")}`);
  console.log(`${path.basename(file)}: ${files.length} files, ${Math.ceil(fs.statSync(file).size / 1024)} kB`);
  return file;
}

/** Packs an extension's folder into `file`; throws where that fails. */
export function packFolder(folder: string, file: string, ...options: readonly string[]): void {
  // The bundles hold the dependencies.
  const args = ["--yes", vsce, "package", "--no-dependencies", "--out", file, ...options];
  const { status, stdout, stderr } = spawnSync("npx", args, {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${vsce} failed:\n${stdout}${stderr}`);
}

/** Returns every relative path in the manifest's contributions: the grammar, the snippets, icons. */
function filesNamedIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("./") ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(filesNamedIn) : [];
}

/** Returns the names in a zip's central directory. */
function listZip(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    names.push(zip.toString("utf8", at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names.sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makePackage();

/**
 * Bundles the extension, the language server and the command line into `dist/`.
 *
 * `npm run build` makes what is shipped: minified, without source maps. `--dev` keeps names and adds
 * source maps for the debugger; `--watch` does so too and builds again on every change.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { type BuildOptions, build, context, type Metafile, type Plugin } from "esbuild";
import { apart } from "./apart.mjs";

const watch = process.argv.includes("--watch");
const production = !watch && !process.argv.includes("--dev");

const options: BuildOptions = {
  entryPoints: {
    extension: "client/src/extension.ts",
    server: "server/src/server.ts",
    cli: "server/src/cli.ts",
    account: "server/src/account.ts",
    worker: "server/src/cli/worker.ts",
    map: "server/src/report/map/draw.ts",
    german: "server/src/texts/german.ts",
  },
  absWorkingDir: path.resolve(import.meta.dirname, ".."),
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // Only the extension may import it, and only the editor can give it.
  external: ["vscode"],
  mainFields: ["module", "main"],
  minify: production,
  treeShaking: true,
  sourcemap: !production,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [apart(), finish()],
};

/** The inside of the map's view, which runs in a browser's frame. */
const panel: BuildOptions = {
  ...options,
  entryPoints: { "map-panel": "client/webview/map.ts" },
  platform: "browser",
  format: "iife",
  external: [],
  plugins: [],
};

if (watch) {
  for (const each of [panel, options]) await (await context(each)).watch();
} else {
  fs.rmSync(path.join(options.absWorkingDir ?? "", "dist"), { recursive: true, force: true });
  for (const each of [panel, options]) await build(each).catch(() => process.exit(1));
}

/** After each build: the command line becomes a program, the licences of bundled packages come along. */
function finish(): Plugin {
  return {
    name: "finish",
    setup({ initialOptions, onStart, onEnd }) {
      const root = initialOptions.absWorkingDir ?? ".";
      onStart(() => {
        // The editor's task waits for these two words.
        if (watch) console.log("build started");
      });
      onEnd(({ metafile, errors }) => {
        if (metafile !== undefined && errors.length === 0) {
          makeExecutable(path.join(root, "dist/cli.js"));
          fs.writeFileSync(path.join(root, "dist/THIRD-PARTY-LICENSES.txt"), licences(root, metafile));
          console.log(sizes(metafile));
        }
        if (watch) console.log("build finished");
      });
    },
  };
}

/** Puts the interpreter's line first, unless the source brought its own through the bundler. */
function makeExecutable(file: string): void {
  const text = fs.readFileSync(file, "utf8");
  if (!text.startsWith("#!")) fs.writeFileSync(file, `#!/usr/bin/env node\n${text}`);
  fs.chmodSync(file, 0o755);
}

/** Returns the licence texts of every package that went into a bundle, as their licences ask. */
function licences(root: string, { inputs }: Metafile): string {
  const folders = Object.keys(inputs).flatMap(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [],
  );
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(fs.readFileSync(path.join(root, folder, "package.json"), "utf8"));
      const file = fs.readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e([.-]|$)/i.test(entry));
      const text = file === undefined ? "" : fs.readFileSync(path.join(root, folder, file), "utf8").trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

function sizes({ outputs }: Metafile): string {
  const bundles = Object.entries(outputs).filter(([file]) => file.endsWith(".js"));
  return bundles.map(([file, { bytes }]) => `${file} ${Math.ceil(bytes / 1024)} kB`).join(", ");
}

/**
 * Bundles the extension, the language server and the command line into `dist/`.
 *
 * `npm run build` makes what is shipped: minified, without source maps. `--dev` keeps names and adds
 * source maps for the debugger; `--watch` does so too and builds again on every change.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { type BuildOptions, build, context, type Metafile, type Plugin } from "esbuild";
import { firstAwsPage } from "../server/src/rules/page";
import { apart, commandLine } from "./apart.mjs";
import { late } from "./late.mjs";

const watch = process.argv.includes("--watch");
const production = !watch && !process.argv.includes("--dev");

/** The folders of all packages that went into a bundle. */
const packages = new Set<string>();

const options: BuildOptions = {
  entryPoints: {
    extension: "client/src/extension.ts",
    session: "client/src/session.ts",
    server: "server/src/start.ts",
    ...commandLine,
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
  // The same sources as the modules for Node, which call each other through objects and cannot be left out one by one.
  alias: { yaml: path.resolve(import.meta.dirname, "../node_modules/yaml/browser/index.js") },
  minify: production,
  treeShaking: true,
  sourcemap: !production,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [apart(), whenUsed(), finish()],
};

/** An editor links to the pages of rules and does not show them. */
const server: BuildOptions = {
  ...options,
  entryPoints: { "language-server": "server/src/server.ts" },
  plugins: [apart(), ...(production ? [late()] : []), withoutPages(), whenUsed(), finish()],
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
  for (const each of [panel, server, options]) await (await context(each)).watch();
} else {
  fs.rmSync(path.join(options.absWorkingDir ?? "", "dist"), { recursive: true, force: true });
  for (const each of [panel, server, options]) await build(each).catch(() => process.exit(1));
}

/** Of the page that a rule brings along, leaves the first link to AWS, which is all that the server asks of it. */
function withoutPages(): Plugin {
  return {
    name: "without-pages",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]server[\\/]src[\\/]rules[\\/][\w-]+\.ts$/ }, ({ path: file }) => {
        const page = /(?<=\n {2}docs: )`((?:[^`\\]|\\.)*)`(?=,\n)/s;
        const contents = fs.readFileSync(file, "utf8").replace(page, (_, text: string) => {
          return JSON.stringify(firstAwsPage(text) ?? "");
        });
        return { contents, loader: "ts" };
      });
    },
  };
}

/** These packages load, when they start, what they use seldom or never here; it comes when it is used. */
function whenUsed(): Plugin {
  const packages = /[\\/]node_modules[\\/](?:commander|vscode-jsonrpc|vscode-languageserver)[\\/]/;
  return {
    name: "when-used",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(?:node:)?(?:child_process|crypto)$/ }, ({ path: name, importer }) => {
        return packages.test(importer) ? { path: name, namespace: "when-used" } : undefined;
      });
      onLoad({ filter: /./, namespace: "when-used" }, ({ path: name }) => ({
        contents: `module.exports = new Proxy({}, { get: (_, name) => require("${name}")[name] });`,
      }));
    },
  };
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
          if ("dist/cli.js" in metafile.outputs) makeExecutable(path.join(root, "dist/cli.js"));
          for (const folder of packagesOf(metafile)) packages.add(folder);
          fs.writeFileSync(path.join(root, "dist/THIRD-PARTY-LICENSES.txt"), licences(root));
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

function packagesOf({ inputs }: Metafile): string[] {
  return Object.keys(inputs).flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
}

/** Returns the licence texts of every package that went into a bundle, as their licences ask. */
function licences(root: string): string {
  return [...packages]
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

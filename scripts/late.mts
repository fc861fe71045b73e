import * as fs from "node:fs";
import * as path from "node:path";
import { type Plugin, transform } from "esbuild";

const source = path.resolve(import.meta.dirname, "../server/src");

const yaml = path.resolve(import.meta.dirname, "../node_modules/yaml/browser/dist");

/** What modules that are not late have of `yaml`: by the package's own list of modules the parts would share them all. */
const yamlParser = `export { isAlias, isMap, isScalar, isSeq } from "./nodes/identity.js";
export { Lexer } from "./parse/lexer.js";
export { Parser } from "./parse/parser.js";
export * as CST from "./parse/cst.js";`;

/** The late modules, by their path from `server/src`; so is what only they import. Others may import functions of them. */
const isLate =
  /^(?:disk\/git-ignore|edit\/(?!dangling|globals|site|spelling)[\w/-]+|fix-all|folder-text|globs|lsp\/(?:completion|hover)|network\/resolved-json|template\/(?:json-blocks|yaml-compose)|topology|values\/tree)$/;

/**
 * Takes out of the server's bundle what the diagnostics of most templates do not need: fixes, hovers, completions, and
 * what reads JSON, TOML, globs and unusual YAML. It becomes `late.js`, and what both need `engine.js`, so that no module is
 * there twice. Functions of the same names stand in for the late ones, and load the bundle when one is first called.
 */
export function late(): Plugin {
  return {
    name: "late",
    setup({ initialOptions, onResolve, onLoad, onEnd }) {
      // The bundler shares modules only among bundles of the newer kind, so they are translated when they are made.
      const { absWorkingDir = "", entryPoints, minify = false, target = "node20" } = initialOptions;
      initialOptions.entryPoints = { ...(entryPoints as Record<string, string>), late: "late" };
      Object.assign(initialOptions, { format: "esm", splitting: true, chunkNames: "engine" });
      onEnd(async ({ metafile }) => {
        for (const output of Object.keys(metafile?.outputs ?? {})) {
          const file = path.join(absWorkingDir, output);
          const { code } = await transform(fs.readFileSync(file, "utf8"), { format: "cjs", minify, target });
          fs.writeFileSync(file, code);
        }
      });

      onResolve({ filter: /^late(?:-loader)?$/ }, ({ path: name }) => ({ path: name, namespace: "late" }));
      onLoad({ filter: /^late$/, namespace: "late" }, () => ({
        contents: lateModules()
          .map((name) => `export * as "${name}" from "./${name}";`)
          .join("\n"),
        resolveDir: source,
      }));
      onLoad({ filter: /^late-loader$/, namespace: "late" }, () => ({ contents: loader }));
      onResolve({ filter: /^\.\/late\.js$/ }, ({ path: name }) => ({ path: name, external: true }));
      onResolve({ filter: /^\.\.?\// }, ({ importer, kind, path: name, resolveDir }) => {
        const wanted = toName(path.relative(source, path.resolve(resolveDir, name)));
        const from = toName(path.relative(source, importer));
        const isStoodIn =
          kind === "import-statement" && isLate.test(wanted) && !isLate.test(from) && importer !== "late";
        return isStoodIn ? { path: wanted, namespace: "stand-in" } : undefined;
      });
      onResolve({ filter: /^yaml$/ }, ({ importer, namespace }) => {
        return namespace === "file" && !isLate.test(toName(path.relative(source, importer)))
          ? { path: "yaml-parser", namespace: "late" }
          : undefined;
      });
      onLoad({ filter: /^yaml-parser$/, namespace: "late" }, () => ({ contents: yamlParser, resolveDir: yaml }));
      onLoad({ filter: /./, namespace: "stand-in" }, ({ path: name }) => ({ contents: standIn(name) }));
    },
  };
}

/** A second after the start it is loaded in any case, before an update or a build may have put another in its place. */
const loader = `
let late;
export const load = () => (late ??= require("./late.js"));
setTimeout(() => { try { load(); } catch {} }, 1000).unref();`;

function standIn(name: string): string {
  const text = fs.readFileSync(path.join(source, `${name}.ts`), "utf8");
  const functions = [...text.matchAll(/^export (?:async )?function\*? (\w+)/gm)].map(([, one]) => one);
  const lines = functions.map((one) => `export const ${one} = (...args) => load()["${name}"].${one}(...args);`);
  return [`import { load } from "late-loader";`, ...lines].join("\n");
}

function lateModules(): string[] {
  const files = fs.readdirSync(source, { recursive: true, encoding: "utf8" });
  const names = files.filter((file) => file.endsWith(".ts")).map(toName);
  return names.filter((name) => isLate.test(name));
}

function toName(file: string): string {
  return file.replace(/\.ts$/, "").replaceAll("\\", "/");
}

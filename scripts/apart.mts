import * as path from "node:path";
import type { Plugin } from "esbuild";

/** Modules that are bundles of their own, by their path from `server/src`, and the bundles' names. */
const parts: Readonly<Record<string, string>> = {
  "../../client/src/session": "session",
  account: "account",
  "cli/program": "program",
  "cli/seldom": "seldom",
  "report/map/draw": "map",
  server: "language-server",
  "texts/german": "german",
};

/** The bundles that the command line is made of, by name; paths are relative to the root. */
export const commandLine = {
  cli: "server/src/cli.ts",
  program: "server/src/cli/program.ts",
  seldom: "server/src/cli/seldom.ts",
  worker: "server/src/cli/worker.ts",
  account: "server/src/account.ts",
  map: "server/src/report/map/draw.ts",
  german: "server/src/texts/german.ts",
} as const;

/**
 * What imports these parts gets them from their own bundles, when it runs: AWS's SDK, the layout of pictures and the
 * texts of another language are large, and most runs need none of them. The editor loads the language client once it
 * has activated the extension.
 */
export function apart(): Plugin {
  const source = path.resolve(import.meta.dirname, "../server/src");
  return {
    name: "apart",
    setup({ initialOptions, onResolve }) {
      // By `import`, Node would look through a bundle's text for what it exports, and code that was kept cannot use it.
      initialOptions.supported = { ...initialOptions.supported, "dynamic-import": false };
      onResolve(
        { filter: /\/(?:account|draw|german|program|seldom|server|session)$/ },
        ({ kind, path: name, resolveDir }) => {
          const part = parts[path.relative(source, path.resolve(resolveDir, name)).replaceAll("\\", "/")];
          return kind === "dynamic-import" && part !== undefined ? { path: `./${part}.js`, external: true } : undefined;
        },
      );
    },
  };
}

import type { Plugin } from "esbuild";

/**
 * What imports the live source gets it from its own bundle, when it runs: AWS's SDK is larger than all the
 * rest, and most runs ask AWS nothing.
 */
export function apart(): Plugin {
  return {
    name: "apart",
    setup({ onResolve }) {
      onResolve({ filter: /\/account$/ }, ({ kind }) =>
        kind === "dynamic-import" ? { path: "./account.js", external: true } : undefined,
      );
    },
  };
}

/** Which parameter sets `check` looks at, and what it says about their files. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FileAccess, Scope } from "../folder-file";
import type { LintOptions } from "../lint";
import { type Catalogue, message, render } from "../message";
import type { Problem } from "../report/sarif";
import { parameterSets } from "../values/find";
import { asPrinted } from "./inputs";

export interface WantedSets {
  /** The one parameter set to look at. */
  readonly paramSet?: string;
  /** Files whose values alone count. */
  readonly paramFile?: readonly string[];
}

/** What a file of parameter values has that is wrong. `fatal`: somebody relies on it. */
export interface Heard {
  readonly problem: Problem;
  readonly fatal: boolean;
}

/**
 * Returns what finds the sets of each template, and what tells at the end whether the arguments asked for
 * something that no template has. `hear` is told of files that cannot be used.
 */
export function chosenSets(
  files: FileAccess,
  { paramSet, paramFile }: WantedSets,
  hear: (heard: Heard) => void,
): { of(path: string, scope?: Pick<Scope, "parameterFiles">): LintOptions["sets"]; misuse(): Problem | undefined } {
  const find = parameterSets(files, ({ uri, line, text, fatal }) =>
    hear({ problem: { path: asPrinted(fileURLToPath(uri)), line, text }, fatal }),
  );
  const only = paramFile?.map((file) => pathToFileURL(file).href);
  for (const [index, file] of (paramFile ?? []).entries()) {
    if (!files.exists(only?.[index] ?? "")) {
      hear({ problem: { path: file, text: message("no such file") }, fatal: true });
    }
  }
  const names = new Set<string>();
  let isFound = paramSet === undefined;
  return {
    of: (path, { parameterFiles } = {}) => {
      // Standard input is taken for the template of the folder that the program runs in.
      const uri = pathToFileURL(path === "-" ? "template.yaml" : path).href;
      return (parameters) => {
        const sets = find({ uri, files: parameterFiles, only }, parameters);
        for (const { name } of sets) names.add(name);
        const wanted = paramSet === undefined ? sets : sets.filter(({ name }) => name === paramSet);
        isFound ||= wanted.length > 0;
        return wanted;
      };
    },
    misuse: () => {
      if (isFound || paramSet === undefined) return undefined;
      const text =
        names.size === 0
          ? message("no parameter set is called {0}, and none was found", paramSet)
          : message("no parameter set is called {0}; there are {1}", paramSet, [...names].join(", "));
      return { path: "--param-set", text };
    },
  };
}

/** Names a problem on standard error. */
export function say({ path, line, text }: Problem, catalogue: Catalogue): void {
  const place = line === undefined ? path : `${path}:${line}`;
  process.stderr.write(`lambda-egress: ${place}: ${render(text, catalogue)}\n`);
}

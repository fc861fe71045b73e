/**
 * `samconfig.toml` and `samconfig.yaml`: an environment of the SAM CLI is a parameter set.
 *
 * Its values stand under `ENVIRONMENT.COMMAND.parameters.parameter_overrides`; those of `deploy` count before
 * those of `global`, as the SAM CLI merges them ("AWS SAM CLI configuration file", Developer Guide).
 */
import { message } from "../message";
import { assignmentsOf } from "./assignments";
import type { Assigned, ValueComplaint } from "./parameter-set";
import { readTree, type Tree, textOf, under } from "./tree";

/** The names of the file, in the order in which the SAM CLI looks for them: the first one found counts. */
export const samconfigNames = ["samconfig.toml", "samconfig.yaml", "samconfig.yml"] as const;

export interface Environment {
  readonly name: string;
  /** The template that it deploys, a path relative to the file; absent for the one beside it. */
  readonly template: string | undefined;
  readonly assigned: readonly Assigned[];
  /** Counted from one. */
  readonly line: number;
}

export interface Samconfig {
  readonly environments: readonly Environment[];
  readonly complaints: readonly ValueComplaint[];
}

/** The first of these that gives a key decides: other commands build or run what `deploy` deploys. */
const commands = ["deploy", "sync", "global", "validate", "build", "local_start_api", "local_invoke"];

/** Returns the environments that give parameter values, in the order of the text; never throws. */
export function readSamconfig(text: string, file: string): Samconfig {
  const { tree, complaints } = readTree(text, file);
  const all = [...complaints];
  if (tree === undefined) return { environments: [], complaints: all };
  if (tree.kind !== "map") {
    if (tree.kind !== "nothing")
      all.push({ line: tree.line, text: message("it is ignored: environments are expected") });
    return { environments: [], complaints: all };
  }
  const environments = [...tree.entries].flatMap(([name, environment]): Environment[] => {
    const overrides = setting(environment, "parameter_overrides");
    if (overrides === undefined) return [];
    const { assigned, complaints: own } = assignmentsOf(overrides);
    all.push(...own);
    const template = textOf(setting(environment, "template_file") ?? setting(environment, "template"));
    return assigned.length === 0 ? [] : [{ name, template, assigned, line: overrides.line }];
  });
  return { environments, complaints: all };
}

function setting(environment: Tree, key: string): Tree | undefined {
  for (const command of commands) {
    const found = under(environment, command, "parameters", key);
    if (found !== undefined && found.kind !== "nothing") return found;
  }
  return undefined;
}

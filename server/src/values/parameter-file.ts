/**
 * Files of parameter values: those of the AWS CLI (a list of `ParameterKey` and `ParameterValue`, or of
 * `Name=value`), CodePipeline's template configurations and Rain's (`Parameters` beside `Tags`), the deployment
 * files of CloudFormation's Git sync (`parameters` beside `template-file-path`), and plain maps.
 */
import { message } from "../message";
import { looksLikeTemplate } from "../template/parse";
import { assignmentsOf } from "./assignments";
import type { Assigned, ValueComplaint } from "./parameter-set";
import { readTree, textOf, under } from "./tree";

export interface ParameterFile {
  readonly assigned: readonly Assigned[];
  /** The template that the file says it is for, a path from the repository's folder. */
  readonly template: string | undefined;
  readonly complaints: readonly ValueComplaint[];
}

/** What may stand beside the parameters. */
const known: ReadonlySet<string> = new Set(
  "Parameters parameters Tags tags StackPolicy template-file-path StackName Region Role Capabilities".split(" "),
);

/** Returns what a file assigns; nothing for a template, whose name may look like that of such a file. Never throws. */
export function readParameterFile(text: string, file: string): ParameterFile {
  const nothing = { assigned: [], template: undefined, complaints: [] };
  if (looksLikeTemplate(text)) return nothing;
  const { tree, complaints } = readTree(text, file);
  if (tree === undefined || tree.kind === "nothing") return { ...nothing, complaints };
  const section = under(tree, "Parameters") ?? under(tree, "parameters");
  const { assigned, complaints: own } =
    tree.kind === "text"
      ? { assigned: [], complaints: [{ line: tree.line, text: message("it is ignored: a list or a map is expected") }] }
      : assignmentsOf(section ?? tree);
  const others = section === undefined || tree.kind !== "map" ? [] : [...tree.entries];
  const unknown = others.flatMap(([key, { line }]) =>
    known.has(key) ? [] : [{ line, text: message("the key {0} is unknown and ignored", key) }],
  );
  return {
    assigned,
    template: textOf(under(tree, "template-file-path")),
    complaints: [...complaints, ...own, ...unknown],
  };
}

/** The values that a template's parameters have in one of its deployments: `dev`, `prod`. */
import type { Message } from "../message";
import type { Parameter } from "../template/template";

export interface ParameterSet {
  /** Tells the set from the template's other ones: the environment's name, or what the file's name says. */
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** Where it is written; the line is counted from one. */
  readonly from: { readonly uri: string; readonly line: number };
}

/** One step on the way to a set, in the order of the text: a value, or another file whose values come here. */
export type Assigned =
  | { readonly name: string; readonly text: string; readonly line: number }
  | { readonly include: string; readonly line: number };

/** What was not understood in a file, by line, counted from one. */
export interface ValueComplaint {
  readonly line: number;
  readonly text: Message;
}

/**
 * Returns the values that say something about these parameters. What is given for a parameter of an SSM type is
 * the name under which AWS keeps the value, not the value, so it is left out.
 */
export function valuesFor(
  parameters: ReadonlyMap<string, Parameter>,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, text]) => {
      const parameter = parameters.get(name);
      return parameter !== undefined && !parameter.type.startsWith("AWS::SSM::") && !text.includes("{{resolve:");
    }),
  );
}

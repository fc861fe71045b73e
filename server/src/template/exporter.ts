/** Which of the templates that may export a name is taken for the one that does. */
import { type Message, message } from "../message";
import type { Match, OpenName } from "./exports";
import type { Template } from "./template";

/** An output that a value may come from; its template is read when it is taken. */
export interface Candidate {
  /** The name of its template. */
  readonly name: string;
  readonly output: string;
  /** How its name fits, and the name as written; a stack's output that is named itself has none. */
  readonly match: Match;
  readonly exported?: string;
  foreign(): Foreign | undefined;
}

/** Another template of the workspace, as SAM expands it; its nodes name its file. */
export interface Foreign {
  /** What its names are told by: short, and without dots and colons. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly template: Template;
}

/**
 * Returns the candidate that gives a value, or why none is taken; undefined where there is none. `company` are the
 * other names that are imported, each with its candidates: what a stack's name begins is exported by one stack only,
 * so a template that has nothing for one of them is not that stack's.
 */
export function chosen(
  wanted: OpenName,
  found: readonly Candidate[],
  company: () => readonly { readonly wanted: OpenName; readonly found: readonly Candidate[] }[],
): Candidate | Message | undefined {
  const [first] = found;
  if (first === undefined) return undefined;
  const { name } = wanted;
  if (first.match === "weak") {
    return message("no word of {0} is in the name of an export; by its form it may be of {1}", name, briefly(found));
  }
  const stack = openPart(name);
  const kin = stack === undefined ? [] : company().filter((other) => openPart(other.wanted.name) === stack);
  const lackedBy = (one: Candidate): readonly string[] =>
    isNamedByStack(one) ? kin.flatMap((other) => (lacks(one, other.found) ? [other.wanted.name] : [])) : [];
  const [only, ...more] = found.filter((one) => lackedBy(one).length === 0);
  if (only !== undefined && more.length === 0) return only;
  if (only === undefined && found.length === 1) {
    const lacked = named(lackedBy(first));
    return message(
      "{0} may export {1}, but nothing that fits {2}, which the same stack does",
      first.name,
      name,
      lacked,
    );
  }
  return message("several templates may give {0}: {1}", name, briefly(only === undefined ? found : [only, ...more]));
}

/** Returns the names of templates, so many as fit into a sentence. */
export function briefly(found: readonly { readonly name: string }[]): string {
  return named(found.map(({ name }) => name));
}

const mostNamed = 4;

function named(all: readonly string[]): string {
  const names = [...new Set(all)];
  return [...names.slice(0, mostNamed), ...(names.length > mostNamed ? ["…"] : [])].join(", ");
}

/** The one `${…}` of a name: what stands in it is the same wherever it is named. */
function openPart(name: string): string | undefined {
  const [part, ...others] = name.match(/\$\{[^{}]*\}/g) ?? [];
  return others.length === 0 ? part : undefined;
}

function isNamedByStack({ exported = "" }: Candidate): boolean {
  return openPart(exported) === "${AWS::StackName}";
}

/** Another template may export a name that it makes in another way. */
function lacks({ name }: Candidate, found: readonly Candidate[]): boolean {
  return found.every((other) => isNamedByStack(other) && other.name !== name);
}

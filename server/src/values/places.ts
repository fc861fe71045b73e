/** Which files hold a template's parameter values, told by their names alone. */
import { once } from "../template/once";

/** A file that may be one of parameter values. */
export interface Candidate {
  /** Relative to the template's folder. */
  readonly path: string;
  /** What its name adds to that of the template: `dev`; the whole name where nothing is left. */
  readonly set: string;
  /** It bears the template's name, so that it is meant for it whatever is in it. */
  readonly named: boolean;
}

/** The folders beside a template, or beside its folder, whose files are looked at. */
export const parameterFolders = ["params/", "parameters/", "../params/", "../parameters/"] as const;

const ending = /\.(?:json|ya?ml|toml)$/i;
const words: ReadonlySet<string> = new Set(["param", "params", "parameter", "parameters"]);

/**
 * Returns the files of a folder that may hold the values of the template `template` (`app.yaml`), in the order
 * of their names: `app.params.json`, `app-parameters-dev.yaml`, `parameters.prod.json`, and in a `folder` of
 * such files every one. A file that bears another template's name is that one's; where files bear this one's
 * name, the others are not meant.
 *
 * @param names the files in the folder
 * @param siblings the files in the template's folder, as far as they are another folder's
 */
export function candidates(
  template: string,
  names: readonly string[],
  folder = "",
  siblings: readonly string[] = names,
): readonly Candidate[] {
  const stem = stemOf(template);
  const { templates } = listingOf(siblings);
  // Beside a template, a file says by a word in its name what it is for; most folders have none, however full they are.
  const found = (folder === "" ? listingOf(names).worded : names).flatMap((name): Candidate[] => {
    if (!ending.test(name) || name === template) return [];
    const own = bears(name, stem);
    const rest = tokens(own ? stemOf(name).slice(stem.length) : stemOf(name));
    if (folder === "" && !rest.some(isWord)) return [];
    if (!own && templates.some((other) => other !== template && bears(name, stemOf(other)))) return [];
    const set = rest.filter((word) => !isWord(word)).join("-");
    return [{ path: folder + name, set: set === "" ? name : set, named: own }];
  });
  const named = found.filter((one) => one.named);
  return (named.length > 0 ? named : found).sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Returns the name of the set in a file that somebody named outright: `prod` of `deploy/params.prod.json`. */
export function setNameOf(path: string, template = ""): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const stem = stemOf(template);
  const own = stem !== "" && bears(name, stem);
  const rest = tokens(own ? stemOf(name).slice(stem.length) : stemOf(name)).filter((word) => !isWord(word));
  return rest.length === 0 ? name : rest.join("-");
}

/** What the names in a folder tell whichever template is asked about. */
interface Listing {
  /** Those that may be templates. */
  readonly templates: readonly string[];
  /** Those with a word in them that speaks of parameters. */
  readonly worded: readonly string[];
}

/** A folder of many templates is looked through once and not for each of them. */
const listingOf = once((names: readonly string[]): Listing => {
  const worded = names.filter((name) => tokens(stemOf(name)).some(isWord));
  const others = new Set(worded);
  return { templates: names.filter((name) => isText(name) && !others.has(name)), worded };
});

function isWord(word: string): boolean {
  return words.has(word);
}

/** Returns the last part of a path without its ending: `app` of `stacks/app.yaml`. */
function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.replace(/\.(?:json|ya?ml|toml|template|cfn)$/i, "").replace(/\.(?:template|cfn)$/i, "");
}

function bears(name: string, stem: string): boolean {
  const own = stemOf(name);
  return own === stem || (own.startsWith(stem) && /^[._-]/.test(own.slice(stem.length)));
}

function isText(name: string): boolean {
  return /\.(?:json|ya?ml|template|cfn)$/i.test(name) && !/^samconfig\./.test(name);
}

function tokens(stem: string): string[] {
  return stem.split(/[._-]+/).filter((word) => word !== "");
}

/** Every setting in one table, from which the editor's settings page and the documentation are generated. */
import picomatch from "picomatch";
import type { Severity } from "./rules/rule";

/** What functions are taken to mean when neither metadata nor comment says so. */
export type Expectation = "auto" | "always" | "never" | "aws-services";

export interface Settings {
  readonly expect: Expectation;
  /** Rule id to `off` or another severity. */
  readonly rules: Readonly<Record<string, "off" | Severity>>;
  /** Globs of templates that are left alone. */
  readonly ignore: readonly string[];
}

export const defaultSettings: Settings = { expect: "auto", rules: {}, ignore: [] };

/** The name under which an editor keeps all settings. */
export const section = "lambdaEgress";

export interface Setting {
  /** What follows `lambdaEgress.` in an editor's settings. */
  readonly key: string;
  readonly type: "string" | "object" | "array";
  readonly default: unknown;
  /** Markdown. */
  readonly description: string;
  /** The words allowed, with what each means; for `rules`, the words allowed for each rule. */
  readonly values?: Readonly<Record<string, string>>;
  /** `window`: one value for a whole editor window, where the others may differ by folder. */
  readonly scope: "resource" | "window";
}

const severities: Readonly<Record<"off" | Severity, string>> = {
  off: "The rule is silent.",
  error: "Shown as an error.",
  warning: "Shown as a warning.",
  information: "Shown as information.",
  hint: "Shown as a hint.",
};

export const settings: readonly Setting[] = [
  {
    key: "expect",
    type: "string",
    default: defaultSettings.expect,
    description: "What a Lambda function in a VPC is expected to reach, where the template does not say it.",
    values: {
      auto: "The internet, where the template gives evidence of it; otherwise findings are milder.",
      always: "The internet. Also written `internet`.",
      never: "Nothing outside its VPC: findings about the way out are silent. Also written `none`.",
      "aws-services": "AWS services only, through VPC endpoints.",
    },
    scope: "resource",
  },
  {
    key: "rules",
    type: "object",
    default: defaultSettings.rules,
    description: "Severity of single rules, by rule id; `off` silences a rule.",
    values: severities,
    scope: "resource",
  },
  {
    key: "ignore",
    type: "array",
    default: defaultSettings.ignore,
    description:
      "Globs of templates that are left alone, relative to the workspace folder. A folder's name stands for all that is in it.",
    scope: "resource",
  },
  {
    key: "trace.server",
    type: "string",
    default: "messages",
    description:
      "How the messages between the editor and the language server are written to the output channel, once its log level is *Trace*.",
    values: { messages: "Names and times.", verbose: "Names, times and contents." },
    scope: "window",
  },
];

/** Words that mean the same as one of `expect`, as they are written in templates. */
const synonyms: Readonly<Record<string, Expectation>> = { internet: "always", none: "never" };

/** Settings as they were understood, and a sentence for each part that was not. */
export interface Reading {
  readonly settings: Settings;
  readonly complaints: readonly string[];
}

/**
 * Returns the settings in a value from outside; what is missing or not understood keeps its default.
 * Pass the ids of the rules to have unknown ones named, too.
 */
export function readSettings(value: unknown, ruleIds?: ReadonlySet<string>): Reading {
  const complaints: string[] = [];
  let { expect, ignore } = defaultSettings;
  const rules: Record<string, "off" | Severity> = {};
  if (value !== undefined && value !== null && !isRecord(value)) {
    complaints.push(`The settings are ignored: an object is expected, not ${JSON.stringify(value)}.`);
  }
  for (const [key, given] of Object.entries(isRecord(value) ? value : {})) {
    if (given === undefined || given === null) continue;
    const refuse = (expected: string) =>
      complaints.push(`The setting "${key}" is ignored: ${expected} is expected, not ${JSON.stringify(given)}.`);
    if (key === "expect") {
      const word = typeof given === "string" ? (synonyms[given] ?? given) : "";
      if (isExpectation(word)) expect = word;
      else refuse("auto, always, never or aws-services");
    } else if (key === "rules") {
      if (isRecord(given)) complaints.push(...readRules(given, rules, ruleIds));
      else refuse("an object");
    } else if (key === "ignore") {
      if (Array.isArray(given) && given.every((glob) => typeof glob === "string")) ignore = given;
      else refuse("a list of globs");
    } else if (!settings.some((setting) => setting.key === key || setting.key.startsWith(`${key}.`))) {
      complaints.push(`The setting "${key}" is unknown and ignored.`);
    }
  }
  return { settings: { expect, rules, ignore }, complaints };
}

/** Fills `rules` with what is understood of `given` and yields a sentence for the rest. */
function* readRules(
  given: Readonly<Record<string, unknown>>,
  rules: Record<string, "off" | Severity>,
  ruleIds: ReadonlySet<string> | undefined,
): Iterable<string> {
  for (const [id, severity] of Object.entries(given)) {
    if (ruleIds !== undefined && !ruleIds.has(id)) yield `The rule "${id}" in the settings is unknown and ignored.`;
    else if (isSeverity(severity)) rules[id] = severity;
    else
      yield `The severity of the rule "${id}" is ignored: off, error, warning, information or hint is expected, not ${JSON.stringify(severity)}.`;
  }
}

/**
 * Returns whether a path is ignored, as a function of the path: relative to the folder that the globs
 * speak of, with forward slashes. A glob also stands for all that lies below what it matches.
 */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.flatMap((glob) => {
    const bare = glob.replace(/^\.?\//, "").replace(/\/+$/, "");
    try {
      return bare === "" ? [] : [picomatch([bare, `${bare}/**`], { dot: true })];
    } catch {
      // A glob too long to be one.
      return [];
    }
  });
  return (path) => matchers.some((matches) => matches(path));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isExpectation(value: string): value is Expectation {
  return value === "auto" || value === "always" || value === "never" || value === "aws-services";
}

function isSeverity(value: unknown): value is "off" | Severity {
  return typeof value === "string" && Object.hasOwn(severities, value);
}

/** Every setting in one table, from which the editor's settings page and the documentation are generated. */
import { globMatcher } from "./globs";
import { type Message, message } from "./message";
import { destinationForm, parseDestination } from "./network/destination";
import { type Destination, internet } from "./network/egress";
import type { Severity } from "./rules/rule";

/** What functions are taken to mean when neither metadata nor comment says so. */
export type Expectation = "auto" | "always" | "never" | "aws-services";

export interface Settings {
  readonly expect: Expectation;
  /** Rule id to `off` or another severity. */
  readonly rules: Readonly<Record<string, "off" | Severity>>;
  /** Globs of templates that are left alone. */
  readonly ignore: readonly string[];
  /** What functions are to reach. */
  readonly destination: Destination;
  /** Whether an editor shows what each subnet reference is. */
  readonly inlayHints: boolean;
  /** Globs of files with parameter values; empty to look for them by name. */
  readonly parameterFiles: readonly string[];
}

export const defaultSettings: Settings = {
  expect: "auto",
  rules: {},
  ignore: [],
  destination: internet,
  inlayHints: true,
  parameterFiles: [],
};

/** The name under which an editor keeps all settings. */
export const section = "lambdaEgress";

export interface Setting {
  /** What follows `lambdaEgress.` in an editor's settings. */
  readonly key: string;
  readonly type: "string" | "object" | "array" | "boolean";
  readonly default: unknown;
  /** Markdown. */
  readonly description: string;
  /** The words allowed, with what each means; for `rules`, the words allowed for each rule. */
  readonly values?: Readonly<Record<string, string>>;
  /** The heading under which the settings page shows it. */
  readonly group: keyof typeof groups;
  /** `window`: one value for a whole editor window; `application`: the person's own, which no workspace can set. */
  readonly scope: "resource" | "window" | "application";
}

/** The headings of the settings page, in its order. */
export const groups = {
  templates: "Templates",
  editor: "In the Editor",
  account: "AWS Account",
  troubleshooting: "Troubleshooting",
};

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
    group: "templates",
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
    group: "templates",
    type: "object",
    default: defaultSettings.rules,
    description: "Severity of single rules, by rule id; `off` silences a rule.",
    values: severities,
    scope: "resource",
  },
  {
    key: "ignore",
    group: "templates",
    type: "array",
    default: defaultSettings.ignore,
    description:
      "Globs of templates that are left alone, relative to the workspace folder. A folder's name stands for all that is in it.",
    scope: "resource",
  },
  {
    key: "destination",
    group: "templates",
    type: "string",
    default: "",
    description:
      "What functions are to reach, as `CIDR:PORT`: `203.0.113.0/24:443`, `10.20.0.0/16:5432`, `[2001:db8::1]:443`. Empty: any public address on port 443.",
    scope: "resource",
  },
  {
    key: "parameterFiles",
    group: "templates",
    type: "array",
    default: defaultSettings.parameterFiles,
    description:
      "Globs of files with the values of template parameters, relative to the workspace folder; each file is a parameter set. Empty: they are looked for by name, beside `samconfig`. `none`: no file is read, not even `samconfig`.",
    scope: "resource",
  },
  {
    key: "inlayHints",
    group: "editor",
    type: "boolean",
    default: defaultSettings.inlayHints,
    description: "Shows behind each subnet of a function what it is: *private → Nat*, *public*, *isolated*.",
    scope: "window",
  },
  {
    key: "awsEndpoint",
    group: "account",
    type: "string",
    default: "",
    description:
      "Where *Check Deployed Function* asks instead of AWS: the URL of an emulator. Only your user settings count.",
    scope: "application",
  },
  {
    key: "trace.server",
    group: "troubleshooting",
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

/** What a value from outside sets, and what of it was not understood. */
export interface Reading {
  readonly given: Partial<Settings>;
  readonly complaints: readonly Complaint[];
}

export interface Complaint {
  /** Keys that lead to the part that was not understood; empty for the value as a whole. */
  readonly path: readonly string[];
  readonly text: Message;
}

/**
 * Returns the settings in a value from outside; what is not understood is left out and complained about.
 * Pass the ids of the rules to have unknown ones named, too, and the keys that may be set where it is not all.
 */
export function readSettings(
  value: unknown,
  ruleIds?: ReadonlySet<string>,
  keys: readonly string[] = settings.map(({ key }) => key),
): Reading {
  if (value === undefined || value === null) return { given: {}, complaints: [] };
  if (!isRecord(value)) {
    const text = message("The settings are ignored: an object is expected, not {0}.", JSON.stringify(value));
    return { given: {}, complaints: [{ path: [], text }] };
  }
  const given: { -readonly [K in keyof Settings]?: Settings[K] } = {};
  const complaints: Complaint[] = [];
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined || one === null) continue;
    const complain = (text: Message) => complaints.push({ path: [key], text });
    const refuse = (expected: Message) =>
      complain(message('The setting "{0}" is ignored: {1} is expected, not {2}.', key, expected, JSON.stringify(one)));
    if (!keys.some((known) => known === key || known.startsWith(`${key}.`))) {
      complain(message('The setting "{0}" is unknown and ignored.', key));
    } else if (key === "expect") {
      const word = typeof one === "string" ? (synonyms[one] ?? one) : "";
      if (isExpectation(word)) given.expect = word;
      else refuse(message("auto, always, never or aws-services"));
    } else if (key === "rules") {
      if (isRecord(one)) given.rules = readRules(one, complaints, ruleIds);
      else refuse(message("an object"));
    } else if (key === "ignore") {
      if (Array.isArray(one) && one.every((glob) => typeof glob === "string")) given.ignore = one;
      else refuse(message("a list of globs"));
    } else if (key === "parameterFiles") {
      if (Array.isArray(one) && one.every((glob) => typeof glob === "string")) given.parameterFiles = one;
      else refuse(message("a list of globs"));
    } else if (key === "destination") {
      const destination = one === "" ? internet : typeof one === "string" ? parseDestination(one) : undefined;
      if (destination !== undefined) given.destination = destination;
      else refuse(destinationForm);
    } else if (key === "inlayHints") {
      if (typeof one === "boolean") given.inlayHints = one;
      else refuse(message("true or false"));
    }
  }
  return { given, complaints };
}

/** Returns what is understood of the value of `rules`. */
function readRules(
  given: Readonly<Record<string, unknown>>,
  complaints: Complaint[],
  ruleIds: ReadonlySet<string> | undefined,
): Settings["rules"] {
  const rules: Record<string, "off" | Severity> = {};
  for (const [id, severity] of Object.entries(given)) {
    const complain = (text: Message) => complaints.push({ path: ["rules", id], text });
    if (ruleIds !== undefined && !ruleIds.has(id)) {
      complain(message('The rule "{0}" in the settings is unknown and ignored.', id));
    } else if (isSeverity(severity)) {
      rules[id] = severity;
    } else {
      const words = message("off, error, warning, information or hint");
      const given = JSON.stringify(severity);
      complain(message('The severity of the rule "{0}" is ignored: {1} is expected, not {2}.', id, words, given));
    }
  }
  return rules;
}

/**
 * Returns whether a path is ignored, as a function of the path: relative to the folder that the globs
 * speak of, with forward slashes. A glob also stands for all that lies below what it matches.
 */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.flatMap((glob) => {
    const bare = glob.replace(/^\.?\//, "").replace(/\/+$/, "");
    try {
      return bare === "" ? [] : [globMatcher([bare, `${bare}/**`], { dot: true })];
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

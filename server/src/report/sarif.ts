/**
 * The report in SARIF 2.1.0, which code hosts show beside the lines of a pull request
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
 */
import type {
  Artifact,
  ArtifactChange,
  Location,
  Log,
  Notification,
  PhysicalLocation,
  Region,
  ReportingDescriptor,
  Result,
  Tool,
} from "sarif";
import { sortEdits } from "../edit/edit";
import { type Catalogue, english, type Message, render, translate } from "../message";
import { rules } from "../rules/index";
import { rulePage } from "../rules/page";
import type { Finding, Fix, Note, RuleText, Severity } from "../rules/rule";
import type { Span } from "../template/syntax";
import { type CheckedFile, type FileReport, linesOf, pathOf, positionAt } from "./file";

export interface SarifOptions {
  readonly version: string;
  /** The address of the product's home page. */
  readonly homepage: string;
  /** What could not be read or understood beside the templates, as folder files. */
  readonly problems: readonly Problem[];
  readonly exitCode: number;
  readonly catalogue: Catalogue;
}

export interface Problem {
  /** As it is printed. */
  readonly path: string;
  /** Counted from one. */
  readonly line?: number;
  readonly text: Message;
}

/** Returns the report as one JSON document, with a line break at its end. */
export function toSarif(files: readonly FileReport[], options: SarifOptions): string {
  return `${JSON.stringify(toSarifLog(files, options), undefined, 2)}\n`;
}

/** Returns the report as plain data. */
export function toSarifLog(files: readonly FileReport[], options: SarifOptions): Log {
  const { version, homepage, problems, exitCode, catalogue } = options;
  const checked = files.filter((file): file is CheckedFile => "result" in file);
  const prints = fingerprints();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: toTool(rules, version, homepage, catalogue),
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: problems.length === 0,
            exitCode,
            toolExecutionNotifications: problems.map((problem) => toNotification(problem, catalogue)),
          },
        ],
        artifacts: checked.map(({ path }): Artifact => ({ location: { uri: toUri(path) } })),
        results: checked.flatMap((file) => {
          const place = placeOf(file);
          return file.result.findings.map((finding) => toResult(finding, file, place, prints, catalogue));
        }),
      },
    ],
  };
}

/** Returns what every report says of the program that made it, with the rules that it may name. */
export function toTool(rules: readonly RuleText[], version: string, homepage: string, catalogue: Catalogue): Tool {
  return {
    driver: {
      name: "Lambda Egress",
      version,
      semanticVersion: version,
      informationUri: homepage,
      rules: rules.map((rule) => toDescriptor(rule, catalogue)),
    },
  };
}

/** Returns a rule as the log describes it. */
function toDescriptor(rule: RuleText, catalogue: Catalogue): ReportingDescriptor {
  const { id, summary, docs, severity, group, offByDefault } = rule;
  const page = translate(docs.trim(), catalogue);
  const [first = ""] = (docs.split("## What happens\n")[1] ?? docs).trim().split(/\n{2,}/);
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: translate(summary, catalogue) },
    fullDescription: { text: plain(translate(first, catalogue)) },
    help: { text: plain(page), markdown: page },
    helpUri: rulePage(id, english),
    defaultConfiguration: { level: toLevel(severity), enabled: offByDefault !== true },
    properties: { tags: [group], severity },
  };
}

/** Markdown without its marks, for readers that show plain text. */
function plain(markdown: string): string {
  return markdown
    .replace(/^#+ /gm, "")
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, "$1 ($2)")
    .replace(/(\*\*?)(?=\S)([^*\n]+)\1/g, "$2")
    .replace(/`([^`\n]+)`/g, "$1");
}

type Fingerprint = (path: string, finding: Finding, marked: string) => string;

function toResult(
  finding: Finding,
  file: CheckedFile,
  place: PlaceOf,
  fingerprint: Fingerprint,
  catalogue: Catalogue,
): Result {
  const { rule, severity, message, construct, span, notes, fixes } = finding;
  const text = span.file === undefined ? file.text : (file.others?.get(span.file)?.text ?? "");
  const index = rules.findIndex(({ id }) => id === rule);
  return {
    ruleId: rule,
    ...(index < 0 ? {} : { ruleIndex: index }),
    level: toLevel(severity),
    message: { text: render(message, catalogue) },
    locations: [
      {
        physicalLocation: place(span),
        ...(construct === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: construct }] }),
      },
    ],
    ...(notes.length === 0 ? {} : { relatedLocations: notes.map((note, id) => toRelated(note, id, place, catalogue)) }),
    ...(fixes.length === 0 ? {} : { fixes: fixes.map((fix) => toFix(fix, place, catalogue)) }),
    partialFingerprints: {
      "lambdaEgress/v1": fingerprint(pathOf(file, span), finding, text.slice(span.start, span.end)),
    },
    properties: { severity },
  };
}

type PlaceOf = (span: Span) => PhysicalLocation;

function toRelated({ message, span }: Note, id: number, place: PlaceOf, catalogue: Catalogue): Location {
  return { id, message: { text: render(message, catalogue) }, physicalLocation: place(span) };
}

function toFix(
  { title, safe, edits }: Fix,
  place: PlaceOf,
  catalogue: Catalogue,
): NonNullable<Result["fixes"]>[number] {
  const changes = new Map<string | undefined, ArtifactChange>();
  for (const { span, text } of sortEdits(edits)) {
    const { artifactLocation = {}, region } = place(span);
    const change = changes.get(span.file) ?? { artifactLocation, replacements: [] };
    changes.set(span.file, change);
    change.replacements.push({
      deletedRegion: region ?? { startLine: 1 },
      ...(text === "" ? {} : { insertedContent: { text } }),
    });
  }
  return {
    description: { text: render(title, catalogue) },
    artifactChanges: [...changes.values()],
    properties: { safe },
  };
}

/** Without its text, of a file only its name is known. */
function placeOf(file: CheckedFile): PlaceOf {
  const lines = linesOf(file);
  return (span) => {
    const artifactLocation = { uri: toUri(pathOf(file, span)) };
    const text = lines(span);
    if (text === undefined) return { artifactLocation };
    const [start, end] = [positionAt(text, span.start), positionAt(text, span.end)];
    const region: Region = {
      startLine: start.line + 1,
      startColumn: start.character + 1,
      endLine: end.line + 1,
      endColumn: end.character + 1,
    };
    return { artifactLocation, region };
  };
}

function toNotification({ path, line, text }: Problem, catalogue: Catalogue): Notification {
  const region = line === undefined ? {} : { region: { startLine: line } };
  return {
    level: "error",
    message: { text: `${path}: ${render(text, catalogue)}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: toUri(path) }, ...region } }],
  };
}

/** SARIF knows no hints: what is milder than a warning is a note. */
export function toLevel(severity: Severity): "error" | "warning" | "note" {
  switch (severity) {
    case "error":
    case "warning":
      return severity;
    case "information":
    case "hint":
      return "note";
  }
}

/** A relative path becomes a relative reference, which readers resolve against the root of the sources. */
function toUri(path: string): string {
  const encoded = path
    .replace(/^(?:\.\/)+/, "")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
  if (/^[a-z]%3A\//i.test(encoded)) return `file:///${encoded.replace("%3A", ":")}`;
  return encoded.startsWith("/") ? `file://${encoded}` : encoded;
}

/**
 * Returns a function that names findings by what stays when lines move and messages are reworded: rule,
 * file, the names in the message and the marked text, counted where several agree in all of these.
 */
function fingerprints(): Fingerprint {
  const seen = new Map<string, number>();
  return (path, { rule, message }, marked) => {
    const names = message.args.map((argument) => (typeof argument === "object" ? render(argument, english) : argument));
    const name = JSON.stringify([rule, path, names, marked]);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `${hash(name)}:${count}`;
  };
}

/** FNV-1a of 64 bits, in hexadecimal: names need to be short and the same everywhere, not secret. */
export function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value.toString(16).padStart(16, "0");
}

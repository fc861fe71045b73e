/**
 * The report on what is deployed in SARIF 2.1.0. Nothing of it stands in a file, so its results have logical
 * locations: the thing at fault and the function that suffers, by their ids and ARNs in AWS.
 */
import type { Location, Log, LogicalLocation, Notification, Result } from "sarif";
import { whyFailed } from "../live/failure";
import { type Catalogue, type Message, message, render } from "../message";
import { allRules } from "../rules/index";
import { type CheckedFunction, type DeployedReport, findingsOf, namesIn, redactor } from "./deployed";
import { type DeployedFinding, faultKey } from "./deployed-rules";
import { hash, toLevel, toTool } from "./sarif";

export interface DeployedSarifOptions {
  readonly version: string;
  /** The address of the product's home page. */
  readonly homepage: string;
  readonly exitCode: number;
  /** True where nothing may tell whose account it is. */
  readonly redact: boolean;
  readonly catalogue: Catalogue;
}

/** Returns the report as one JSON document, with a line break at its end. */
export function toDeployedSarif(report: DeployedReport, options: DeployedSarifOptions): string {
  return `${JSON.stringify(toDeployedSarifLog(report, options), undefined, 2)}\n`;
}

/** Returns the report as plain data. */
export function toDeployedSarifLog(report: DeployedReport, options: DeployedSarifOptions): Log {
  const { version, homepage, exitCode, redact, catalogue } = options;
  const hide = redact ? redactor(namesIn(report)) : (text: string) => text;
  const { asked, time } = report;
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: toTool(allRules, version, homepage, catalogue),
        columnKind: "utf16CodeUnits",
        // Accounts and regions are looked at apart, and a result of one closes none of another.
        automationDetails: { id: hide(`deployed/${asked.account ?? "unknown"}/${asked.region}/`) },
        invocations: [
          {
            executionSuccessful: exitCode !== 2,
            exitCode,
            startTimeUtc: time.toISOString(),
            toolExecutionNotifications: asked.failures.map((failure): Notification => {
              return { level: "warning", message: { text: hide(render(whyFailed(failure), catalogue)) } };
            }),
          },
        ],
        results: faultsOf(report).map((fault) => toResult(fault, hide, catalogue)),
      },
    ],
  };
}

/** A fault, and all who suffer from it. */
interface Fault {
  readonly finding: DeployedFinding;
  readonly functions: readonly [CheckedFunction, ...CheckedFunction[]];
}

/** Functions share subnets, tables and gateways, so that one fault is one result, whoever suffers from it. */
function faultsOf(report: DeployedReport): readonly Fault[] {
  const faults = new Map<string, { finding: DeployedFinding; functions: [CheckedFunction, ...CheckedFunction[]] }>();
  for (const fn of report.functions) {
    for (const finding of findingsOf(report, fn)) {
      const key = faultKey(finding);
      const same = faults.get(key);
      if (same === undefined) faults.set(key, { finding, functions: [fn] });
      else same.functions.push(fn);
    }
  }
  return [...faults.values()];
}

function toResult({ finding, functions }: Fault, hide: (text: string) => string, catalogue: Catalogue): Result {
  const { id, severity, at, fix } = finding;
  const [first, ...others] = functions;
  const said = (text: Message) => hide(render(text, catalogue));
  const words = fix === undefined ? finding.message : message("{0}. What to do: {1}", finding.message, fix);
  const thing: LogicalLocation = { name: hide(at), fullyQualifiedName: hide(at), kind: "resource" };
  const own = at === first.deployed.arn || at === first.deployed.key ? [] : [thing];
  return {
    ruleId: id,
    ruleIndex: allRules.findIndex((rule) => rule.id === id),
    level: toLevel(severity),
    message: { text: said(words) },
    locations: [{ logicalLocations: [...own, toLogical(first, hide)] }],
    ...(others.length === 0
      ? {}
      : {
          relatedLocations: others.map((fn, index): Location => {
            const text = said(message("{0} suffers from it too", fn.deployed.key));
            return { id: index, message: { text }, logicalLocations: [toLogical(fn, hide)] };
          }),
        }),
    partialFingerprints: { "lambdaEgress/v1": `${hash(hide(faultKey(finding)))}:1` },
    properties: { severity },
  };
}

function toLogical({ deployed }: CheckedFunction, hide: (text: string) => string): LogicalLocation {
  return { name: hide(deployed.key), fullyQualifiedName: hide(deployed.arn), kind: "function" };
}

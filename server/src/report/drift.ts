/** How an account differs from a template, as the rows of a report. */
import { spanAt } from "../at-home";
import type { Cause, Drift } from "../live/compare";
import { type Message, message } from "../message";
import { templateDrift } from "../rules/template-drift";
import type { Settings } from "../settings";
import { type Named, named } from "./deployed-rules";
import { type Position, positionAt, toLines } from "./file";

export interface DriftReport {
  readonly stack: string;
  /** CloudFormation's word for where the stack is in its life. */
  readonly status: string;
  /** The template that was compared with; undefined where it is the stack's own. */
  readonly template: ComparedTemplate | undefined;
  /** Undefined where the template has no such function. */
  readonly found: readonly Drift[] | undefined;
}

export interface ComparedTemplate {
  /** As it is printed. */
  readonly path: string;
  readonly text: string;
}

export interface DriftRow {
  /** Why this is told of at all. */
  readonly named: Named;
  /** What in the template promises otherwise: a logical id. */
  readonly subject: string;
  readonly message: Message;
  readonly cause: Cause;
  readonly fix: Message;
  /** The AWS id of what is there, or of what lacks it. */
  readonly id: string;
  readonly link: string | undefined;
  /** Where the template promises it; undefined for the stack's own template, which is in no file here. */
  readonly place: Position | undefined;
}

/** Returns a row for each difference; `linkTo` gives the console's page for an id. None where the rule is off. */
export function driftRows(
  { found, template }: DriftReport,
  severities: Settings["rules"],
  linkTo: (id: string) => string | undefined,
): readonly DriftRow[] {
  const own = named(templateDrift.id, severities);
  if (own === undefined) return [];
  const lines = toLines(template?.text ?? "");
  return (found ?? []).map(({ subject, message: what, cause, at, id }) => {
    const span = spanAt(at);
    return {
      named: own,
      subject,
      message: what,
      cause,
      fix: fixes[cause],
      id,
      link: linkTo(id),
      place: template === undefined || span === undefined ? undefined : positionAt(lines, span.start),
    };
  });
}

/** Returns what was compared with what, and where there is no row, what that means. */
export function driftSummary({ stack, template, found }: DriftReport): Message {
  const what = template?.path ?? message("its own template");
  if (found === undefined) return message("Stack {0}: {1} has no such function, so nothing is compared", stack, what);
  if (found.length > 0) return message("Stack {0} differs from {1}", stack, what);
  return message("Stack {0}: nothing on the way out is known to differ from {1}", stack, what);
}

/** Returns what else a person must know of the stack to read the rows. */
export function stackNote({ status }: DriftReport): Message | undefined {
  if (/_IN_PROGRESS$/.test(status)) {
    return message("the stack is in state {0}, so that this may be out of date in a minute", status);
  }
  if (!/ROLLBACK|FAILED/.test(status)) return undefined;
  return message("the stack is in state {0}: its last deployment did not come to its end", status);
}

/** CloudFormation looks at the template alone, so that deploying it again leaves what others changed. */
const fixes: Readonly<Record<Cause, Message>> = {
  outside: message(
    "somebody changed it outside CloudFormation: undo that, or take it into the template; deploying the same template again changes nothing",
  ),
  undeployed: message("the template is not deployed as it is: deploy it"),
  unknown: message("deploy the template; where that changes nothing, somebody changed it outside CloudFormation"),
};

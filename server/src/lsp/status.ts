/** What an editor can show of a document at a glance: not part of the protocol, so only for clients that ask for it. */
import { NotificationType } from "vscode-languageserver";
import type { LintResult } from "../lint";
import { render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet } from "../network/egress";
import { type Mood, moodOf } from "../report/words";

/** How the functions of a document stand; all counts are 0 where it is no template. */
export interface Status {
  readonly uri: string;
  readonly kind: LintResult["kind"];
  /** All functions, those outside any VPC too. */
  readonly functions: number;
  /** Those that certainly do not get through, or cannot be deployed. */
  readonly withoutInternet: number;
  /** Those that get through from some subnets, to some places, or over IPv6 only. */
  readonly limited: number;
  readonly unknown: number;
  /** What the functions were to reach, in words; empty for the internet. */
  readonly destination: string;
}

export const statusNotification = new NotificationType<Status>("lambdaEgress/status");

/** Returns the counts for one document. */
export function toStatus(
  uri: string,
  { kind, functions }: Pick<LintResult, "kind" | "functions">,
  to: Destination,
): Status {
  const count = (wanted: Mood) => functions.filter(({ verdict }) => moodOf(verdict) === wanted).length;
  return {
    uri,
    kind,
    functions: functions.length,
    withoutInternet: count("bad"),
    limited: count("fair"),
    unknown: functions.filter(({ verdict }) => verdict === "unknown").length,
    destination: to === internet ? "" : render(describeDestination(to)),
  };
}

/** What an editor can show of a document at a glance: not part of the protocol, so only for clients that ask for it. */
import { NotificationType } from "vscode-languageserver";
import type { LintResult } from "../lint";
import { type Catalogue, render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet } from "../network/egress";
import type { FunctionVerdict } from "../network/verdict";

/** How the functions of a document stand; all counts are 0 where it is no template. */
export interface Status {
  readonly uri: string;
  readonly kind: LintResult["kind"];
  /** All functions, those outside any VPC too. */
  readonly functions: number;
  /** Those that certainly do not get through. */
  readonly withoutInternet: number;
  readonly deployFails: number;
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
  kind: LintResult["kind"],
  verdicts: readonly FunctionVerdict[],
  to: Destination,
  catalogue: Catalogue,
): Status {
  const count = (...wanted: readonly FunctionVerdict[]) =>
    verdicts.filter((verdict) => wanted.includes(verdict)).length;
  return {
    uri,
    kind,
    functions: verdicts.length,
    withoutInternet: count("no-internet"),
    deployFails: count("deploy-fails"),
    limited: count("intermittent", "partial", "ipv6-only"),
    // Outside any VPC a function has the internet; what else it reaches is not asked there.
    unknown: to === internet ? count("unknown") : count("unknown", "not-in-vpc"),
    destination: to === internet ? "" : render(describeDestination(to), catalogue),
  };
}

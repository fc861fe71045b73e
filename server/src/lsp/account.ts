/**
 * What an account told about things outside templates, between an editor and the server. The server never asks AWS:
 * it says what it would like to know, and the editor hands over what was answered, when somebody asked.
 */
import { NotificationType, RequestType0 } from "vscode-languageserver";
import { externalsOf } from "../externals";
import { type Externals, nothingAsked, together } from "../network/resolved";
import { optionsOf, type Reading } from "./reading";

/** `account` is what `toResolvedData` gives; null takes it away. */
export const accountNotification = new NotificationType<{ readonly account: unknown }>("lambdaEgress/account");

/** What the open documents name and do not contain. */
export const externalsRequest = new RequestType0<Externals, void>("lambdaEgress/externals");

/** Returns what an account could tell about these documents. */
export function toExternals(readings: readonly Reading[]): Externals {
  return readings
    .map((reading) => externalsOf(reading.meaning.document, optionsOf(reading)))
    .reduce(together, nothingAsked);
}

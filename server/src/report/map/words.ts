/** What the picture says of a function. */
import { type Message, message } from "../../message";
import type { Destination } from "../../network/egress";
import type { FunctionEgress, FunctionVerdict } from "../../network/verdict";
import { functionSays } from "../words";
import type { MapRow, State } from "./graph";
import { kindName } from "./names";

/** Returns a function's verdict, and the checks of the function itself that are no hops. */
export function functionMark(
  { verdict, role, deployFaults }: FunctionEgress,
  destination: Destination,
): { readonly detail: Message; readonly rows: readonly MapRow[] } {
  const rows: MapRow[] = [];
  if (role?.verdict === "missing") {
    const text = message("its role may not create network interfaces");
    rows.push({ text: message("Execution role"), state: "broken", whys: [{ text, state: "broken" }], at: undefined });
  }
  if (deployFaults.length > 0) {
    const text = message("AWS refuses this configuration, so it cannot be deployed");
    rows.push({ text: message("Configuration"), state: "broken", whys: [{ text, state: "broken" }], at: undefined });
  }
  return { detail: message("Lambda · {0}", functionSays(verdict, destination)), rows };
}

/** Returns the heading of a picture. */
export function titleOf(functions: readonly FunctionEgress[], destination: Destination): Message {
  const [only, ...others] = functions;
  if (only === undefined) return message("Network without Lambda functions");
  if (others.length > 0) return message("Ways out of {0} Lambda functions", functions.length);
  return message("{0}: {1}", only.fn.key, functionSays(only.verdict, destination));
}

/** Returns what the picture says of the place that the functions are to reach. */
export function goalMark(functions: readonly FunctionEgress[]): Message {
  const all = new Set(functions.map(({ verdict }) => verdictState[verdict]));
  const [only] = all;
  if (all.size > 1) return message("Not reached by all");
  switch (only) {
    case "lit":
      return message("Reached");
    case "broken":
      return message("Not reached");
    case "fair":
      return message("Not always reached");
    default:
      return functions.length === 0 ? kindName("internet") : message("Not known whether it is reached");
  }
}

/** What a function's verdict says of the function, and of the place that it is to reach. */
export const verdictState: Readonly<Record<FunctionVerdict, State>> = {
  internet: "lit",
  "not-in-vpc": "lit",
  intermittent: "fair",
  partial: "fair",
  "ipv6-only": "fair",
  unknown: "open",
  "no-internet": "broken",
  "deploy-fails": "broken",
};

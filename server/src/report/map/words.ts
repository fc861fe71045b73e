/** What the picture says of a function. */
import { type Message, message } from "../../message";
import type { Destination } from "../../network/egress";
import type { FunctionEgress } from "../../network/verdict";
import { functionSays } from "../words";
import type { MapRow } from "./graph";

/** Returns a function's verdict, and the checks of the function itself that are no hops. */
export function functionMark(
  { verdict, role, deployFaults }: FunctionEgress,
  destination: Destination,
): { readonly detail: Message; readonly rows: readonly MapRow[] } {
  const rows: MapRow[] = [];
  if (role?.verdict === "missing") {
    const why = message("its role may not create network interfaces");
    rows.push({ text: message("Execution role"), state: "broken", whys: [why], at: undefined });
  }
  if (deployFaults.length > 0) {
    const why = message("AWS refuses this configuration, so it cannot be deployed");
    rows.push({ text: message("Configuration"), state: "broken", whys: [why], at: undefined });
  }
  return { detail: message("Lambda function · {0}", functionSays(verdict, destination)), rows };
}

/** Returns the heading of a picture. */
export function titleOf(functions: readonly FunctionEgress[], destination: Destination): Message {
  const [only, ...others] = functions;
  if (only === undefined) return message("Network without Lambda functions");
  if (others.length > 0) return message("Ways out of {0} Lambda functions", functions.length);
  return message("{0}: {1}", only.fn.key, functionSays(only.verdict, destination));
}

/**
 * The check of what is deployed, as the editor and the command line call it.
 *
 * It has its own bundle, loaded when somebody asks: AWS's SDK is larger than all the rest, and most runs
 * ask AWS nothing.
 */
import { type Deployed, lookAt, type Refusal } from "./live/live";
import type { Wish } from "./live/profile";
import type { Limits } from "./live/session";
import { type Destination, egressOf, internet } from "./network/egress";
import type { CheckedFunction, DeployedReport } from "./report/deployed";

/**
 * Asks AWS about one function, or about every function in a VPC where `name` is undefined, and returns the
 * report on it, or why there is none. Never throws.
 */
export async function checkDeployed(
  name: string | undefined,
  wish: Wish,
  limits: Limits = {},
  destination: Destination = internet,
): Promise<DeployedReport | Refusal> {
  const time = new Date();
  const look = await lookAt(name, wish, limits);
  return "why" in look ? look : reportOn(look, destination, time);
}

/** Works out the verdicts of what was found. */
function reportOn({ network, functions, ...asked }: Deployed, destination: Destination, time: Date): DeployedReport {
  const checked = functions.flatMap((deployed): CheckedFunction[] => {
    const fn = network.functions.get(deployed.key);
    return fn === undefined ? [] : [{ deployed, egress: egressOf(network, fn, destination) }];
  });
  return { asked, destination, time, links: true, functions: checked };
}

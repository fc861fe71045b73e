/** The verdict without the rest of what egress says: what is worked out where all of it would open too many worlds. */

import type { Remember } from "../template/stage";
import { absentReferences } from "./absent";
import { isEmpty } from "./address-space";
import { ipv6Answer, isDeployFault, subnetIn } from "./answer";
import { isPrivate } from "./destination";
import {
  aggregate,
  configFaults,
  type Destination,
  egressOf,
  groupsOf,
  isEmptyList,
  type Outcome,
  outcomeOf,
} from "./egress";
import { known, type LambdaFunction, type Network } from "./model";
import { type Checked, ipv4Checks } from "./path";
import type { FunctionVerdict } from "./verdict";

/**
 * Returns what gives the verdict alone, in the worlds that `remember` belongs to: it asks less than all there is to
 * say of a function, and what it finds out about a subnet serves all worlds that do not differ there.
 */
export function verdictsOf(network: Network, destination: Destination, remember: Remember) {
  const { ipv4, port } = destination;
  const question = { addresses: ipv4, port };
  const isUsual = !isEmpty(ipv4) && !isPrivate(ipv4);
  const verdicts = new Map<LambdaFunction, () => FunctionVerdict>();

  const verdictOf = (fn: LambdaFunction): (() => FunctionVerdict) => {
    const config = known(fn.vpcConfig);
    if (!isUsual || config === undefined || (isEmptyList(config.subnets) && isEmptyList(config.groups)))
      return () => egressOf(network, fn, destination).verdict;
    const references = config.subnets.is === "known" ? config.subnets.value : [];
    const places = references.map((reference) => remember(() => ({ reference, subnet: subnetIn(network, reference) })));
    const ways = references.map((reference) => ipv4Checks(network, fn, config, reference, question).map(remember));
    const stops = references.map((reference, index) =>
      remember(() =>
        [...(ways[index]?.at(-1)?.().faults ?? []), ...ipv6Answer(network, config, reference, destination).faults].some(
          isDeployFault,
        ),
      ),
    );
    const outcomes = ways.map((checks) => remember(() => outcomeAlong(checks)));
    const failsToDeploy = remember(
      () =>
        configFaults(
          network,
          fn,
          config,
          places.map((place) => place()),
        ).length > 0 || hasAbsent(),
    );
    const hasAbsent = (): boolean =>
      absentReferences(
        network,
        places.flatMap((place) => place().subnet ?? []),
        groupsOf(network, fn, "place"),
      ).length > 0;
    const byIpv6 = remember(() =>
      references.every(
        (reference) => outcomeOf(ipv6Answer(network, config, reference, destination).verdict) === "reaches",
      ),
    );
    return () => (stops.some((stop) => stop()) || failsToDeploy() ? "deploy-fails" : aggregate(outcomes, byIpv6));
  };

  return (fn: LambdaFunction): FunctionVerdict => {
    const verdict = verdicts.get(fn) ?? verdictOf(fn);
    verdicts.set(fn, verdict);
    return verdict();
  };
}

/** Looks first at what leads out, and at nothing else once something fails. */
function outcomeAlong(checks: readonly (() => Checked)[]): Outcome {
  const seen: Checked[] = [];
  for (const check of checks.toReversed()) {
    const checked = check();
    if (checked.status === "failed") return "fails";
    seen.push(checked);
  }
  if (seen.some(({ status }) => status === "unknown")) return "unknown";
  return seen.some(({ isPartial }) => isPartial) ? "partial" : outcomeOf(seen[0]?.word ?? "unknown");
}

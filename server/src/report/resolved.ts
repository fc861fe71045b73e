/** What came of asking an account about things outside templates, in a few sentences. */
import type { Failure } from "../live/failure";
import { whyFailed } from "../live/failure";
import { english, type Message, message, render } from "../message";
import { pseudo, type Resolved } from "../network/resolved";
import { filled } from "../template/value";

/** Returns how much was found and where, then why the rest was not, each reason once. */
export function summaryOf(found: {
  readonly resolved: Resolved;
  readonly failures: readonly Failure[];
}): readonly Message[] {
  const { asked, network, account, region } = found.resolved;
  const keys = [
    ...asked.exports.map((name) => `import:${name}`),
    ...asked.outputs.map((name) => `output:${name}`),
    ...asked.parameters.map((name) => `ssm:${name}`),
    ...asked.ids,
  ].map((key) => filled(key, pseudo(found.resolved)));
  const { unseen = new Map<string, Message>() } = network;
  const missing = keys.filter((key) => unseen.has(key));
  const number = account ?? message("unknown");
  const first = message(
    "account {0} in {1} knows {2} of {3}",
    number,
    region,
    keys.length - missing.length,
    keys.length,
  );
  // That a thing is not there is said of the thing.
  const failed = found.failures.filter(({ kind }) => kind !== "not-found" && kind !== "unsupported").map(whyFailed);
  const reasons = [...missing.flatMap((key) => unseen.get(key) ?? []), ...failed];
  return [first, ...new Map(reasons.map((why) => [render(why, english), why])).values()];
}

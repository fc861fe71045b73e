/** How far a long check is, for whoever waits at a terminal. */
import { SingleBar } from "cli-progress";
import { type Catalogue, message, render } from "../message";

export interface Progress {
  answered(): void;
  listed(functions: number): void;
  end(): void;
}

/** The bar fills in the counts. */
const counted = message("Asking AWS: {0} calls answered, {1} functions listed", "{calls}", "{functions}");

/**
 * Returns a line on standard error that counts and goes away at the end. Nothing is shown where nobody watches: in
 * pipes, in logs, on build machines.
 */
export function showProgress(catalogue: Catalogue): Progress {
  const { CI, TERM } = process.env;
  const isWatched = process.stderr.isTTY === true && TERM !== "dumb" && (CI === undefined || CI === "");
  if (!isWatched) return { answered() {}, listed() {}, end() {} };
  let [calls, functions] = [0, 0];
  const bar = new SingleBar({
    stream: process.stderr,
    format: render(counted, catalogue),
    clearOnComplete: true,
    fps: 8,
    // The check itself hears of an interruption, and prints what is known by then.
    gracefulExit: false,
  });
  const show = () => bar.update(calls, { calls, functions });
  // How many calls there will be is not known, so there is no bar but only counts.
  bar.start(Number.MAX_SAFE_INTEGER, 0, { calls, functions });
  return {
    answered() {
      calls++;
      show();
    },
    listed(count) {
      functions += count;
      show();
    },
    end: () => bar.stop(),
  };
}

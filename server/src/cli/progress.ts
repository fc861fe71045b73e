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
  if (!isWatched()) return { answered() {}, listed() {}, end() {} };
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

export interface FileProgress {
  readonly done: () => void;
  /** Wipes the bar off its line, for what is printed there; it comes again when the next file is done. */
  clear(): void;
  end(): void;
}

/** Milliseconds after which whoever waits wants to see that something happens. */
const patience = 1000;

/** Returns a bar on standard error that fills as files are done; it comes only when the check takes longer than a second. */
export function showFiles(total: number, catalogue: Catalogue): FileProgress {
  if (!isWatched()) return { done() {}, clear() {}, end() {} };
  const format = render(message("{0} of {1} files checked", "{bar} {value}", "{total}"), catalogue);
  const bar = new SingleBar({ stream: process.stderr, format, clearOnComplete: true, fps: 8, barsize: 24 });
  const start = performance.now();
  let done = 0;
  return {
    done() {
      done++;
      if (bar.isActive) bar.update(done);
      else if (performance.now() - start > patience) bar.start(total, done);
    },
    clear: () => {
      if (bar.isActive) process.stderr.write("\r\u001b[K");
    },
    end: () => bar.stop(),
  };
}

function isWatched(): boolean {
  const { CI, TERM } = process.env;
  return process.stderr.isTTY === true && TERM !== "dumb" && (CI === undefined || CI === "");
}

/**
 * Calls `end` once npm is gone: a SIGTERM to `npm run …` ends npm and its shell, and reaches nobody else. Does nothing
 * where the program was not started by npm.
 */
export function endWithNpm(end: () => void): void {
  const shell = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}

/** When the command line speaks in colours: at a terminal, unless told otherwise. */
import type { WriteStream } from "node:tty";
import picocolors from "picocolors";

/**
 * Returns the colours for a stream. `allowed` is false after `--no-color`. NO_COLOR (no-color.org)
 * wins over FORCE_COLOR; picocolors' own guess is not used, as it colours pipes wherever CI is set.
 */
export function colorsFor(
  stream: Pick<WriteStream, "isTTY">,
  allowed: boolean,
): ReturnType<typeof picocolors.createColors> {
  return colorsWhere(allowed && wanted(stream));
}

/** Returns the colours, or stand-ins that paint nothing. */
export function colorsWhere(isColored: boolean): ReturnType<typeof picocolors.createColors> {
  return picocolors.createColors(isColored);
}

function wanted({ isTTY }: Pick<WriteStream, "isTTY">): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTTY === true && TERM !== "dumb";
}

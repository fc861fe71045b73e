/** Globs, as settings and the command line give them. */
import picomatch from "picomatch";

/** Returns whether a path matches one of the globs, as a function of the path; throws for a glob too long to be one. */
export function globMatcher(globs: string | string[], { dot = false } = {}): (path: string) => boolean {
  return picomatch(globs, { dot });
}

/** Returns the folder that a glob names in full, what is left of it, and whether there is anything to match in that. */
export function scanGlob(glob: string): { readonly base: string; readonly glob: string; readonly isGlob: boolean } {
  return picomatch.scan(glob);
}

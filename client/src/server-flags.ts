/**
 * How Node.js is told to run the language server: to look for garbage as soon as new objects take a few megabytes. By
 * itself it lets them take 48 MB, which a server that works at every keystroke fills, and never gives back.
 */
export const serverFlags: readonly string[] = ["--max-semi-space-size=2"];

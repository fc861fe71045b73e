/**
 * The start of the command line. It is a bundle of its own and almost nothing, so that all else comes from the cache
 * of compiled code, where Node keeps one (from 22.1 on).
 */
import module from "node:module";

const { enableCompileCache }: { enableCompileCache?: () => unknown } & object = module;
enableCompileCache?.();
void import("./cli/program");

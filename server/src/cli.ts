/** The start of the command line: a bundle of its own, so that all else can be run from what was compiled before. */
import { keepCompiled } from "./disk/compiled";

keepCompiled(__dirname);
void import("./cli/program");

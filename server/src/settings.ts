/** Every setting in one table, from which the editor's settings page and the documentation are generated. */
import type { Severity } from "./rules/rule";

/** What functions are taken to mean when neither metadata nor comment says so. */
export type Expectation = "auto" | "always" | "never" | "aws-services";

export interface Settings {
  readonly expect: Expectation;
  /** Rule id to `off` or another severity. */
  readonly rules: Readonly<Record<string, "off" | Severity>>;
  /** Globs of templates that are left alone. */
  readonly ignore: readonly string[];
}

export const defaultSettings: Settings = { expect: "auto", rules: {}, ignore: [] };

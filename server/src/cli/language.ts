/** The language that the command line speaks: the one asked for, or that of the environment. */
import type { Catalogue } from "../message";
import { catalogueOf } from "../texts/catalogues";

export const languages = ["en", "de"] as const;

export type Language = (typeof languages)[number];

/**
 * Returns the texts in the language that was asked for or, where none was, of the environment (POSIX: LC_ALL wins over
 * LC_MESSAGES, that over LANG). Other programs get English wherever they run, unless they asked for something else.
 */
export function catalogueFor(asked: Language | undefined, forPrograms = false): Promise<Catalogue> {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return catalogueOf(asked ?? (forPrograms ? "en" : LC_ALL || LC_MESSAGES || LANG));
}

/** Tells whether a format is made for programs to read, not for people. */
export function isForPrograms(format: "text" | "json" | "sarif" | "markdown"): boolean {
  return format === "json" || format === "sarif";
}

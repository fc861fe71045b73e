/** The languages beside English, each loaded when somebody speaks it. */
import type { Catalogue } from "../message";

/**
 * Returns the texts for a language as editors and environments name it: `de`, `de-AT`, `de_DE.UTF-8`. Every language
 * that there is no catalogue of gets the empty one, which is English.
 */
export async function catalogueOf(language: string | undefined): Promise<Catalogue> {
  return /^de(?![a-z])/i.test(language ?? "") ? (await import("./german")).german : {};
}

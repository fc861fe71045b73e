/** The German texts, in a bundle of their own (scripts/apart.mts): who reads English never loads them. */
import type { Catalogue } from "../message";
import messages from "./messages.de.json";
import rules from "./rules.de.json";

export const german: Catalogue = { ...messages, ...rules };

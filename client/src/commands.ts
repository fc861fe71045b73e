/** The commands by name: they are there as soon as the extension is, and what they do is loaded after it. */

/** Also the section of the settings, from which the client reads how much it traces. */
export const id = "lambdaEgress";

/** All of them, without the prefix that they share. */
export const names = [
  "restartServer",
  "showOutput",
  "insertNatVpc",
  "checkDeployed",
  "copyMinimalPolicy",
  "resolveExternal",
  "forgetAccount",
  "createTopology",
  "showMap",
  "chooseParameterSet",
  "showUses",
  "addYamlTags",
  "openExample",
  "getStarted",
] as const;

export type Handlers = Readonly<Record<(typeof names)[number], (...args: never[]) => unknown>>;

/** Returns the whole name of a command. */
export function toCommand(name: (typeof names)[number]): string {
  return `${id}.${name}`;
}

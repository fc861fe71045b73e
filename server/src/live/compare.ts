/**
 * What a template promises of a function's way out, against what is there.
 *
 * Both sides are networks, the template's with the stack's parameters. A difference is told only where both
 * sides are known, in every world that the parameters leave open: what a template does not say is none.
 */
import { analyse } from "../analysis";
import { internet } from "../network/egress";
import type { FunctionEgress } from "../network/verdict";
import { ask } from "../scene";
import { subjectOf } from "../subject";
import { parse } from "../template/parse";
import { readTemplate } from "../template/read";
import { expandSam } from "../template/sam";
import type { Parameter, Template } from "../template/template";
import { type Difference, differencesOf } from "./differences";
import type { Deployed, DeployedFunction } from "./live";
import type { Stack, StackParameter } from "./stack";

export interface Drift extends Difference {
  readonly cause: Cause;
}

/**
 * `outside`: the template that was deployed says the same, so the account was changed by other means.
 * `undeployed`: it says otherwise, so this template is yet to be deployed.
 */
export type Cause = "outside" | "undeployed" | "unknown";

/**
 * Returns how the account differs from a template's text on the way out of one function, in the order in which
 * the traffic passes; undefined where the text has no such function to compare with.
 */
export function driftOf(
  text: string,
  deployed: Deployed & { readonly stack: Stack },
  fn: DeployedFunction,
  egress: FunctionEgress,
): readonly Drift[] | undefined {
  const differences = compare(text, deployed, fn, egress);
  if (differences === undefined) return undefined;
  const { template } = deployed.stack;
  const same = template.ok && plain(template.value) === plain(text);
  const before =
    template.ok && !same && differences.length > 0 ? compare(template.value, deployed, fn, egress) : undefined;
  const keys = new Set(before?.map(({ key }) => key));
  return differences.map((one) => ({
    ...one,
    cause: same || keys.has(one.key) ? "outside" : before === undefined ? "unknown" : "undeployed",
  }));
}

function compare(
  text: string,
  { network: live, stack, failures }: Deployed & { readonly stack: Stack },
  { key, logicalId }: DeployedFunction,
  egress: FunctionEgress,
): readonly Difference[] | undefined {
  const given = givenBy(stack);
  const failed = new Set(failures.map(({ action }) => action));
  const written = readTemplate(parse(text), given);
  if (written === undefined || logicalId === undefined) return undefined;
  const { template, values } = bind(expandSam(written), stack, given);
  const subject = subjectOf(template, values, internet);
  const { surroundings } = subject;
  const analysis = analyse(subject).functions.find(({ resource }) => resource?.id === logicalId);
  const asked =
    analysis &&
    ask(analysis, ({ network: promised, fn }) =>
      fn === undefined
        ? []
        : [differencesOf({ template, surroundings, promised, live, stack, values, failed }, fn, key, egress)],
    );
  const worlds = (asked?.leaves ?? []).flatMap(({ result }) => result.answer);
  const [first, ...others] = worlds;
  return first?.filter(({ key }) => others.every((world) => world.some((other) => other.key === key)));
}

/** Returns the parameters that the stack tells, and what every stack knows of itself. */
function givenBy({ id, name, parameters }: Stack): Readonly<Record<string, string>> {
  const [, partition, , region, account] = id.split(":");
  const own = {
    "AWS::Partition": partition,
    "AWS::Region": region,
    "AWS::AccountId": account,
    "AWS::StackName": name,
    "AWS::StackId": id,
  };
  const told = [...parameters].map(([key, { value, resolved }]) => [key, resolved ?? value] as const);
  const entries = [...Object.entries(own), ...told];
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

/** Gives the parameters their values in the stack. Those that it keeps to itself lose even their defaults. */
function bind(template: Template, { parameters }: Stack, given: Readonly<Record<string, string>>) {
  const values: Record<string, string> = { ...given };
  const bound = new Map<string, Parameter>();
  for (const [name, parameter] of template.parameters) {
    const seen = parameters.get(name);
    if (seen === undefined ? isLookedUp(parameter) : isHidden(parameter, seen)) {
      delete values[name];
      bound.set(name, { ...parameter, default: undefined, allowed: undefined });
      continue;
    }
    if (seen === undefined && parameter.default !== undefined) values[name] = parameter.default;
    bound.set(name, parameter);
  }
  return { template: { ...template, parameters: bound }, values };
}

function isHidden(parameter: Parameter, { value, resolved }: StackParameter): boolean {
  return isLookedUp(parameter) ? resolved === undefined : value === undefined;
}

/** The value in a template or stack is the name of what holds the value. */
function isLookedUp({ type }: Parameter): boolean {
  return type.startsWith("AWS::SSM::Parameter::Value");
}

function plain(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}

/** A line above each function: whether it reaches the internet, and the way to the map and to the account. */
import type { CodeLens } from "vscode-languageserver";
import { dependences, verdictOf, verdictsIn } from "../analysis";
import type { Meaning } from "../lint";
import { type Catalogue, type Message, message, render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet, outcomeOf } from "../network/egress";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import { ruleOfFault } from "../report/source";
import { exitsOf, shortWhy, wayOf, whyOf } from "../report/way";
import { type Mood, moodOf } from "../report/words";
import { rules } from "../rules/index";
import { summaryOf } from "../rules/rule";
import type { Analysis } from "../scene";
import { expectationOf, intentOf } from "../silence";
import { spanOf } from "../template/syntax";
import { lacksWayOut } from "../topology";
import type { Client } from "./client";
import { toRange } from "./range";
import type { Reading } from "./reading";
import { createTopology } from "./topology";

const showMap = "lambdaEgress.showMap";
const checkDeployed = "lambdaEgress.checkDeployed";

/** At most this many parameters are named in one line. */
const namesShown = 3;
/** At most this many parameter sets. */
const setsShown = 4;

/** Returns the lenses of a document: a verdict for each function, with the offers to give it a way out and to ask the account. */
export function toCodeLenses(
  reading: Reading,
  { commands }: Pick<Client, "commands">,
  catalogue: Catalogue,
): CodeLens[] {
  const { document, meaning } = reading;
  return meaning.functions.flatMap((analysis) => {
    const { resource } = analysis;
    const fn = verdictOf(analysis)?.leaf.result.fn;
    if (resource === undefined || fn === undefined) return [];
    const range = toRange(spanOf(resource.at), document);
    const lens = (title: Message, id: string, runs: boolean): CodeLens => {
      const text = render(title, catalogue);
      const command = runs ? { command: id, arguments: [document.uri, resource.id] } : { command: "" };
      return { range, command: { title: text, ...command } };
    };
    // An editor that does not run a command shows the verdict as mere text.
    const isInVpc = fn.verdict !== "not-in-vpc";
    const verdict = lens(titleOf(reading, analysis), showMap, isInVpc && commands.has(showMap));
    const isMissed = commands.has(createTopology) && !isStated(reading, analysis) && lacksWayOut(meaning, resource.id);
    return [
      verdict,
      ...(isMissed ? [lens(message("Create NAT topology…"), createTopology, true)] : []),
      ...(isInVpc && commands.has(checkDeployed) ? [lens(message("Check deployed"), checkDeployed, true)] : []),
    ];
  });
}

/** Returns a function's verdict in one line. */
function titleOf(reading: Reading, analysis: Analysis): Message {
  const { meaning } = reading;
  const { destination } = meaning.subject;
  const inSets = setsTitle(meaning, analysis.resource?.id);
  if (inSets !== undefined) return inSets;
  const names = parametersOf(analysis);
  if (names.length > namesShown) {
    return message("Depends on {0} and {1} more", names.slice(0, namesShown).join(", "), names.length - namesShown);
  }
  if (names.length > 0) return message("Depends on {0}", names.join(", "));
  const found = verdictOf(analysis);
  const fn = found?.leaf.result.fn;
  if (found === undefined || fn === undefined) return message("Not created");
  const place = destination === internet ? undefined : describeDestination(destination);
  const isNone = isStated(reading, analysis);
  const [bad] = fn.subnets.filter((subnet) => outcomeOf(wayOf(subnet, destination).verdict) === "fails");
  const why = bad === undefined ? undefined : shortWhy(bad, wayOf(bad, destination));
  switch (found.verdict) {
    case "not-in-vpc":
      return message("Not in a VPC");
    case "internet":
      return place === undefined
        ? message("Internet: {0}", through(fn, destination))
        : message("Reaches {0}: {1}", place, through(fn, destination));
    case "ipv6-only":
      return message("Internet over IPv6 only: via {0}", listOf(fn.subnets.flatMap(({ ipv6 }) => exitsOf(ipv6))));
    case "partial":
      return message("A part of the internet only: {0}", through(fn, destination));
    case "intermittent":
      return message("From some subnets only: {0}", why ?? "?");
    case "no-internet":
      if (isNone) return message("No internet, as stated");
      return place === undefined
        ? message("No internet: {0}", why ?? "?")
        : message("No way to {0}: {1}", place, why ?? "?");
    case "deploy-fails":
      return message("Cannot be deployed: {0}", whyRefused(fn));
    case "unknown":
      return message("Unknown: {0}", whyUnknown(fn, destination));
  }
}

/** Tells whether somebody has said that the function needs no internet. */
function isStated({ meaning, settings }: Reading, { resource }: Analysis): boolean {
  return (expectationOf(meaning.subject.template, resource) ?? intentOf(settings.expect)) === "none";
}

/** `dev ✓ · prod ✗`, where the parameter sets of the template differ on a function. */
function setsTitle({ sets = [] }: Meaning, id: string | undefined): Message | undefined {
  const found = sets.flatMap(({ set: { name }, meaning: { functions } }) =>
    verdictsIn(functions).flatMap((one) => (one.id === id ? [{ name, verdict: one.verdict }] : [])),
  );
  if (new Set(found.map(({ verdict }) => verdict)).size < 2) return undefined;
  const shown = found.slice(0, setsShown).map(({ name, verdict }) => `${name} ${signs[moodOf(verdict)]}`);
  const more = found.length - shown.length;
  return more > 0 ? message("{0} and {1} more", shown.join(" · "), more) : message("{0}", shown.join(" · "));
}

const signs: Readonly<Record<Mood, string>> = { good: "✓", fair: "~", bad: "✗", open: "?" };

/** Returns the parameters that decide between outcomes; a comparison of several stands as it is written. */
function parametersOf(analysis: Analysis): readonly string[] {
  return [...new Set(dependences(analysis).flatMap(({ when }) => [...when.keys()]))];
}

/** `via Nat · 2 subnets` */
function through({ subnets }: FunctionEgress, destination: Destination): Message {
  const exits = listOf(subnets.flatMap((subnet) => exitsOf(wayOf(subnet, destination))));
  const count = subnets.length;
  if (exits === "") return count === 1 ? message("1 subnet") : message("{0} subnets", count);
  return count === 1 ? message("via {0} · 1 subnet", exits) : message("via {0} · {1} subnets", exits, count);
}

function listOf(names: readonly string[]): string {
  return [...new Set(names)].join(", ");
}

function whyRefused({ deployFaults: [fault] }: FunctionEgress): Message {
  const rule = rules.find(({ id }) => fault !== undefined && id === ruleOfFault(fault));
  return rule === undefined ? message("the stack would fail") : summaryOf(rule);
}

function whyUnknown({ fn, subnets }: FunctionEgress, destination: Destination): Message | string {
  if (fn.vpcConfig.is === "unknown") return fn.vpcConfig.why;
  const isOpen = (subnet: SubnetEgress): boolean => outcomeOf(wayOf(subnet, destination).verdict) === "unknown";
  const open = subnets.find(isOpen);
  if (open === undefined) {
    const list = fn.vpcConfig.is === "known" ? fn.vpcConfig.value.subnets : undefined;
    return list?.is === "unknown" ? list.why : message("it cannot be told from the template");
  }
  const [, name] = /^param:(.+)$/.exec(open.reference.ref) ?? [];
  if (name === undefined) return whyOf(wayOf(open, destination));
  return open.reference.whole
    ? message("subnets come from parameter {0}", name)
    : message("a subnet comes from parameter {0}", name);
}

/** What a hover says, as lines of Markdown: one message a line. */
import { dependences, verdictOf } from "../analysis";
import { whenText } from "../findings";
import type { Meaning } from "../lint";
import { type Message, message } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet, outcomeOf } from "../network/egress";
import { requiredEniActions } from "../network/iam";
import type { Network } from "../network/model";
import type { FunctionEgress, FunctionVerdict, Path, RoleEgress, SubnetEgress } from "../network/verdict";
import { sourceOf } from "../report/source";
import { chainsOf, reasonsOf, rulesOf, shortWhy, wayOf } from "../report/way";
import type { Analysis } from "../scene";

/** At most this many subnets, worlds or names are listed. */
const most = 6;

/** Returns what to say of a function; `told` are the rules whose findings stand at the place, which speak for themselves. */
export function functionLines(meaning: Meaning, analysis: Analysis, told: ReadonlySet<string>): readonly Message[] {
  const { destination } = meaning.subject;
  const found = verdictOf(analysis);
  const fn = found?.leaf.result.fn;
  if (found === undefined || fn === undefined) return [];
  const { network } = found.leaf.result;
  // The first row is of the world that is shown.
  const rows = dependences(analysis).slice(1);
  const unknown = fn.fn.vpcConfig.is === "unknown" ? [fn.fn.vpcConfig.why] : [];
  return [
    headline(fn, found.verdict, destination),
    ...unknown,
    ...fn.deployFaults.slice(0, 1).flatMap(() => sources(rulesOf({ deployFaults: fn.deployFaults }), told)),
    ...fn.subnets.slice(0, most).flatMap((subnet) => pathLines(network, subnet, destination, fn.fn.key, told)),
    ...moreThan(fn.subnets.length),
    ...(fn.role === undefined ? [] : roleLines(fn.role, told)),
    ...rows.slice(0, most).map(({ when, verdict, scene }) => world(whenText(when), verdict, scene().fn, destination)),
    ...moreThan(rows.length),
    ...setLines(meaning, fn.fn.key),
  ];
}

/** What becomes of the function in each parameter set of the template, where they differ. */
function setLines({ sets = [], subject }: Meaning, id: string): readonly Message[] {
  const found = sets.flatMap(({ set, meaning }) => {
    const verdict = meaning.functions.filter(({ resource }) => resource?.id === id).map(verdictOf)[0];
    const fn = verdict?.leaf.result.fn;
    return verdict === undefined || fn === undefined ? [] : [{ name: set.name, verdict: verdict.verdict, fn }];
  });
  if (new Set(found.map(({ verdict }) => verdict)).size < 2) return [];
  const lines = found
    .slice(0, most)
    .map(({ name, verdict, fn }) => message("set {0}: {1}", name, headline(fn, verdict, subject.destination)));
  return [...lines, ...moreThan(found.length)];
}

function headline({ fn }: FunctionEgress, verdict: FunctionVerdict, destination: Destination): Message {
  const place = describeDestination(destination);
  switch (verdict) {
    case "internet":
      return message("**{0}** reaches {1}", fn.key, place);
    case "ipv6-only":
      return message("**{0}** reaches {1} over IPv6 only", fn.key, place);
    case "intermittent":
      return message("**{0}** reaches {1} from some of its subnets only, so calls fail now and then", fn.key, place);
    case "partial":
      return message("**{0}** reaches a part of {1} only", fn.key, place);
    case "no-internet":
      return message("**{0}** does not reach {1}", fn.key, place);
    case "deploy-fails":
      return message("**{0}** cannot be deployed", fn.key);
    case "unknown":
      return message("Whether **{0}** reaches {1} cannot be told from the template", fn.key, place);
    case "not-in-vpc":
      return message("**{0}** is not in a VPC: it runs in Lambda's own network, which has internet", fn.key);
  }
}

/** What another world changes: the verdict, and what decides it. */
function world(
  when: Message,
  verdict: FunctionVerdict,
  fn: FunctionEgress | undefined,
  destination: Destination,
): Message {
  const bad = fn?.subnets.find((subnet) => outcomeOf(wayOf(subnet, destination).verdict) === "fails");
  const why = bad === undefined ? undefined : shortWhy(bad, wayOf(bad, destination));
  if (verdict === "not-in-vpc") return message("when {0}: not in a VPC", when);
  if (verdict === "internet") return message("when {0}: reaches {1}", when, describeDestination(destination));
  if (verdict === "deploy-fails") return message("when {0}: cannot be deployed", when);
  if (why === undefined) return message("when {0}: {1}", when, verdict);
  const isAll = verdict === "no-internet";
  if (isAll && destination === internet) return message("when {0}: no internet, because {1}", when, why);
  return isAll
    ? message("when {0}: does not reach it, because {1}", when, why)
    : message("when {0}: not always, because {1}", when, why);
}

/** Returns a subnet's way out, a line for each address family in use; then why it ends, where it does. */
export function pathLines(
  network: Network,
  subnet: SubnetEgress,
  destination: Destination,
  fn?: string,
  told: ReadonlySet<string> = new Set(),
): readonly Message[] {
  const main = wayOf(subnet, destination);
  const also = main === subnet.ipv4 && outcomeOf(subnet.ipv6.verdict) === "reaches" ? [subnet.ipv6] : [];
  return [main, ...also].flatMap((path) => {
    const chains = chainsOf(network, subnet, path).map((chain) =>
      [...(fn === undefined ? [] : [fn]), ...chain].join(" → "),
    );
    const rules = fn === undefined ? [] : rulesOf({ deployFaults: [] }, path);
    // What keeps a function from a public subnet is no fault of the subnet's.
    const isTold = rules.some((rule) => told.has(rule)) || (fn === undefined && path.verdict === "public-subnet");
    const lines = chains.map((chain) => (fn === undefined ? message("`{0}`", chain) : signed(path, chain)));
    return [...lines, ...(isTold ? [] : [...reasonsOf(path).slice(0, most), ...sources(rules, told)])];
  });
}

function signed(path: Path, chain: string): Message {
  switch (outcomeOf(path.verdict)) {
    case "reaches":
      return path.family === "ipv4" ? message("`{0}` ✓", chain) : message("`{0}` ✓ IPv6", chain);
    case "fails":
      return message("`{0}` ✗", chain);
    case "partial":
      return message("`{0}` ✓ in part", chain);
    case "unknown":
      return message("`{0}` ?", chain);
  }
}

/** Where a fault is explained. */
function sources(rules: readonly string[], told: ReadonlySet<string>): readonly Message[] {
  return rules
    .filter((rule) => !told.has(rule))
    .slice(0, 2)
    .map((id) => {
      const { page, aws } = sourceOf(id);
      return aws === undefined ? message("[{0}]({1})", id, page) : message("[{0}]({1}) · [AWS]({2})", id, page, aws);
    });
}

export function roleLines({ key, verdict, actions }: RoleEgress, told: ReadonlySet<string>): readonly Message[] {
  const name = key === undefined ? message("Its role") : message("The role {0}", key);
  const lacking = requiredEniActions.filter((action) => actions.get(action)?.allowed === "no");
  switch (verdict) {
    case "granted":
      return [message("{0} may create network interfaces", name)];
    case "missing":
      return [
        message("{0} may not create network interfaces: it lacks {1}", name, lacking.join(", ")),
        ...sources(["missing-eni-permissions"], told),
      ];
    case "unknown":
      return [
        message(
          "Whether {0} may create network interfaces cannot be told from the template",
          key ?? message("its role"),
        ),
      ];
  }
}

function moreThan(count: number): readonly Message[] {
  return count > most ? [message("and {0} more", count - most)] : [];
}

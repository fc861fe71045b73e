/** What an account tells about a template that only names its network, as the command line and the editor ask for it. */
import assert from "node:assert/strict";
import { type Found, resolveExternals } from "../../server/src/account";
import { externalsOf } from "../../server/src/externals";
import { type FunctionReport, type LintOptions, lint } from "../../server/src/lint";
import type { Refusal } from "../../server/src/live/live";
import type { Wish } from "../../server/src/live/profile";
import { render } from "../../server/src/message";
import { type Destination, internet } from "../../server/src/network/egress";
import { known } from "../../server/src/network/model";
import type { Resolved } from "../../server/src/network/resolved";
import { fromResolvedData, toResolvedData } from "../../server/src/network/resolved-json";
import { parse } from "../../server/src/template/parse";
import { region } from "./account";
import { type Bench, type Checked, hopsOf } from "./check";

type Options = Pick<LintOptions, "parameters" | "library" | "destination">;

/** Asks the account about a template; fails where it refuses. What it tells went to JSON and back, as into a file. */
export async function ask(bench: Bench, text: string, options: Options = {}, wish: Partial<Wish> = {}) {
  const found = await askOrRefusal(bench, text, options, wish);
  if ("why" in found) throw new Error(`refused: ${JSON.stringify(found)}`);
  const kept = fromResolvedData(JSON.parse(JSON.stringify(toResolvedData(found.resolved))));
  assert.deepEqual(kept, found.resolved);
  return { ...found, resolved: kept as Resolved };
}

export function askOrRefusal(
  { proxy }: Bench,
  text: string,
  options: Options = {},
  wish: Partial<Wish> = {},
): Promise<Found | Refusal> {
  const externals = externalsOf(parse(text), options);
  return resolveExternals(externals, { region, endpoint: proxy.url, env: process.env, ...wish });
}

/** Returns the report on the only function of a template, with what the account tells. */
export async function reportOn(bench: Bench, text: string, options: Options = {}): Promise<FunctionReport> {
  const { resolved: account } = await ask(bench, text, options);
  const [fn] = lint(parse(text), { ...options, account }).functions;
  if (fn === undefined) throw new Error("the template has no function");
  return fn;
}

/** A template with a function that names these by their ids. */
export function naming(subnets: readonly string[], groups: readonly string[], role: string, ipv6 = false): string {
  return `Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Role: ${role}
      VpcConfig:
        SubnetIds: [${subnets.join(", ")}]
        SecurityGroupIds: [${groups.join(", ")}]
        Ipv6AllowedForDualStack: ${ipv6}
`;
}

/** Asserts that a template which names a deployed function's network says of it what the check of the account says. */
export async function agrees(bench: Bench, checked: Checked, destination: Destination = internet): Promise<void> {
  const { fn, verdict, role } = checked;
  const config = known(fn.vpcConfig);
  if (config === undefined || fn.capacityProvider !== undefined) return;
  const ids = (list: typeof config.groups) => (known(list) ?? []).map(({ ref }) => ref);
  const ipv6 = known(config.ipv6Allowed) === true;
  const text = naming(ids(config.subnets), ids(config.groups), known(fn.role)?.key ?? "", ipv6);
  const report = await reportOn(bench, text, { destination });
  const paths = report.subnets.map(({ verdict, ipv6 }) => [verdict, ipv6]);
  const expected = checked.subnets.map(({ ipv4, ipv6 }) => [ipv4.verdict, ipv6.verdict]);
  const hops = report.subnets.flatMap(({ hops }) => hops);
  const words = (all: readonly { id: string; status: string; why: Parameters<typeof render>[0] }[]) =>
    all.map(({ id, status, why }) =>
      `${status} ${id}: ${render(why)}`.replaceAll("literal:", "").replaceAll(fn.key, "Worker"),
    );
  assert.deepEqual([report.verdict, report.role, paths], [verdict, role?.verdict, expected], words(hops).join("\n"));
  assert.deepEqual(words(hops), words(hopsOf(checked)));
}

/** Asks an account about what templates name and do not contain: stored parameters, exports, and the things behind ids. */
import { DescribeStacksCommand, ListExportsCommand } from "@aws-sdk/client-cloudformation";
import { GetParametersCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Message, message } from "../message";
import type { Key } from "../network/model";
import { type Externals, isIdentity, pseudo, type Resolved } from "../network/resolved";
import { filled } from "../template/value";
import { asker } from "./describe";
import { type Failure, whyFailed } from "./failure";
import { aboutVpcs } from "./fetch";
import { fetchRoles } from "./fetch-role";
import type { Asked, Refusal } from "./live";
import { placeOf, type Wish } from "./profile";
import { type Limits, openSession, type Session } from "./session";
import { emptySnapshot, note, type Snapshot, unique } from "./snapshot";
import { toNetwork } from "./to-network";

/** What was found; it has no time, as nothing here reads a clock. */
export interface Resolution extends Asked {
  readonly region: string;
  readonly resolved: Omit<Resolved, "time">;
  /** The calls that gave no answer; what they would have told stays unknown. */
  readonly failures: readonly Failure[];
}

/** Asks about all of it, each thing once, and about the VPCs around what is there. Never throws. */
export async function resolveExternals(
  asked: Externals,
  wish: Wish,
  limits: Limits = {},
): Promise<Resolution | Refusal> {
  const place = await placeOf(wish);
  const { region, profile } = place;
  const nowhere = { region, profile, account: undefined, partition: "aws" };
  if (region === undefined) return { ...nowhere, why: "no-region" };
  const session = openSession({ ...place, region }, limits);
  try {
    const identity = await session.call("sts:GetCallerIdentity", ({ sts }, options) =>
      sts.send(new GetCallerIdentityCommand({}), options),
    );
    // Who may not ask for his own name may ask for the rest all the same.
    if (!identity.ok && identity.failure.kind !== "denied") {
      return { ...nowhere, why: "failed", failure: identity.failure };
    }
    const { Account: account, Arn } = identity.ok ? identity.value : {};
    const [, partition = "aws"] = Arn?.split(":") ?? [];
    const snapshot = emptySnapshot({ region, functions: [], partition, account });
    note(snapshot, identity);
    const { values, unseen, ids } = await fetchValues(session, snapshot, asked);
    await fetchThings(session, snapshot, ids);
    const network = toNetwork(snapshot, ids);
    return {
      region,
      profile,
      account,
      partition,
      resolved: {
        region,
        account,
        partition,
        asked,
        values,
        network: { ...network, unseen: new Map([...(network.unseen ?? []), ...unseen]) },
      },
      failures: [...snapshot.failures.values()],
    };
  } finally {
    session.close();
  }
}

interface Values {
  readonly values: ReadonlyMap<Key, string>;
  readonly unseen: ReadonlyMap<Key, Message>;
  /** All ids that are known now, those asked about and those that values hold. */
  readonly ids: readonly string[];
}

async function fetchValues(session: Session, snapshot: Snapshot, asked: Externals): Promise<Values> {
  const fill = (text: string): string => filled(text, pseudo(snapshot));
  const values = new Map<Key, string>();
  const unseen = new Map<Key, Message>();
  const take: Take = (key, text, why) => {
    if (text === undefined) unseen.set(key, why);
    else if (isTelling(text)) values.set(key, text);
    else unseen.set(key, message("the value of {0} is no id", key.slice(key.indexOf(":") + 1)));
  };
  await Promise.all([
    fetchExports(session, snapshot, asked.exports.map(fill), take),
    fetchOutputs(session, snapshot, asked.outputs.map(fill), take),
    fetchParameters(session, snapshot, asked.parameters.map(fill).filter(isName), take),
  ]);
  const found = [...values.values()].flatMap((text) => text.split(",").map((item) => item.trim()));
  return { values, unseen, ids: unique([...asked.ids.map(fill), ...found].filter(isIdentity)) };
}

/** Notes a value; where there is none, why. */
type Take = (key: Key, text: string | undefined, why: Message) => void;

/** CloudFormation lists all exports of a region or none. */
async function fetchExports(session: Session, snapshot: Snapshot, names: readonly string[], take: Take): Promise<void> {
  if (names.length === 0) return;
  const answer = await session.list("cloudformation:ListExports", async ({ cloudformation }, options, NextToken) => {
    const page = await cloudformation.send(new ListExportsCommand({ NextToken }), options);
    return { items: page.Exports, next: page.NextToken };
  });
  note(snapshot, answer);
  const all = new Map((answer.ok ? answer.value : []).map(({ Name, Value }) => [Name ?? "", Value]));
  for (const name of names) {
    const why = answer.ok ? message("no stack exports {0} in {1}", name, session.region) : whyFailed(answer.failure);
    take(`import:${name}`, all.get(name), why);
  }
}

/** A stack tells all of its outputs at once. */
async function fetchOutputs(session: Session, snapshot: Snapshot, names: readonly string[], take: Take): Promise<void> {
  const wanted = names.map((name) => ({ name, stack: name.slice(0, name.indexOf(".")) }));
  const stacks = unique(wanted.map(({ stack }) => stack)).filter((stack) =>
    /^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(stack),
  );
  await Promise.all(
    stacks.map(async (StackName) => {
      const answer = await session.call("cloudformation:DescribeStacks", ({ cloudformation }, options) =>
        cloudformation.send(new DescribeStacksCommand({ StackName }), options),
      );
      const isGone = !answer.ok && answer.failure.kind === "not-found";
      if (!isGone) note(snapshot, answer);
      const outputs = answer.ok ? (answer.value.Stacks?.[0]?.Outputs ?? []) : [];
      const all = new Map(outputs.map(({ OutputKey, OutputValue }) => [`${StackName}.${OutputKey}`, OutputValue]));
      const none = message("no stack {0} has this output in {1}", StackName, session.region);
      const why = answer.ok || isGone ? none : whyFailed(answer.failure);
      for (const { name } of wanted.filter(({ stack }) => stack === StackName)) {
        take(`output:${name}`, all.get(name), why);
      }
    }),
  );
}

/** SSM takes this many names at a time. */
const parametersAtOnce = 10;

async function fetchParameters(
  session: Session,
  snapshot: Snapshot,
  names: readonly string[],
  take: Take,
): Promise<void> {
  const chunks = Array.from({ length: Math.ceil(names.length / parametersAtOnce) }, (_, index) =>
    names.slice(index * parametersAtOnce, (index + 1) * parametersAtOnce),
  );
  await Promise.all(
    chunks.map(async (Names) => {
      const answer = await session.call("ssm:GetParameters", ({ ssm }, options) =>
        ssm.send(new GetParametersCommand({ Names, WithDecryption: false }), options),
      );
      note(snapshot, answer);
      const found = new Map(
        (answer.ok ? (answer.value.Parameters ?? []) : []).map((one) => [`${one.Name}${one.Selector ?? ""}`, one]),
      );
      for (const name of Names) {
        const { Type, Value } = found.get(name) ?? {};
        const missing = message("there is no SSM parameter {0} in {1}", name, session.region);
        const secret = message("{0} is a secret, which is not read", name);
        const why = !answer.ok ? whyFailed(answer.failure) : Value === undefined ? missing : secret;
        take(`ssm:${name}`, Type === "SecureString" ? undefined : Value, why);
      }
    }),
  );
}

/** Asks for what the ids name, for each VPC around that as a whole, and for what those lead to. */
async function fetchThings(session: Session, snapshot: Snapshot, ids: readonly string[]): Promise<void> {
  const asking = asker(session, snapshot);
  const of = (prefix: string) => ids.filter((id) => id.startsWith(prefix));
  const [roles, tables, acls] = [of("arn:"), of("rtb-"), of("acl-")];
  if (ids.length === roles.length) return fetchRoles(session, snapshot, roles);
  await Promise.all([
    fetchRoles(session, snapshot, roles),
    asking.publicAccess(),
    tables.length === 0 ? undefined : asking.tables(tables),
    acls.length === 0 ? undefined : asking.acls(acls),
    asking.rest(ids),
  ]);
  const vpcs = vpcsOf(snapshot, ids);
  if (vpcs.length > 0) await Promise.all(aboutVpcs(session, asking, snapshot, vpcs));
  await asking.rest([]);
}

/** The VPCs of what was asked about, as far as it is found. */
function vpcsOf(
  { subnets, groups, routeTables, acls, natGateways, instances, interfaces }: Snapshot,
  ids: readonly string[],
) {
  const maps = [subnets, groups, routeTables, acls, natGateways, instances, interfaces];
  const around = ids.flatMap((id) => maps.map((map) => map.get(id)?.VpcId));
  return unique([...ids.filter((id) => id.startsWith("vpc-")), ...around]);
}

/** One name that SSM refuses would take the answer from the others. */
function isName(text: string): boolean {
  return /^[\w.:/-]{1,1000}$/.test(text);
}

/** Only what names a place in the network is kept: ids, ARNs of roles, address blocks, and zones. */
function isTelling(text: string): boolean {
  return text.split(",").every((item) => {
    const one = item.trim();
    return isIdentity(one) || /^[\da-f.:]+\/\d+$/i.test(one) || /^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(one);
  });
}

/** The live source: what is really deployed, as the same network that a template gives. Loaded on first use. */
import { type FunctionConfiguration, GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Network } from "../network/model";
import { factsOf, type LiveFact } from "./facts";
import type { Answer, Failure } from "./failure";
import { fetchNetwork } from "./fetch";
import { fetchRoles } from "./fetch-role";
import { allFunctions, isInVpc } from "./list";
import { placeOf, type Wish } from "./profile";
import { type Limits, openSession, type Session, type Watch } from "./session";
import { emptySnapshot, nameOf, note, unique } from "./snapshot";
import { fetchStack, logicalIdOf, physicalName, type Stack, type Stage, subnetsOf } from "./stack";
import { toNetwork } from "./to-network";

/** Which account was asked, and where. */
export interface Asked {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly account: string | undefined;
  readonly partition: string;
}

export interface Deployed extends Asked {
  readonly region: string;
  readonly network: Network;
  /** The functions asked about, by their keys in the network. */
  readonly functions: readonly DeployedFunction[];
  /** The calls that gave no answer; facts that hang on them are unknown. */
  readonly failures: readonly Failure[];
  /** The stack that was asked about too. */
  readonly stack?: Stack;
}

/** A stack, by name or ARN, and which text of its template is wanted. */
export interface StackWish {
  readonly name: string;
  readonly stage: Stage;
}

export interface DeployedFunction {
  readonly key: string;
  readonly arn: string;
  /** In the stack, where there is one. */
  readonly logicalId?: string;
  readonly facts: readonly LiveFact[];
}

/** Why nothing can be said at all. */
export type Refusal = Asked & ({ readonly why: "no-region" } | { readonly why: "failed"; readonly failure: Failure });

/**
 * Looks at one function, or at every function in a VPC of the account and region, and at the network around
 * it. `name`: a function's name or ARN, with an alias or version behind a colon where one is meant; undefined
 * for all functions. Of a stack the name may be a logical id. Each distinct role is asked about once. Never throws.
 */
export async function lookAt(
  name: string | undefined,
  wish: Wish,
  limits: Limits = {},
  stack?: StackWish,
): Promise<Deployed | Refusal> {
  const place = await placeOf({ ...wish, region: wish.region ?? regionOf(name) ?? regionOf(stack?.name) });
  const { region, profile } = place;
  const nowhere = { region, profile, account: undefined, partition: "aws" };
  if (region === undefined) return { ...nowhere, why: "no-region" };
  const session = openSession({ ...place, region }, limits);
  try {
    return stack === undefined || name === undefined
      ? await look(session, name, limits.watch)
      : await lookInStack(session, name, stack);
  } finally {
    session.close();
  }
}

async function lookInStack(session: Session, name: string, wish: StackWish): Promise<Deployed | Refusal> {
  const { region, profile } = session;
  const stack = await fetchStack(session, wish.name, wish.stage);
  const physical = stack.ok ? physicalName(stack.value, name) : undefined;
  if (!stack.ok || physical === undefined) {
    const failure: Failure = stack.ok
      ? { kind: "not-found", action: "cloudformation:ListStackResources", detail: name, sso: false }
      : stack.failure;
    const identity = await session.call("sts:GetCallerIdentity", ({ sts }, options) =>
      sts.send(new GetCallerIdentityCommand({}), options),
    );
    const account = identity.ok ? identity.value.Account : undefined;
    return { region, profile, partition: "aws", account, why: "failed", failure };
  }
  const found = await look(session, physical, undefined, subnetsOf(stack.value));
  if ("why" in found) return found;
  const { template } = stack.value;
  return {
    ...found,
    stack: stack.value,
    functions: found.functions.map((fn) => {
      const logicalId = logicalIdOf(stack.value, fn.key);
      return logicalId === undefined ? fn : { ...fn, logicalId };
    }),
    failures: template.ok ? found.failures : [...found.failures, template.failure],
  };
}

async function look(
  session: Session,
  name: string | undefined,
  watch: Watch | undefined,
  further: readonly string[] = [],
): Promise<Deployed | Refusal> {
  const { region, profile } = session;
  const [identity, found] = await Promise.all([
    session.call("sts:GetCallerIdentity", ({ sts }, options) => sts.send(new GetCallerIdentityCommand({}), options)),
    name === undefined ? allFunctions(session, (page) => watch?.listed(page.length)) : single(session, name),
  ]);
  const [, partition = "aws"] = (identity.ok ? identity.value.Arn : undefined)?.split(":") ?? [];
  const asked = { region, profile, partition, account: identity.ok ? identity.value.Account : undefined };
  if (!found.ok) return { ...asked, why: "failed", failure: found.failure };
  const functions = name === undefined ? found.value.filter(isInVpc) : found.value;
  const [, ownPartition = partition, , , ownAccount = asked.account] = functions[0]?.FunctionArn?.split(":") ?? [];
  const snapshot = emptySnapshot({ region, functions, partition: ownPartition, account: ownAccount });
  note(snapshot, identity);
  const roles = unique(functions.filter(isInVpc).map(({ Role }) => Role));
  await Promise.all([fetchNetwork(session, snapshot, further), fetchRoles(session, snapshot, roles)]);
  return {
    ...asked,
    account: snapshot.account,
    partition: snapshot.partition,
    network: toNetwork(snapshot),
    functions: functions.map((fn) => ({
      key: nameOf(fn),
      arn: fn.FunctionArn ?? nameOf(fn),
      facts: factsOf(snapshot, fn),
    })),
    failures: [...snapshot.failures.values()],
  };
}

async function single(session: Session, FunctionName: string): Promise<Answer<readonly FunctionConfiguration[]>> {
  const answer = await session.call("lambda:GetFunctionConfiguration", async ({ lambda }, options) => {
    const { $metadata, ...fn } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), options);
    return fn;
  });
  if (!answer.ok) return answer;
  // What has no name is no function, whoever answered.
  if (answer.value.FunctionArn !== undefined) return { ok: true, value: [answer.value] };
  const failure: Failure = { kind: "malformed", action: "lambda:GetFunctionConfiguration", detail: "", sso: false };
  return { ok: false, failure };
}

/** An ARN names its region. */
function regionOf(name: string | undefined): string | undefined {
  return /^arn:[^:]*:(?:lambda|cloudformation):([^:]+):/.exec(name ?? "")?.[1];
}

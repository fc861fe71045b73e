/** An open line to one account and region: every call to AWS goes through here and comes back as an answer. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import type { Action } from "./actions";
import { type Answer, type Failure, toFailure } from "./failure";
import type { Place, ServiceName } from "./profile";

export interface Clients {
  readonly ec2: EC2Client;
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly cloudformation: CloudFormationClient;
  readonly ssm: SSMClient;
}

/** Goes into the second argument of every `send`, so that the call ends when the person or the clock says so. */
export interface Options {
  readonly abortSignal: AbortSignal;
}

export interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

/** Asks for one page; the first has no token. */
type SendPage<T> = (clients: Clients, options: Options, token: string | undefined) => Promise<Page<T>>;

export interface Session {
  readonly region: string;
  readonly profile: string | undefined;
  /** Makes one call. Never throws. */
  call<T>(action: Action, send: (clients: Clients, options: Options) => Promise<T>): Promise<Answer<T>>;
  /** Makes as many calls as there are pages, and answers with all items or with none. */
  list<T>(action: Action, send: SendPage<T>): Promise<Answer<readonly T[]>>;
  close(): void;
}

export interface Limits {
  /** Ends every call, now and later. */
  readonly signal?: AbortSignal | undefined;
  /** What one call may take with all its retries, in milliseconds. */
  readonly timeout?: number | undefined;
  /** Hears how far the check is. */
  readonly watch?: Watch | undefined;
}

export interface Watch {
  /** A call was answered, or failed. */
  answered(): void;
  /** So many more functions were listed. */
  listed(functions: number): void;
}

/** AWS throttles an account as a whole, so a check must not crowd out the person's own work. */
const atOnce = 4;
const attempts = 5;
const patience = 30_000;

/** The SDK would print on the standard error of whoever runs this; what matters comes back as a failure. */
const silence = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Returns a session; nothing is asked before the first call, credentials included. */
export function openSession(place: Place & { readonly region: string }, limits: Limits = {}): Session {
  const { region, profile } = place;
  const credentials = fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    clientConfig: { region },
    // Asking an EC2 instance for credentials on a machine that is none must not take long.
    timeout: 1000,
    maxRetries: 0,
    logger: silence,
  });
  const configOf = (service: ServiceName) => {
    const endpoint = place.endpointOf(service);
    return {
      region,
      credentials,
      retryMode: "adaptive",
      maxAttempts: attempts,
      requestHandler: { connectionTimeout: 5000 },
      ...(endpoint === undefined ? {} : { endpoint }),
    };
  };
  const clients: Clients = {
    ec2: new EC2Client(configOf("ec2")),
    lambda: new LambdaClient(configOf("lambda")),
    iam: new IAMClient(configOf("iam")),
    sts: new STSClient(configOf("sts")),
    cloudformation: new CloudFormationClient(configOf("cloudformation")),
    ssm: new SSMClient(configOf("ssm")),
  };
  const turn = turns(atOnce);

  const call: Session["call"] = async (action, send) => {
    const answer = await turn(() => ask(action, (options) => send(clients, options), limits));
    limits.watch?.answered();
    return answer;
  };
  return {
    region,
    profile,
    call,
    async list<T>(action: Action, send: SendPage<T>): Promise<Answer<readonly T[]>> {
      const items: T[] = [];
      const seen = new Set<string>();
      for (let token: string | undefined; ; ) {
        const asked: string | undefined = token;
        const page = await call(action, (all, options) => send(all, options, asked));
        if (!page.ok) return page;
        items.push(...(page.value.items ?? []));
        token = page.value.next === "" ? undefined : page.value.next;
        if (token === undefined) return { ok: true, value: items };
        // The same page again and again would be asked for without end.
        if (seen.has(token)) return fail({ kind: "malformed", action, detail: "", sso: false });
        seen.add(token);
      }
    },
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** The wait between two attempts does not know the signal, so the answer does not wait for it either. */
async function ask<T>(action: Action, send: (options: Options) => Promise<T>, limits: Limits): Promise<Answer<T>> {
  const { signal, timeout = patience } = limits;
  const cancelled = fail({ kind: "cancelled", action, detail: "", sso: false });
  const isCancelled = (): boolean => signal?.aborted === true;
  if (isCancelled()) return cancelled;
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), timeout);
  const abortSignal = signal === undefined ? clock.signal : AbortSignal.any([signal, clock.signal]);
  const ended = new Promise<"ended">((resolve) => {
    abortSignal.addEventListener("abort", () => resolve("ended"), { once: true });
  });
  try {
    const outcome = await Promise.race([send({ abortSignal }).then((value) => ({ value })), ended]);
    if (outcome !== "ended") return { ok: true, value: outcome.value };
  } catch (error) {
    if (!abortSignal.aborted) return fail(toFailure(action, error));
  } finally {
    clearTimeout(timer);
  }
  return isCancelled() ? cancelled : fail({ kind: "timeout", action, detail: "", sso: false });
}

function fail(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}

/** Lets so many tasks run at once; the others wait in the order in which they came. */
function turns(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

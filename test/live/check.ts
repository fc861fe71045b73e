/** The live check as a test calls it: through the proxy to moto, with the verdicts worked out. */
import { type Deployed, lookAt, type Refusal } from "../../server/src/live/live";
import type { Wish } from "../../server/src/live/profile";
import type { Limits } from "../../server/src/live/session";
import { render } from "../../server/src/message";
import { type Destination, egressOf, internet } from "../../server/src/network/egress";
import type { FunctionEgress, Hop } from "../../server/src/network/verdict";
import { type Account, accountAt, region } from "./account";
import { type Moto, startMoto } from "./moto";
import { type FaultProxy, startProxy } from "./proxy";

export interface Bench {
  readonly moto: Moto;
  readonly proxy: FaultProxy;
  readonly account: Account;
}

/** Starts moto and the proxy for a suite. Its tests share the account, and each makes a VPC of its own in it. */
export function bench(suite: Mocha.Suite): Bench {
  const made: Partial<{ -readonly [K in keyof Bench]: Bench[K] }> = {};
  const before = { ...process.env };
  suite.timeout(60_000);
  suite.beforeAll(async function () {
    Object.assign(process.env, plainEnvironment);
    made.moto = await startMoto(this);
    made.proxy = await startProxy(made.moto.url);
    made.account = accountAt(made.moto.url);
  });
  suite.beforeEach(() => {
    Object.assign(process.env, plainEnvironment);
    for (const name of ["AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"]) {
      delete process.env[name];
    }
    made.proxy?.clear();
  });
  suite.afterAll(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    made.account?.close();
    await made.proxy?.stop();
    await made.moto?.stop();
  });
  const get = <K extends keyof Bench>(key: K): Bench[K] => {
    const one = made[key];
    if (one === undefined) throw new Error(`${key} is not started`);
    return one as Bench[K];
  };
  return {
    get moto() {
      return get("moto");
    },
    get proxy() {
      return get("proxy");
    },
    get account() {
      return get("account");
    },
  };
}

/** No file and no machine of the person's own bears on a test. */
export const plainEnvironment = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
};

export interface Checked extends FunctionEgress {
  readonly look: Deployed;
  /** `kind id: why` of the hops that did not pass. */
  readonly stops: readonly string[];
  /** The rows beside the hops, as `status subject: text`. */
  readonly rows: readonly string[];
}

/** Checks one function; fails where AWS did not tell of it at all. */
export async function check(
  { proxy }: Bench,
  name: string,
  { destination = internet, limits = {}, wish = {} }: Options = {},
): Promise<Checked> {
  const look = await lookOrRefusal(proxy, name, limits, wish);
  if ("why" in look) throw new Error(`refused: ${JSON.stringify(look)}`);
  const fn = [...look.network.functions.values()][0];
  if (fn === undefined) throw new Error("no function in the network");
  const egress = egressOf(look.network, fn, destination);
  return {
    ...egress,
    look,
    stops: hopsOf(egress).flatMap((hop) =>
      hop.status === "passed" ? [] : [`${hop.status} ${hop.kind} ${hop.id}: ${render(hop.why)}`],
    ),
    rows: look.functions.flatMap(({ facts }) =>
      facts.map(({ status, subject, text }) => `${status} ${render(subject)}: ${render(text)}`),
    ),
  };
}

export interface Options {
  readonly destination?: Destination | undefined;
  readonly limits?: Limits;
  readonly wish?: Partial<Wish>;
}

export function lookOrRefusal(
  proxy: FaultProxy,
  name: string | undefined,
  limits: Limits = {},
  wish: Partial<Wish> = {},
): Promise<Deployed | Refusal> {
  return lookAt(name, { region, endpoint: proxy.url, env: process.env, ...wish }, limits);
}

export function hopsOf({ subnets }: FunctionEgress): readonly Hop[] {
  return subnets.flatMap(({ ipv4, ipv6 }) => [...ipv4.hops, ...ipv6.hops]);
}

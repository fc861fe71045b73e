/**
 * Where to ask: region and endpoints, from what the person said, the environment, and the profile.
 *
 * The SDK reads the same places by itself, but passes over a profile's `endpoint_url` when the profile is
 * chosen in code, so that an emulator named there would be ignored and the real account asked.
 */
import { loadSharedConfigFiles } from "@smithy/core/config";

export type ServiceName = "ec2" | "lambda" | "iam" | "sts" | "cloudformation" | "ssm";

export interface Wish {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Place {
  readonly profile: string | undefined;
  /** Undefined where nobody names one. */
  readonly region: string | undefined;
  /** The service's endpoint where it is not AWS's own. */
  endpointOf(service: ServiceName): string | undefined;
}

/** Returns where to ask. A file that cannot be read counts as empty: the credentials will say what is wrong. */
export async function placeOf({ profile: wanted, region, endpoint, env }: Wish): Promise<Place> {
  const profile = given(wanted) ?? given(env.AWS_PROFILE);
  const files = await readFiles();
  const name = profile ?? "default";
  const own: Readonly<Record<string, string | undefined>> = {
    ...files.credentialsFile[name],
    ...files.configFile[name],
  };
  const services = files.configFile[`services.${own.services ?? ""}`];
  const configured = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() !== "true";
  return {
    profile,
    region: given(region) ?? given(env.AWS_REGION) ?? given(env.AWS_DEFAULT_REGION) ?? given(own.region),
    endpointOf(service) {
      if (given(endpoint) !== undefined) return endpoint;
      if (!configured) return undefined;
      return (
        given(env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`]) ??
        given(env.AWS_ENDPOINT_URL) ??
        given(services?.[`${service}.endpoint_url`]) ??
        given(own.endpoint_url)
      );
    },
  };
}

/** Returns the names of the profiles in the person's AWS files, without the sections that are none. */
export async function profileNames(): Promise<readonly string[]> {
  const { configFile, credentialsFile } = await readFiles();
  const names = new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)]);
  return [...names].filter((name) => !/^(?:sso-session|services)\./.test(name)).sort();
}

type Files = Awaited<ReturnType<typeof loadSharedConfigFiles>>;

function readFiles(): Promise<Files> {
  return loadSharedConfigFiles({ ignoreCache: true }).catch((): Files => ({ configFile: {}, credentialsFile: {} }));
}

/** A variable that is set to nothing counts as not set. */
function given(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

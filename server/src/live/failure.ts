/** Why a call to AWS gave no answer, told apart by what a person can do about it. */
import { type Message, message } from "../message";
import type { Action } from "./actions";

export type FailureKind =
  /** The identity may not do it. */
  | "denied"
  | "throttled"
  | "timeout"
  /** The person stopped the check. */
  | "cancelled"
  | "not-found"
  /** The service does not know the action here, so nobody can have used the feature. */
  | "unsupported"
  /** There are no valid credentials: nothing else can be asked either. */
  | "credentials"
  | "unreachable"
  | "malformed"
  | "failed";

export interface Failure {
  readonly kind: FailureKind;
  readonly action: Action;
  /** What AWS or the machine says about it, in one line; empty where the kind says it all. */
  readonly detail: string;
  /** True where the credentials come from IAM Identity Center, so that `aws sso login` renews them. */
  readonly sso: boolean;
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Returns the failure that an error of the SDK stands for. */
export function toFailure(action: Action, error: unknown): Failure {
  const { name, text, status, codes } = read(error);
  const kind = kindOf(name, text, status, codes);
  return { kind, action, detail: detailOf(kind, name, text), sso: kind === "credentials" && /\bsso\b/i.test(text) };
}

/** Returns why a fact is not known for want of this call's answer. */
export function whyFailed({ kind, action, detail }: Failure): Message {
  switch (kind) {
    case "denied":
      return detail === ""
        ? message("the identity in use lacks {0}", action)
        : message("{0} is denied: {1}", action, detail);
    case "throttled":
      return message("AWS throttled {0}", action);
    case "timeout":
      return message("{0} was not answered in time", action);
    case "cancelled":
      return message("the check was stopped before {0} was answered", action);
    case "not-found":
      return message("{0} found nothing: {1}", action, detail);
    case "unsupported":
      return message("{0} is not known here", action);
    case "credentials":
      return message("the credentials are not valid ({0})", detail);
    case "unreachable":
      return message("{0} did not reach the service: {1}", action, detail);
    case "malformed":
      return message("the answer to {0} cannot be read", action);
    case "failed":
      return message("{0} failed: {1}", action, detail);
  }
}

const throttling =
  /^(?:Throttling|ThrottlingException|ThrottledException|RequestThrottled(?:Exception)?|RequestLimitExceeded|TooManyRequestsException|EC2ThrottledException|BandwidthLimitExceeded|SlowDown)$/;
const denial =
  /^(?:UnauthorizedOperation|AccessDenied(?:Exception)?|AuthorizationError(?:Exception)?|UnauthorizedException)$/;
const badCredentials =
  /^(?:CredentialsProviderError|TokenProviderError|ExpiredToken(?:Exception)?|RequestExpired|InvalidClientTokenId|UnrecognizedClientException|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|InvalidAccessKeyId|MissingAuthenticationToken(?:Exception)?|InvalidToken)$/;
const unreachable =
  /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|CERT_.*|.*SELF_SIGNED.*)$/;

function kindOf(name: string, text: string, status: number | undefined, codes: readonly string[]): FailureKind {
  if (badCredentials.test(name)) return "credentials";
  if (throttling.test(name) || status === 429) return "throttled";
  if (denial.test(name)) return "denied";
  if (/^(?:InvalidAction|UnsupportedOperation|UnknownOperationException)$/.test(name)) return "unsupported";
  if (/NotFound(?:Exception)?$|^NoSuchEntity/.test(name)) return "not-found";
  // CloudFormation says in words alone that there is no such stack.
  if (name === "ValidationError" && /does not exist/.test(text)) return "not-found";
  if (name === "AbortError" || name === "TimeoutError" || codes.includes("ETIMEDOUT")) return "timeout";
  if (codes.some((code) => unreachable.test(code))) return "unreachable";
  // A proxy or an emulator may refuse in words that are not AWS's: then the status has to do.
  if (status === 403) return "denied";
  if (status === 401) return "credentials";
  if (status === undefined || status < 400) {
    if (name === "SyntaxError" || /deserialization|parse error|unexpected token/i.test(text)) return "malformed";
  }
  return "failed";
}

/** A denial's own text holds ARNs and an encoded message; only what tells who denies is kept. */
function detailOf(kind: FailureKind, name: string, text: string): string {
  if (kind === "denied") return /explicit deny in [a-z ]+|no [a-z-]+ policy allows/i.exec(text)?.[0] ?? "";
  if (kind === "credentials" && name !== "CredentialsProviderError" && name !== "TokenProviderError") return name;
  const line = text.split("\n", 1)[0]?.trim() ?? "";
  const short = line.length > 200 ? `${line.slice(0, 199)}…` : line;
  return short === "" ? name : short;
}

function read(error: unknown): { name: string; text: string; status: number | undefined; codes: readonly string[] } {
  const { name, code, message, $metadata, cause, errors } = error as {
    name?: string;
    code?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
    cause?: { code?: string };
    errors?: readonly { code?: string }[];
  };
  const response = (error as { $response?: { statusCode?: number } }).$response;
  return {
    name: name ?? "Error",
    text: message ?? String(error),
    status: $metadata?.httpStatusCode ?? response?.statusCode,
    codes: [code, cause?.code, ...(errors ?? []).map((one) => one.code)].filter((one) => one !== undefined),
  };
}

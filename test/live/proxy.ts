/**
 * Stands between the live check and moto_server: writes down which actions went over the wire, and gives
 * the answers that moto cannot give (what it does not know, faults, states that it never has).
 */
import * as http from "node:http";
import type { AddressInfo } from "node:net";

export interface Call {
  /** `ec2:DescribeSubnets`, as in a policy. */
  readonly action: string;
  /** The form of an EC2 or IAM call; empty for Lambda. */
  readonly form: URLSearchParams;
  /** How often this action was called before. */
  readonly earlier: number;
}

export interface Reply {
  readonly status?: number;
  readonly body: string;
  readonly type?: string;
}

/** Answers a call itself, changes moto's answer, or leaves the call alone. */
export type Fault = (call: Call) => Reply | "hang" | ((body: string) => string) | undefined;

export interface FaultProxy {
  readonly url: string;
  /** Actions in the order in which they came. */
  readonly actions: string[];
  /** The most calls that were under way at one time. */
  mostAtOnce(): number;
  /** Leaves the nth call of an action from now on without an answer; resolves when it comes. */
  hang(action: string, nth?: number): Promise<void>;
  /** The latest fault is asked first, and changes last; `clear` leaves what moto does not know. */
  add(fault: Fault): void;
  clear(): void;
  /** From now on a call that moto denies is denied, whatever a fault would answer; until `clear`. */
  guard(): void;
  /** Asks moto no question twice until `clear`: for accounts that nobody changes meanwhile. */
  remember(): void;
  stop(): Promise<void>;
}

interface Forwarded {
  readonly status: number;
  readonly type: string;
  readonly more: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function startProxy(upstream: string): Promise<FaultProxy> {
  const actions: string[] = [];
  const faults: Fault[] = [unknownToMoto];
  let known: Map<string, Promise<Forwarded>> | undefined;
  let isGuarded = false;
  let [now, most] = [0, 0];
  const server = http.createServer((request, response) => {
    now++;
    most = Math.max(most, now);
    response.once("close", () => now--);
    answer(request, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  });

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(body.toString());
    const action = actionOf(request, form);
    const call = { action, form, earlier: actions.filter((one) => one === action).length };
    actions.push(action);
    const changes: ((body: string) => string)[] = [];
    const send = ({ status, type, more }: Forwarded, text: string): void => {
      response.writeHead(status, { "content-type": type, ...more }).end(text);
    };
    const changed = (text: string): string => changes.reduceRight((before, change) => change(before), text);
    for (const fault of faults) {
      const reply = fault(call);
      if (reply === "hang") return;
      if (typeof reply === "object") {
        const real = isGuarded ? await ask(request, body) : undefined;
        if (real?.status === 403) return send(real, real.body);
        response.writeHead(reply.status ?? 200, { "content-type": reply.type ?? "text/xml" }).end(changed(reply.body));
        return;
      }
      if (typeof reply === "function") changes.push(reply);
    }
    const real = await ask(request, body);
    send(real, changed(real.body));
  }

  function ask(request: http.IncomingMessage, body: Buffer): Promise<Forwarded> {
    if (known === undefined) return forward(request, body);
    const question = `${request.method} ${request.url} ${body}`;
    const answer = known.get(question) ?? forward(request, body);
    known.set(question, answer);
    return answer;
  }

  /** Headers stay as they are, the host's name too: moto recomputes the signature when it enforces IAM. */
  function forward(request: http.IncomingMessage, body: Buffer): Promise<Forwarded> {
    const { method = "GET", url = "/", headers } = request;
    return new Promise((resolve, reject) => {
      const onward = http.request(`${upstream}${url}`, { method, headers, agent: false }, (real) => {
        const chunks: Buffer[] = [];
        real.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
        real.once("end", () => {
          const kind = real.headers["x-amzn-errortype"];
          resolve({
            status: real.statusCode ?? 500,
            type: real.headers["content-type"] ?? "",
            more: typeof kind === "string" ? { "x-amzn-errortype": kind } : {},
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      onward.once("error", reject).end(body);
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    actions,
    mostAtOnce: () => most,
    hang(action, nth = 1) {
      let left = nth;
      return new Promise((resolve) => {
        faults.unshift((call) => {
          if (call.action !== action || --left !== 0) return undefined;
          resolve();
          return "hang";
        });
      });
    },
    add: (fault) => faults.unshift(fault),
    clear() {
      faults.splice(0, faults.length, unknownToMoto);
      actions.length = 0;
      most = 0;
      known = undefined;
      isGuarded = false;
    },
    guard() {
      isGuarded = true;
    },
    remember() {
      known = new Map();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * moto knows neither of the two account-wide features; an account that never used them answers so. And it
 * writes the state of a subnet's IPv6 block as a Python value.
 */
function unknownToMoto({ action }: Call): ReturnType<Fault> {
  switch (action) {
    case "ec2:DescribeSubnets":
      return (body) => body.replace(/<state>\{[^<]*associated[^<]*\}<\/state>/g, "<state>associated</state>");
    case "ec2:DescribeVpcBlockPublicAccessOptions":
      return publicAccess("off");
    case "ec2:DescribeVpcEncryptionControls":
      return ec2Reply("DescribeVpcEncryptionControls", "<vpcEncryptionControlSet/>");
    default:
      return undefined;
  }
}

/** Changes the answer on a function into that of one that may use IPv6: moto does not keep the flag. */
export function withIpv6(body: string): string {
  return body.replace('"VpcConfig": {', '"VpcConfig": {"Ipv6AllowedForDualStack": true, ');
}

export function publicAccess(mode: string): Reply {
  return ec2Reply(
    "DescribeVpcBlockPublicAccessOptions",
    `<vpcBlockPublicAccessOptions><internetGatewayBlockMode>${mode}</internetGatewayBlockMode></vpcBlockPublicAccessOptions>`,
  );
}

/** Returns an answer of EC2 with this content. */
export function ec2Reply(operation: string, content: string): Reply {
  return {
    body: `<?xml version="1.0" encoding="UTF-8"?><${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${content}</${operation}Response>`,
  };
}

/** Returns an error in the words of EC2. */
export function ec2Error(code: string, status: number, text = code): Reply {
  return {
    status,
    body: `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>${text}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
  };
}

/** Returns an error in the words of IAM and STS. */
export function iamError(code: string, status: number): Reply {
  return {
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`,
  };
}

/** Returns an error in the words of Lambda. */
export function lambdaError(code: string, status: number): Reply {
  return { status, type: "application/json", body: JSON.stringify({ __type: code, Message: code }) };
}

/** Returns the action as policies name it; the signature names the service. */
function actionOf({ headers, method, url = "" }: http.IncomingMessage, form: URLSearchParams): string {
  const service = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "?";
  const target = headers["x-amz-target"];
  if (typeof target === "string") return `${service}:${target.slice(target.indexOf(".") + 1)}`;
  if (service !== "lambda") return `${service}:${form.get("Action") ?? "?"}`;
  const path = url.split("?", 1)[0] ?? "";
  if (method === "GET" && /\/functions\/[^/]+\/configuration$/.test(path)) return "lambda:GetFunctionConfiguration";
  if (method === "GET" && /\/functions\/?$/.test(path)) return "lambda:ListFunctions";
  if (method === "GET" && /\/capacity-providers\/[^/]+$/.test(path)) return "lambda:GetCapacityProvider";
  return `lambda:${method} ${path}`;
}

/** moto_server, an AWS that runs on this machine: started for a suite and ended with it. */
import { type ChildProcess, spawn } from "node:child_process";
import * as net from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { findProgram } from "../../scripts/vscode/install.mjs";

export interface Moto {
  readonly url: string;
  /** Has it check every call against IAM, as AWS does, or none. */
  enforce(on: boolean): Promise<void>;
  /** Empties its accounts. */
  reset(): Promise<void>;
  /** Ends it at once, for the end of a process. */
  kill(): void;
  stop(): Promise<void>;
}

/**
 * Starts moto_server on a free port of 127.0.0.1. Where the machine has none, the suite is skipped aloud;
 * on CI that is a failure.
 */
export async function startMoto(suite: Mocha.Context): Promise<Moto> {
  if (findProgram("moto_server") === undefined) {
    const why = "no moto_server on the PATH (pip install 'moto[server]')";
    if ((process.env.CI ?? "") !== "") throw new Error(`${why}; on CI nothing may be skipped`);
    console.log(`      SKIPPED: ${why}`);
    suite.skip();
  }
  return launchMoto();
}

/** Starts moto_server, which must be on the PATH, on a free port of 127.0.0.1. */
export async function launchMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: "true" },
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await ready(child, url);
  const post = async (path: string, body = ""): Promise<void> => {
    const { ok, status } = await fetch(`${url}${path}`, { method: "POST", body });
    if (!ok) throw new Error(`moto_server answered ${status} to ${path}`);
  };
  return {
    url,
    // The number is that of calls to let through first.
    enforce: (on) => post("/moto-api/reset-auth", on ? "0" : "1000000000"),
    reset: () => post("/moto-api/reset"),
    kill: () => child.kill("SIGKILL"),
    async stop() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

const patience = 50_000;

async function ready(child: ChildProcess, url: string): Promise<void> {
  // It takes a second, or half a minute where the machine has much else to do.
  for (const start = Date.now(); Date.now() - start < patience; ) {
    if (child.exitCode !== null) throw new Error(`moto_server ended with status ${child.exitCode}`);
    const up = await fetch(`${url}/moto-api/data.json`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    await wait(100);
  }
  child.kill("SIGKILL");
  throw new Error(`moto_server did not come up within ${patience / 1000} seconds`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Many files, shared among threads: parsing keeps one processor busy, and machines have several. */
import * as path from "node:path";
import type { Scope } from "../folder-file";
import { internet } from "../network/egress";
import type { Checked, Outcome, Task } from "./check-source";
import type { Found } from "./inputs";
import type { Language } from "./language";
import type { Style } from "./page";
import type { Heard } from "./sets";

/** What a thread is told at its start: the paths that were given, absent where templates are checked by themselves. */
export interface WorkerData {
  readonly paths: readonly string[] | undefined;
  readonly style: Style;
  readonly lang: Language | undefined;
}

export interface Question {
  readonly id: number;
  readonly found: Found;
  readonly task: Task;
  readonly parameterFiles: Scope["parameterFiles"];
}

export interface Answer {
  readonly id: number;
  readonly checked?: Checked;
  readonly error?: string;
  /** What is wrong with files of parameter values, as far as this thread has met them since its last answer. */
  readonly heard: readonly Heard[];
}

export interface Crew {
  /** Reads and checks a file in one of the threads; rejects where the check fails. */
  check(found: Found, task: Task, scope: Pick<Scope, "parameterFiles">): Promise<Outcome>;
  end(): Promise<unknown>;
}

/** Each thread has so many files at hand, so that it never waits. */
const ahead = 4;

/** Starts so many threads. */
export async function startCrew(threads: number, data: WorkerData): Promise<Crew> {
  const { Worker } = await import("node:worker_threads");
  const waiting: { readonly question: Question; readonly done: (answer: Answer) => void }[] = [];
  let asked = 0;
  /** Why the last thread died. */
  let end: string | undefined;
  let alive = threads;
  const members = Array.from({ length: threads }, () => {
    const worker = new Worker(path.join(__dirname, "worker.js"), { workerData: data });
    const open = new Map<number, (answer: Answer) => void>();
    let isAlive = true;
    const feed = (): void => {
      while (isAlive && open.size < ahead) {
        const next = waiting.shift();
        if (next === undefined) return;
        open.set(next.question.id, next.done);
        worker.postMessage(next.question);
      }
    };
    worker.on("message", (answer: Answer) => {
      open.get(answer.id)?.(answer);
      open.delete(answer.id);
      feed();
    });
    // A thread that dies takes its files with it, and says so for each; where none is left, nothing else is done.
    worker.on("error", (error) => {
      isAlive = false;
      alive--;
      for (const [id, done] of open) done({ id, error: String(error), heard: [] });
      open.clear();
      if (alive === 0) end = String(error);
      giveUp();
    });
    return { worker, feed };
  });
  const giveUp = (): void => {
    if (end === undefined) return;
    for (const { question, done } of waiting.splice(0)) done({ id: question.id, error: end, heard: [] });
  };
  return {
    async check(found, { settings, sets: _found, ...task }, { parameterFiles }) {
      const { checked, error, heard } = await new Promise<Answer>((done) => {
        // The internet is known by identity, which no message keeps; the task has what else is asked about.
        const own = { ...task, settings: { ...settings, destination: internet } };
        waiting.push({ question: { id: asked++, found, task: own, parameterFiles }, done });
        for (const { feed } of members) feed();
        giveUp();
      });
      if (error !== undefined) throw new Error(error);
      return { ...checked, heard };
    },
    end: () => Promise.all(members.map(({ worker }) => worker.terminate())),
  };
}

/** Many files, shared among threads: parsing keeps one processor busy, and machines have several. */
import * as path from "node:path";
import { Worker } from "node:worker_threads";
import type { Scope } from "../folder-file";
import { internet } from "../network/egress";
import type { FileReport } from "../report/file";
import type { Problem } from "../report/sarif";
import type { Task } from "./check-source";
import type { Language } from "./language";

/** What a thread is told at its start: the paths that were given, absent where templates are checked by themselves. */
export interface WorkerData {
  readonly paths: readonly string[] | undefined;
  readonly lang: Language | undefined;
}

export interface Question {
  readonly id: number;
  readonly task: Task;
  readonly parameterFiles: Scope["parameterFiles"];
}

export interface Answer {
  readonly id: number;
  readonly report?: FileReport | undefined;
  readonly error?: string;
  /** Files of parameter values that cannot be used, as far as this thread has met them. */
  readonly problems?: readonly Problem[];
}

export interface Crew {
  /** Checks a file in one of the threads; rejects where the check fails. */
  check(task: Task, scope: Pick<Scope, "parameterFiles">): Promise<FileReport | undefined>;
  end(): Promise<unknown>;
}

/** A thread starts in the time that so many small files take. */
export const fewFiles = 60;

/** Each thread has so many files at hand, so that it never waits, and the others are not held in memory twice. */
const ahead = 4;

/** Starts so many threads. */
export function startCrew(threads: number, data: WorkerData, fail: (problem: Problem) => void): Crew {
  const waiting: { readonly question: Question; readonly done: (answer: Answer) => void }[] = [];
  let asked = 0;
  let alive = threads;
  const told = new Set<string>();
  const members = Array.from({ length: threads }, () => {
    const worker = new Worker(path.join(__dirname, "worker.js"), { workerData: data });
    const open = new Map<number, (answer: Answer) => void>();
    const feed = (): void => {
      while (open.size < ahead) {
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
      alive--;
      for (const [id, done] of open) done({ id, error: String(error) });
      open.clear();
      for (const { question, done } of alive === 0 ? waiting.splice(0) : [])
        done({ id: question.id, error: String(error) });
    });
    return { worker, feed };
  });
  return {
    async check({ settings, sets: _found, ...task }, { parameterFiles }) {
      const id = asked++;
      const answer = await new Promise<Answer>((done) => {
        // The internet is known by identity, which no message keeps; the task has what else is asked about.
        const own = { ...task, settings: { ...settings, destination: internet } };
        waiting.push({ question: { id, task: own, parameterFiles }, done });
        for (const { feed } of members) feed();
      });
      // Threads that meet the same file say the same of it.
      for (const problem of answer.problems ?? []) {
        const key = JSON.stringify(problem);
        if (!told.has(key)) fail(problem);
        told.add(key);
      }
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.report;
    },
    end: () => Promise.all(members.map(({ worker }) => worker.terminate())),
  };
}

/** One of the threads that share the check of many files; a bundle of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { disk } from "../disk";
import type { Problem } from "../report/sarif";
import { Remembered } from "../values/remembered";
import { checkSource } from "./check-source";
import { catalogueFor } from "./language";
import { chosenSets } from "./sets";
import { siblings } from "./siblings";
import type { Answer, Question, WorkerData } from "./threads";

const { paths, lang } = workerData as WorkerData;
const around = paths === undefined ? undefined : siblings(paths);
let problems: Problem[] = [];
const whenReady = catalogueFor(lang).then((catalogue) =>
  chosenSets(new Remembered(disk), {}, (problem) => problems.push(problem), catalogue),
);

parentPort?.on("message", async (question: Question) => {
  const answered = await answer(question);
  parentPort?.postMessage({ ...answered, problems });
  problems = [];
});

async function answer({ id, task, parameterFiles }: Question): Promise<Answer> {
  try {
    const sets = (await whenReady).of(task.source.path, { parameterFiles });
    const report = await checkSource({ ...task, sets }, around);
    // What is worked out when it is read has to be worked out here.
    const plain = report !== undefined && "result" in report ? { ...report, result: { ...report.result } } : report;
    return { id, report: plain };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

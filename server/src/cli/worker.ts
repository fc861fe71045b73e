/** One of the threads that share the check of many files; a bundle of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { disk } from "../disk";
import { Remembered } from "../values/remembered";
import { checkFile } from "./check-source";
import { catalogueFor, isForPrograms } from "./language";
import { pageOf } from "./page";
import { chosenSets, type Heard } from "./sets";
import { siblings } from "./siblings";
import type { Answer, Question, WorkerData } from "./threads";

const { paths, style, lang } = workerData as WorkerData;
const around = paths === undefined ? undefined : siblings(paths);
let heard: Heard[] = [];
const sets = chosenSets(new Remembered(disk), {}, (one) => heard.push(one));
const whenReady = catalogueFor(lang, isForPrograms(style.format));

parentPort?.on("message", async (question: Question) => {
  const answer: Answer = { ...(await check(question)), id: question.id, heard };
  parentPort?.postMessage(answer);
  heard = [];
});

async function check({ found, task, parameterFiles }: Question): Promise<Pick<Answer, "checked" | "error">> {
  try {
    const catalogue = await whenReady;
    const wanted = { ...task, sets: sets.of(found.path, { parameterFiles }) };
    return { checked: await checkFile(found, wanted, around, (report) => pageOf(report, style, catalogue)) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

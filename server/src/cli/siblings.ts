/** The other templates that those under check may draw on: sought when the first one needs them. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { disk } from "../disk";
import { templatesAround } from "../disk/templates";
import type { LintResult } from "../lint";
import type { OtherFile } from "../report/file";
import type { Library } from "../template/link";
import { mayDrawOnOthers } from "../workspace/outline";
import { Workspace } from "../workspace/workspace";
import { asPrinted } from "./inputs";

export interface Siblings {
  /** Returns the others, seen from a file with this text; undefined where it needs none. */
  library(path: string, text: string): Promise<Library | undefined>;
  /** Returns the other files that a result speaks of. */
  others(result: LintResult): ReadonlyMap<string, OtherFile>;
}

/** Returns the templates around the files and folders that were given. */
export function siblings(given: readonly string[]): Siblings {
  const workspace = new Workspace(disk);
  const known = new Set<string>();
  const lookAround = async (path: string): Promise<void> => {
    for await (const uri of templatesAround(path)) {
      if (known.has(uri)) continue;
      known.add(uri);
      workspace.refresh(uri);
    }
  };
  let started: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    for (const path of given) if (path !== "-") await lookAround(path);
  };
  return {
    async library(path, text) {
      if (!mayDrawOnOthers(text)) return undefined;
      started ??= start();
      await started;
      const uri = pathToFileURL(path).href;
      if (!known.has(uri)) await lookAround(path);
      return workspace.library(uri);
    },
    others: ({ others = [] }) =>
      new Map(others.map((uri) => [uri, { path: asPrinted(fileURLToPath(uri)), text: workspace.textOf(uri) ?? "" }])),
  };
}

/** `lambda-egress map`: draws the network of a template, with a function's way out. */
import * as fs from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { disk } from "../disk";
import { folderFiles, scopeOf } from "../folder-file";
import type { LintOptions } from "../lint";
import { type Catalogue, type Message, message, render } from "../message";
import type { Destination } from "../network/egress";
import { topologyOf } from "../report/map/topology";
import type { Problem } from "../report/sarif";
import { allRules } from "../rules/index";
import { defaultSettings } from "../settings";
import { parse } from "../template/parse";
import { asPrinted, type Source, sources } from "./inputs";
import { catalogueFor, type Language } from "./language";
import { readAccount } from "./resolve";
import { chosenSets, say, type WantedSets } from "./sets";
import { siblings } from "./siblings";

export interface MapOptions extends WantedSets {
  /** Logical id; all functions where it is absent. */
  readonly function?: string;
  readonly output?: string;
  /** By default what the name of the output says, else SVG. */
  readonly format?: "svg" | "mermaid";
  readonly param: Readonly<Record<string, string>>;
  /** What is to be reached, whatever a folder's file says. */
  readonly destination?: Destination;
  /** False where the template is to be drawn by itself. */
  readonly siblings: boolean;
  /** A file that keeps what AWS told `check`. */
  readonly accountCache?: string;
  /** The language that was asked for. */
  readonly lang?: Language;
}

/** Writes the picture of one template. Returns the exit status: 0, or 2 where there is nothing to draw. */
export async function map(file: string, options: MapOptions): Promise<0 | 2> {
  const { output, function: chosen } = options;
  const catalogue = await catalogueFor(options.lang);
  for await (const source of sources([file])) {
    if ("unreadable" in source) return refuse(message("{0}: {1}", source.path, source.unreadable), catalogue);
    const document = parse(source.text);
    const { given, isBad } = await givenFor(source, options, catalogue);
    const topology = topologyOf(document, { ...given, chosen });
    if (isBad()) return 2;
    if (topology === undefined) {
      const all = topologyOf(document, given);
      if (all === undefined) return refuse(message("{0}: not a CloudFormation template", source.path), catalogue);
      const names = all.functions.map(({ id }) => id).join(", ");
      const wanted = chosen ?? "";
      return refuse(
        names === ""
          ? message("{0}: no function is called {1}", source.path, wanted)
          : message("{0}: no function is called {1}; there are {2}", source.path, wanted, names),
        catalogue,
      );
    }
    const { drawMap } = await import("../report/map/draw");
    const { destination } = given;
    const { svg, mermaid } = drawMap({ network: topology.network, functions: topology.shown, destination, catalogue });
    const isMermaid = (options.format ?? formatOf(output)) === "mermaid";
    return write(isMermaid ? mermaid : svg, output, catalogue);
  }
  return refuse(message("{0}: nothing to draw", file), catalogue);
}

/** Returns what `check` would look at the template with; `isBad` tells at the end whether any of it could not be used. */
async function givenFor(
  { path, text }: Source,
  { param: parameters, siblings: isLinked, accountCache, ...options }: MapOptions,
  catalogue: Catalogue,
): Promise<{ readonly given: LintOptions; readonly isBad: () => boolean }> {
  const problems: Problem[] = [];
  const fail = (problem: Problem): void => {
    problems.push(problem);
    say(problem, catalogue);
  };
  const uri = pathToFileURL(path).href;
  const filesFor = folderFiles(disk, new Set(allRules.map(({ id }) => id)), (uri, line, text) =>
    fail({ path: asPrinted(fileURLToPath(uri)), line, text }),
  );
  const scope = scopeOf(uri, { settings: defaultSettings, ignored: false }, filesFor(uri));
  const { destination = scope.settings.destination } = options;
  const library = isLinked ? await siblings([path]).library(path, text) : undefined;
  const { account, problem } = await readAccount(accountCache, (text) => {
    process.stderr.write(`lambda-egress: ${render(text, catalogue)}\n`);
  });
  if (problem !== undefined) fail({ path: "AWS", text: problem });
  const chooser = chosenSets(disk, options, ({ problem, fatal }) => {
    if (fatal) fail(problem);
    else say(problem, catalogue);
  });
  const sets = chooser.of(path, scope);
  const isBad = () => {
    const misuse = chooser.misuse();
    if (misuse !== undefined) fail(misuse);
    return problems.length > 0;
  };
  return { given: { parameters, library, sets, destination, account }, isBad };
}

/** Returns the format that a file's name asks for. */
export function formatOf(output: string | undefined): "svg" | "mermaid" {
  return /\.(?:mmd|mermaid)$/i.test(output ?? "") ? "mermaid" : "svg";
}

/** Writes a picture to a file, or to standard output where none is named. */
export async function write(text: string, output: string | undefined, catalogue: Catalogue): Promise<0 | 2> {
  if (output === undefined || output === "-") {
    process.stdout.write(text);
    return 0;
  }
  try {
    await fs.writeFile(output, text);
    return 0;
  } catch (error) {
    return refuse(message("{0}: {1}", output, error instanceof Error ? error.message : String(error)), catalogue);
  }
}

function refuse(problem: Message, catalogue: Catalogue): 2 {
  process.stderr.write(`lambda-egress: ${render(problem, catalogue)}\n`);
  return 2;
}

/** `lambda-egress map`: draws the network of a template, with a function's way out. */
import * as fs from "node:fs/promises";
import { disk } from "../disk";
import { type Catalogue, type Message, message, render } from "../message";
import { topologyOf } from "../report/map/topology";
import type { Problem } from "../report/sarif";
import { parse } from "../template/parse";
import { sources } from "./inputs";
import { catalogueFor, type Language } from "./language";
import { chosenSets, say, type WantedSets } from "./sets";
import { siblings } from "./siblings";

export interface MapOptions extends WantedSets {
  /** Logical id; all functions where it is absent. */
  readonly function?: string;
  readonly output?: string;
  /** By default what the name of the output says, else SVG. */
  readonly format?: "svg" | "mermaid";
  readonly param: Readonly<Record<string, string>>;
  /** The language that was asked for. */
  readonly lang?: Language;
}

/** Writes the picture of one template. Returns the exit status: 0, or 2 where there is nothing to draw. */
export async function map(file: string, options: MapOptions): Promise<0 | 2> {
  const { param, output, function: chosen } = options;
  const catalogue = await catalogueFor(options.lang);
  for await (const source of sources([file])) {
    if ("unreadable" in source) return refuse(message("{0}: {1}", source.path, source.unreadable), catalogue);
    const document = parse(source.text);
    const library = await siblings([file]).library(source.path, source.text);
    let isBad = false;
    const fail = (problem: Problem): void => {
      isBad = true;
      say(problem, catalogue);
    };
    const chooser = chosenSets(disk, options, fail, catalogue);
    const given = { parameters: param, library, sets: chooser.of(source.path) };
    const topology = topologyOf(document, { ...given, chosen });
    if (isBad || chooser.isMisused()) return 2;
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
    const { svg, mermaid } = drawMap({ network: topology.network, functions: topology.shown, catalogue });
    const isMermaid = (options.format ?? formatOf(output)) === "mermaid";
    return write(isMermaid ? mermaid : svg, output, catalogue);
  }
  return refuse(message("{0}: nothing to draw", file), catalogue);
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

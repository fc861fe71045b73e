/** `lambda-egress map`: draws the network of a template, with a function's way out. */
import * as fs from "node:fs/promises";
import { topologyOf } from "../report/map/topology";
import { parse } from "../template/parse";
import { sources } from "./inputs";

export interface MapOptions {
  /** Logical id; all functions where it is absent. */
  readonly function?: string;
  readonly output?: string;
  /** By default what the name of the output says, else SVG. */
  readonly format?: "svg" | "mermaid";
  readonly param: Readonly<Record<string, string>>;
}

/** Writes the picture of one template. Returns the exit status: 0, or 2 where there is nothing to draw. */
export async function map(file: string, options: MapOptions): Promise<0 | 2> {
  const { param, output, function: chosen } = options;
  for await (const source of sources([file])) {
    if ("unreadable" in source) return refuse(`${source.path}: ${source.unreadable}`);
    const document = parse(source.text);
    const topology = topologyOf(document, { parameters: param, chosen });
    if (topology === undefined) {
      const all = topologyOf(document, { parameters: param });
      if (all === undefined) return refuse(`${source.path}: not a CloudFormation template`);
      const names = all.functions.map(({ id }) => id).join(", ");
      return refuse(`${source.path}: no function is called ${chosen}${names === "" ? "" : `; there are ${names}`}`);
    }
    const { drawMap } = await import("../report/map/draw");
    const { svg, mermaid } = drawMap({ network: topology.network, functions: topology.shown });
    const isMermaid = (options.format ?? formatOf(output)) === "mermaid";
    return write(isMermaid ? mermaid : svg, output);
  }
  return refuse(`${file}: nothing to draw`);
}

/** Returns the format that a file's name asks for. */
export function formatOf(output: string | undefined): "svg" | "mermaid" {
  return /\.(?:mmd|mermaid)$/i.test(output ?? "") ? "mermaid" : "svg";
}

/** Writes a picture to a file, or to standard output where none is named. */
export async function write(text: string, output: string | undefined): Promise<0 | 2> {
  if (output === undefined || output === "-") {
    process.stdout.write(text);
    return 0;
  }
  try {
    await fs.writeFile(output, text);
    return 0;
  } catch (error) {
    return refuse(`${output}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(problem: string): 2 {
  process.stderr.write(`lambda-egress: ${problem}\n`);
  return 2;
}

/** The egress map as an editor asks for it. */
import { type Range, RequestType } from "vscode-languageserver";
import { spanAt } from "../at-home";
import { meaningOf } from "../lint";
import { type Catalogue, render } from "../message";
import { internet } from "../network/egress";
import type { Origin } from "../network/model";
import type { FunctionVerdict, Status } from "../network/verdict";
import { topologyIn } from "../report/map/topology";
import { functionSays } from "../report/words";
import { toRange } from "./range";
import { optionsOf, type Reading } from "./reading";

export interface MapParams {
  readonly textDocument: { readonly uri: string };
  /** Logical id of the function whose way out is drawn; those of all functions where it is absent or gone. */
  readonly function?: string;
  /** Values of parameters, where others than the defaults are to hold. */
  readonly world?: Readonly<Record<string, string>>;
}

export interface MapAnswer {
  readonly title: string;
  readonly svg: string;
  readonly mermaid: string;
  /** The function that is drawn; absent where all are. */
  readonly function?: string;
  readonly functions: readonly MapFunction[];
  /** Where the nodes of the picture stand in the text, by their `data-node`. */
  readonly nodes: readonly { readonly id: string; readonly range: Range }[];
  /** The paths in words. */
  readonly paths: readonly {
    readonly title: string;
    readonly steps: readonly MapStep[];
  }[];
}

export interface MapFunction {
  readonly id: string;
  readonly verdict: FunctionVerdict;
  /** The verdict in words. */
  readonly says: string;
  /** All of the function's text. */
  readonly range: Range;
}

export interface MapStep {
  readonly node: string;
  readonly status: Status;
  readonly text: string;
  readonly range?: Range;
}

/** `null`: the document is no template. */
export const MapRequest = new RequestType<MapParams, MapAnswer | null, void>("lambdaEgress/map");

/** Returns the map of a document, drawn by a bundle that is loaded on first use. */
export async function toMap(
  params: MapParams,
  read: () => Reading | undefined,
  catalogue: Catalogue,
): Promise<MapAnswer | null> {
  const { drawMap } = await import("../report/map/draw");
  // From here on nothing waits: a keystroke would move the tree under the picture.
  const reading = read();
  if (reading === undefined) return null;
  const { document, meaning } = reading;
  const { destination: asked } = reading.settings;
  const destination = asked === internet ? undefined : asked;
  const { world } = params;
  const parameters = { ...meaning.subject.parameters, ...world };
  const own =
    world === undefined ? meaning : meaningOf(meaning.document, { ...optionsOf(reading), sets: undefined, parameters });
  if (own === undefined) return null;
  const chosen = params.function === undefined ? undefined : topologyIn(own, params.function);
  const topology = chosen ?? topologyIn(own);
  if (topology === undefined) return null;
  const { network, shown, functions } = topology;
  const picture = drawMap({ network, functions: shown, destination, catalogue });
  const rangeOf = (at: Origin | undefined): Range | undefined => {
    const span = at === undefined ? undefined : spanAt(at);
    return span === undefined || span.file !== undefined ? undefined : toRange(span, document);
  };
  return {
    title: picture.title,
    svg: picture.svg,
    mermaid: picture.mermaid,
    ...(chosen && params.function !== undefined && { function: params.function }),
    functions: functions.map(({ id, verdict, span }) => ({
      id,
      verdict,
      says: render(functionSays(verdict, destination), catalogue),
      range: toRange(span, document),
    })),
    nodes: picture.nodes.flatMap(({ id, at }) => {
      const range = rangeOf(at);
      return range === undefined ? [] : [{ id, range }];
    }),
    paths: picture.paths.map(({ title, steps }) => ({
      title,
      steps: steps.map(({ node, status, text, at }) => {
        const range = rangeOf(at);
        return { node, status, text, ...(range && { range }) };
      }),
    })),
  };
}

/** What the view of the map and the extension say to each other. */

export interface Status {
  readonly id: string;
  /** The verdict in words. */
  readonly says: string;
}

export interface Step {
  readonly node: string;
  readonly status: "passed" | "failed" | "unknown";
  readonly text: string;
}

/** To the view: what to show now. */
export interface Show {
  readonly title: string;
  /** Empty where there is nothing to draw; `notice` then says why. */
  readonly svg: string;
  readonly notice: string;
  readonly functions: readonly Status[];
  /** The function that is drawn; empty where all are. */
  readonly chosen: string;
  readonly paths: readonly { readonly title: string; readonly steps: readonly Step[] }[];
}

/** From the view: what the person did. */
export type Deed =
  | { readonly kind: "ready" }
  | { readonly kind: "choose"; readonly id: string }
  | { readonly kind: "jump"; readonly node: string; readonly path?: number; readonly step?: number }
  | { readonly kind: "save" }
  | { readonly kind: "mermaid" };

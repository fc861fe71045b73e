/** A template made ready for analysis, once for all of its functions. */
import type { Destination } from "./network/egress";
import { type Surroundings, surroundingsOf } from "./network/from-template";
import type { Network } from "./network/model";
import type { Constants } from "./network/readings";
import type { Resolved } from "./network/resolved";
import { indexTemplate, type SliceIndex } from "./network/slice";
import type { Template } from "./template/template";

export interface Subject {
  readonly template: Template;
  readonly index: SliceIndex;
  readonly surroundings: Surroundings;
  readonly parameters: Readonly<Record<string, string>>;
  readonly destination: Destination;
  readonly constants: Constants;
  /** Whole networks already built, by their world. */
  readonly wholes: Map<string, Network>;
  /** What an account told about things outside the template, where one was asked. */
  readonly account: Resolved | undefined;
}

/** Returns a template with everything that its analyses share. */
export function subjectOf(
  template: Template,
  parameters: Readonly<Record<string, string>>,
  destination: Destination,
  account?: Resolved,
): Subject {
  return {
    template,
    index: indexTemplate(template, account !== undefined),
    surroundings: surroundingsOf(template),
    parameters,
    destination,
    constants: new Map(),
    wholes: new Map(),
    account,
  };
}

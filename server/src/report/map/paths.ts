/** The paths of a picture in words, for lists and for whoever cannot see it. */
import { type Catalogue, type Message, message, render } from "../../message";
import type { Origin } from "../../network/model";
import type { Status } from "../../network/verdict";
import type { Walk } from "./graph";

export interface PathText {
  readonly title: string;
  readonly steps: readonly {
    /** The id of its node in the picture. */
    readonly node: string;
    readonly status: Status;
    readonly text: string;
    readonly at: Origin | undefined;
  }[];
}

/** Returns a path hop by hop; the status is apart from the text. */
export function toPathText({ fn, subnet, family, verdict, steps }: Walk, catalogue: Catalogue): PathText {
  const title =
    family === "ipv4"
      ? message("{0} from {1} over IPv4: {2}", fn, subnet, verdict)
      : message("{0} from {1} over IPv6: {2}", fn, subnet, verdict);
  return {
    title: render(title, catalogue),
    steps: steps.map(({ node, name, status, why, at }) => {
      const isNamed = why.template.startsWith("{0} ") && why.args[0] === name;
      return { node, status, text: render(isNamed ? why : message("{0}: {1}", name, why), catalogue), at };
    }),
  };
}

/** Returns all paths as one text, the status of each hop in words. */
export function describe(walks: readonly Walk[], catalogue: Catalogue): string {
  return walks
    .map((walk) => {
      const { title, steps } = toPathText(walk, catalogue);
      const lines = steps.map(({ status, text }) => `- ${render(statusWords[status], catalogue)}: ${text}`);
      return [title, ...lines].join("\n");
    })
    .join("\n");
}

const statusWords: Readonly<Record<Status, Message>> = {
  passed: message("passed"),
  failed: message("failed"),
  unknown: message("unknown"),
};

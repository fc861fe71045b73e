/** The output of `check`, page by page: what is printed is not kept. */
import { homepage, version } from "../../../package.json";
import type { Catalogue } from "../message";
import type { FileReport } from "../report/file";
import { frame } from "../report/json";
import { toMarkdown } from "../report/markdown";
import { type Problem, toSarif } from "../report/sarif";
import { summaryText } from "../report/text";
import type { Counted } from "../report/words";
import { colorsWhere } from "./colors";
import type { Page, Style } from "./page";

export interface Print {
  /** Returns what a page adds to the output. */
  add(page: Page): string;
  /** Returns what stands at its end. */
  end(problems: readonly Problem[], exitCode: number): string;
}

/** Returns what makes the output in a style. */
export function printIn(style: Style, catalogue: Catalogue): Print {
  switch (style.format) {
    case "text":
      return asText(style, catalogue);
    case "json":
      return asJson();
    case "sarif":
      return asDocument((files, problems, exitCode) =>
        toSarif(files, { version, homepage, problems, exitCode, catalogue }),
      );
    case "markdown":
      return asDocument((files) => toMarkdown(files, catalogue));
  }
}

function asText({ isColored, quiet }: Style, catalogue: Catalogue): Print {
  const counted: Counted[] = [];
  let gap = "";
  const paragraph = (text: string): string => {
    if (text === "") return "";
    const apart = gap + text;
    gap = "\n";
    return apart;
  };
  return {
    add(page) {
      if (page.counted !== undefined) counted.push(page.counted);
      return paragraph(page.text ?? "");
    },
    end: () => (quiet ? "" : paragraph(summaryText(counted, { colors: colorsWhere(isColored), catalogue }))),
  };
}

function asJson(): Print {
  let isFirst = true;
  return {
    add({ text = "" }) {
      const before = isFirst ? frame.head : frame.between;
      isFirst = false;
      return before + text;
    },
    end: () => (isFirst ? frame.head + frame.none : frame.tail),
  };
}

/** The heads of these tell how many files there are, or how the check ended, so nothing can be printed before all is known. */
function asDocument(
  make: (files: readonly FileReport[], problems: readonly Problem[], exitCode: number) => string,
): Print {
  const files: FileReport[] = [];
  return {
    add({ report }) {
      if (report !== undefined) files.push(report);
      return "";
    },
    end: (problems, exitCode) => make(files, problems, exitCode),
  };
}

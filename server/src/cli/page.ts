/** What is printed of a file, made where it is checked: in a thread, it is much less to hand over than what it is made of. */
import type { Catalogue } from "../message";
import type { FileReport } from "../report/file";
import { fileJson } from "../report/json";
import { fileText } from "../report/text";
import { type Counted, countedOf } from "../report/words";
import { colorsWhere } from "./colors";

export const formats = ["text", "json", "sarif", "markdown"] as const;

/** How the report is printed. */
export interface Style {
  readonly format: (typeof formats)[number];
  readonly isColored: boolean;
  readonly quiet: boolean;
}

export interface Page {
  /** What the exit status and the summary follow from; absent for what could not be read. */
  readonly counted?: Counted;
  /** The file's part of the output, in formats that have one for each file. */
  readonly text?: string;
  /** Everything, in formats that are one document. */
  readonly report?: FileReport;
}

/** Returns the page of one file. */
export function pageOf(report: FileReport, { format, isColored, quiet }: Style, catalogue: Catalogue): Page {
  const page = "result" in report ? { counted: countedOf(report) } : {};
  switch (format) {
    case "text": {
      const options = { colors: colorsWhere(isColored), catalogue, quiet };
      // What cannot be read is named on standard error.
      return "result" in report ? { ...page, text: fileText(report, options) } : page;
    }
    case "json":
      return { ...page, text: fileJson(report, catalogue) };
    case "sarif":
    case "markdown":
      return { ...page, report };
  }
}

/** Puts together what stands in a text that `yaml-plain.ts` leaves alone. */
import { Composer, type CST, type Document } from "yaml";

/** Returns the first document of a text's tokens, as the package `yaml` understands it; undefined where there is none. */
export function compose(tokens: Iterable<CST.Token>, length: number): Document.Parsed | undefined {
  // Tags and types are none of its business here: scalars keep their text, and duplicates are found in linear time.
  const composer = new Composer({
    schema: "failsafe",
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  // For every short tag the composer makes a warning, an Error, and most of its time would go into their stacks.
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    for (const token of tokens) {
      for (const document of composer.next(token)) return document as Document.Parsed;
    }
    // To its end, where the composer lets go of the document: V8 keeps the composer until the whole heap is collected,
    // since its constructor assigns a function to a property.
    const [document] = [...composer.end(true, length)];
    return document as Document.Parsed | undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

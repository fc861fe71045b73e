/** What each subnet reference is, behind it in the text: `private → Nat`, `public`, `isolated`. */
import type { InlayHint, Range } from "vscode-languageserver";
import { type Catalogue, english, type Message, message, render } from "../message";
import type { Origin } from "../network/model";
import type { SubnetEgress } from "../network/verdict";
import { subnetWords } from "../report/way";
import { type Span, spanOf } from "../template/syntax";
import { outcomes } from "../template/worlds";
import { pathLines } from "./hover-function";
import { toRange } from "./range";
import type { Reading } from "./reading";
import { networkOf, subnetPath } from "./usual";

/** Returns the hints in a range of the document; none where the setting turns them off. */
export function toInlayHints(reading: Reading, range: Range, catalogue: Catalogue): InlayHint[] {
  const { document, settings } = reading;
  if (!settings.inlayHints) return [];
  const from = document.offsetAt(range.start);
  const to = document.offsetAt(range.end);
  const hints = new Map<number, InlayHint>();
  for (const { span, words, lines } of labelsOf(reading)) {
    if (span.end < from || span.end > to || hints.has(span.end)) continue;
    const value = lines()
      .map((line) => render(line, catalogue))
      .join("\n\n");
    hints.set(span.end, {
      position: toRange(span, document).end,
      label: render(words, catalogue),
      paddingLeft: true,
      ...(value !== "" && { tooltip: { kind: "markdown", value } }),
    });
  }
  return [...hints.values()];
}

interface Label {
  readonly span: Span;
  readonly words: Message;
  readonly lines: () => readonly Message[];
}

/** What a function names first, the subnets of its usual world before those of others; then where NAT gateways stand. */
function* labelsOf({ meaning }: Reading): Iterable<Label> {
  const { destination } = meaning.subject;
  for (const { exploration } of meaning.functions) {
    const seen = new Set<number>();
    for (const { result } of exploration.leaves) {
      for (const path of result.paths) {
        const span = spanIn(path.reference.at);
        if (span === undefined || seen.has(span.start) || !isInSight(path)) continue;
        seen.add(span.start);
        const rows = outcomes(exploration, ({ result: { paths } }) => {
          const same = paths.find(({ reference }) => spanIn(reference.at)?.start === span.start);
          return same === undefined ? undefined : render(subnetWords(same, destination), english);
        });
        const names = [...new Set(rows.flatMap(({ when }) => [...when.keys()]))];
        const words = subnetWords(path, destination);
        const isOpen = new Set(rows.map(({ outcome }) => outcome)).size > 1;
        yield {
          span,
          words: isOpen ? message("{0}, depends on {1}", words, names.join(", ")) : words,
          lines: () => pathLines(result.network, path, destination, result.fn?.fn.key),
        };
      }
    }
  }
  const network = networkOf(meaning);
  for (const { subnet } of network.natGateways.values()) {
    const path = subnet.is === "known" ? subnetPath(meaning, subnet.value) : undefined;
    const span = subnet.is === "known" ? spanIn(subnet.at) : undefined;
    if (path === undefined || span === undefined) continue;
    yield { span, words: subnetWords(path, destination), lines: () => pathLines(network, path, destination) };
  }
}

/** Of a subnet that lies elsewhere there is nothing to say that the reference does not say. */
function isInSight({ subnet }: SubnetEgress): boolean {
  return subnet !== undefined && (!subnet.external || subnet.tables.length > 0);
}

function spanIn(at: Origin): Span | undefined {
  const span = at.kind === "text" ? spanOf(at.node) : undefined;
  return span?.file === undefined ? span : undefined;
}

/** What an account could tell about a template: all that its functions' ways out name and the template does not contain. */
import { type LintOptions, type Meaning, meaningOf } from "./lint";
import { declaredBy } from "./network/from-template";
import { readingsOf } from "./network/readings";
import { type Externals, isIdentity, nothingAsked, together } from "./network/resolved";
import { indexTemplate, type Slice, sliceOf } from "./network/slice";
import { sourceOf } from "./network/with-account";
import type { Subject } from "./subject";
import { createResolver, type Resolver } from "./template/resolve";
import { onlyOnce } from "./template/stage";
import type { Document } from "./template/syntax";
import type { Value } from "./template/value";
import { explore, type Oracle } from "./template/worlds";

/** Returns what bears on the functions of a document in any of their worlds; nothing for what is no template. */
export function externalsOf(document: Document, options: LintOptions): Externals {
  const meaning = meaningOf(document, { ...options, account: undefined, memory: undefined });
  if (meaning === undefined) return nothingAsked;
  const meanings = meaning.sets?.map((one) => one.meaning) ?? [meaning];
  return meanings.map(externalsAround).reduce(together, nothingAsked);
}

function externalsAround({ subject, functions }: Meaning): Externals {
  const { template, parameters } = subject;
  const index = indexTemplate(template, true);
  return functions
    .flatMap(({ resource }) => {
      const slice = sliceOf(index, resource === undefined ? [] : [resource.id]);
      return explore(template.parameters, parameters, (oracle) => externalsIn(subject, slice, oracle)).leaves;
    })
    .map(({ result }) => result)
    .reduce(together, nothingAsked);
}

/** Reads a slice once more, and listens to which values are read. */
function externalsIn({ template }: Subject, slice: Slice, oracle: Oracle): Externals {
  const found = {
    parameters: new Set<string>(),
    exports: new Set<string>(),
    outputs: new Set<string>(),
    ids: new Set<string>(),
  };
  const resolver = createResolver(template, oracle);
  const hear = (value: Value): void => {
    if (value.kind === "list") value.items.forEach(hear);
    if (value.kind !== "text" && value.kind !== "pattern" && value.kind !== "external") return;
    const { key = "", text = "", delimiter = "," } = sourceOf(value, resolver, template) ?? {};
    // Region and account are filled in when they are known; what else is open, no account can tell.
    const isTold = (one: string): boolean => !/\$\{(?!AWS::(?:Region|AccountId|Partition)\})/.test(one);
    if (key.startsWith("ssm:") && isTold(key)) found.parameters.add(key.slice("ssm:".length));
    if (key.startsWith("import:") && isTold(key)) found.exports.add(key.slice("import:".length));
    if (key.startsWith("output:") && isTold(key)) found.outputs.add(key.slice("output:".length));
    for (const item of text.split(delimiter).map((one) => one.trim())) {
      const sample = item.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "0");
      if (isIdentity(sample)) found.ids.add(item);
    }
  };
  const listening: Resolver = {
    ...resolver,
    property(of, name) {
      const value = resolver.property(of, name);
      hear(value);
      return value;
    },
  };
  declaredBy(template, slice.ids, readingsOf(template, listening, new Map(), onlyOnce));
  const { parameters, exports, outputs, ids } = found;
  return { parameters: [...parameters], exports: [...exports], outputs: [...outputs], ids: [...ids] };
}

import type { Rule } from "./rule";

/** The parser reports these itself; the rule gives them their name, their page and their setting. */
export const templateSyntax: Rule = {
  id: "template-syntax",
  severity: "error",
  group: "template",
  summary: "The template's text cannot be read as written",
  docs: `## What happens

A place in the text is not valid YAML or JSON, or a key is given twice in one map. CloudFormation
refuses such a template, or reads something else than what is meant: of two equal keys the last one wins.

Everything that can be read is still checked, so a slip in one resource does not hide the faults of
another.

## How to fix it

Look at the marked place. Frequent causes: a missing space behind a colon, a tab used for indentation,
an unclosed quote or bracket, a resource pasted twice.

There is no quick fix: a text that cannot be read says too little about what was meant.

## When to silence it

Hardly ever. If a tool of yours fills the template before it is deployed and the marked place belongs
to that tool's own syntax, exclude the file with the setting \`lambdaEgress.ignore\`.
`,
  bad: "template-syntax/duplicate-resource.yaml",
  good: "template-syntax/one-resource-each.yaml",
  *check() {},
};

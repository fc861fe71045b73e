import type { Rule } from "./rule";

/** What was ignored is known only once all rules have spoken, so the pipeline finds these itself. */
export const unusedIgnore: Rule = {
  id: "unused-ignore",
  severity: "hint",
  group: "template",
  summary: "An ignore silences nothing",
  docs: `## What happens

Nothing, and that is the point: a comment \`lambda-egress-ignore\`, or an entry of \`Ignore\` in the metadata,
asks to silence a rule that finds nothing there. Either the fault is gone, or the ignore never worked:
the rule's name is misspelt, or the comment stands on another line than the finding.

A comment at the end of a line speaks about findings that begin on that line; a comment alone on its line
speaks about the next one. Metadata speaks about the whole resource, and at the top of the template about
all of it. A finding that only some parameter values bring about counts: its ignore is in use.

## How to fix it

Remove the ignore, so that it does not silence a new fault one day. If it was meant for a finding that
still shows, correct the name or move the comment to the line of the finding.

## When to silence it

When the ignore is meant for a fault that comes and goes, for example while a template is being generated
anew.
`,
  bad: "unused-ignore/fault-is-gone.yaml",
  good: "unused-ignore/in-use.yaml",
  *check() {},
};

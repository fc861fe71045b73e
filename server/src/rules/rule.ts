/** What a rule is: one fault, its words, and a check that yields where the fault stands. */
import type { Edit } from "../edit/edit";
import type { Message } from "../message";
import type { Network, Origin } from "../network/model";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import type { Document, Span } from "../template/syntax";
import type { Resource, Resources, Template } from "../template/template";

export type Severity = "error" | "warning" | "information" | "hint";

/**
 * `reach`: silenced by `Expect: none`. `deploy`: the stack fails. `template`: about the text itself. `account`: about
 * what is deployed.
 */
export type Group = "reach" | "deploy" | "template" | "account";

/** What every rule says of itself, wherever it looks. */
export interface RuleText {
  /** File name, diagnostic code, setting key and documentation page. */
  readonly id: string;
  readonly severity: Severity;
  readonly group: Group;
  /** True for a rule that speaks only when a setting turns it on. */
  readonly offByDefault?: boolean;
  /** One sentence naming the fault. */
  readonly summary: string;
  /** Markdown: what happens and why (with the source), how to fix it, when to silence it. */
  readonly docs: string;
}

/** Returns a rule's summary as a message; its translation is kept with those of the rule's page. */
export function summaryOf({ summary }: RuleText): Message {
  return { template: summary, args: [] };
}

/** A rule about what is deployed. The live check itself finds these: no template shows them. */
export interface LiveRule extends RuleText {
  readonly group: "account";
  /** Rows of the report on a function, as a terminal shows them, that the documentation page shows. */
  readonly bad: string;
  readonly good: string;
}

/** A rule about what an edit of one template does to others, which only an editor sees. */
export interface WorkspaceRule extends RuleText {
  /** What is reported, and what the line above a resource says where nothing is, as the documentation page shows them. */
  readonly bad: string;
  readonly good: string;
}

export interface Rule extends RuleText {
  /** True for a rule that looks at the whole template too: at what no function and no subnet uses. */
  readonly everywhere?: boolean;
  /** True for a rule of group `reach` that speaks of the ways to AWS services, so also where only those are expected. */
  readonly ofServices?: boolean;
  /** Fixtures, relative to test/fixtures, that the documentation page shows. */
  readonly bad: string;
  readonly good: string;
  /** Yields the fault wherever it stands in one world of parameters. */
  check(world: World): Iterable<Draft>;
}

/** One world of parameters: the network as it is there, and the functions under analysis in it. */
export interface World {
  readonly document: Document;
  readonly template: Template;
  /** The template's resources by name. Who needs but a few asks here, as an edit elsewhere leaves those as they are. */
  readonly resources: Resources;
  readonly parameters: Template["parameters"];
  /** The template's resources that call functions while the stack is made. */
  readonly customResources: readonly Resource[];
  /** The slice of the network that bears on what is analysed here. */
  readonly network: Network;
  /** The function under analysis; empty where a part of the network, or all of it, is looked at for its own sake. */
  readonly functions: readonly FunctionEgress[];
  /** Every path under analysis: the function's subnets, or a subnet that no function uses. */
  readonly paths: readonly SubnetEgress[];
  /** Returns what a function means to reach, from metadata, settings and the evidence in the template. */
  intent(fn: FunctionEgress): Intent;
  /** Returns the whole network of this world, beyond the slice: for fixes that name other resources. */
  whole(): Network;
}

/** `internet`: there is evidence that the function means to reach the internet. */
export type Intent = "internet" | "aws-services" | "none" | "unstated";

/** A finding as a rule yields it, before worlds, silencing and settings are applied. */
export interface Draft {
  readonly at: Origin;
  readonly message: Message;
  /** Overrides the rule's own severity (by intent, by proof). */
  readonly severity?: Severity;
  readonly notes?: readonly DraftNote[];
  /** Called once for each finding, not in every world that shows it. */
  readonly fixes?: () => readonly Fix[];
  /** Logical ids of the functions that suffer, for silencing by intent. */
  readonly functions?: readonly string[];
}

export interface DraftNote {
  readonly at: Origin;
  readonly message: Message;
}

export interface Fix {
  readonly title: Message;
  /** Safe: keeps the template's meaning but for the fault, so that it may run unasked in "fix all". */
  readonly safe: boolean;
  readonly edits: readonly Edit[];
}

/** A finding as it leaves the pipeline. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: Message;
  /** The path of the CDK construct that it is about. */
  readonly construct?: string;
  readonly span: Span;
  readonly notes: readonly Note[];
  readonly fixes: readonly Fix[];
}

export interface Note {
  readonly message: Message;
  readonly span: Span;
}

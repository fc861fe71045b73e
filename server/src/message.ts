/**
 * A sentence for a person, kept apart from its language until it is shown.
 *
 * The English template is the key of every other language, so code reads as prose, a missing
 * translation falls back to English, and nothing is ever recovered from a rendered text.
 */
export interface Message {
  /** English text with `{0}`, `{1}` … where the arguments go. */
  readonly template: string;
  readonly args: readonly MessageArgument[];
}

export type MessageArgument = string | number | Message;

/** A table from English templates to those of another language. */
export type Catalogue = Readonly<Record<string, string>>;

/** Returns the message with this English template; `{n}` stands for the n-th argument. */
export function message(template: string, ...args: MessageArgument[]): Message {
  return { template, args };
}

/** Returns the text of a message in the language of `catalogue`, English where it has no entry. */
export function render(text: Message, catalogue: Catalogue = {}): string {
  const template = catalogue[text.template] ?? text.template;
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const argument = text.args[Number(index)];
    if (argument === undefined) return whole;
    return typeof argument === "object" ? render(argument, catalogue) : String(argument);
  });
}

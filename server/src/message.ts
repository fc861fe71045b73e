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

/** The language of the templates themselves. */
export const english: Catalogue = {};

/** Returns the message with this English template; `{n}` stands for the n-th argument. */
export function message(template: string, ...args: MessageArgument[]): Message {
  return { template, args };
}

/** Returns several messages as one, with commas between them. */
export function listed([first, ...rest]: readonly Message[]): Message {
  return rest.reduce((all, one) => message("{0}, {1}", all, one), first ?? message(""));
}

/**
 * Returns a page of Markdown in the language of `catalogue`. Each paragraph is looked up on its own, so one that
 * was changed falls back to English alone, and its old translation is found to be left over.
 */
export function translate(page: string, catalogue: Catalogue): string {
  return page
    .split(/(\n{2,})/)
    .map((part) => catalogue[part] || part)
    .join("");
}

/** Returns the text of a message in the language of `catalogue`, English where it has no entry. */
export function render(text: Message, catalogue: Catalogue = english): string {
  // A key that waits for its text is as good as none.
  const template = catalogue[text.template] || text.template;
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const argument = text.args[Number(index)];
    if (argument === undefined) return whole;
    if (typeof argument === "object") return render(argument, catalogue);
    // What the text names by its id is known to a person by that id.
    return String(argument).replaceAll("literal:", "");
  });
}

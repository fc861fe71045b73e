import { type Catalogue, type Message, message, render } from "../message";

/** Returns the address of a rule's documentation page, in the language of `catalogue`. */
export function rulePage(id: string, catalogue: Catalogue): string {
  return render(pageOf(id), catalogue);
}

/** Returns the address as a message: each language has pages of its own. */
export function pageOf(id: string): Message {
  return message("https://github.com/lambda-egress/lambda-egress/blob/main/docs/rules/{0}.md", id);
}

/** Returns the first page of AWS's documentation that a text links to. */
export function firstAwsPage(text: string): string | undefined {
  return text.match(/https:\/\/docs\.aws\.amazon\.com\/[^\s)>\]]+/)?.[0];
}

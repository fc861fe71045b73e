/** Where the documentation pages of the rules stand. */
const base = "https://github.com/lambda-egress/lambda-egress/blob/main/docs/rules";

/** Returns the address of a rule's documentation page. */
export function rulePage(id: string): string {
  return `${base}/${id}.md`;
}

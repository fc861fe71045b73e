/** The questions before a check: profile, region, stack, function. */
import { env, l10n, type Memento, type QuickPickItem, window } from "vscode";
import type { Catalogue } from "../../server/src/message";
import { catalogueOf } from "../../server/src/texts/catalogues";

export type Account = typeof import("../../server/src/account");

/** Where to ask, as the person chose it. */
export interface Place {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly region: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Returns the profile; empty for the environment's own credentials, undefined where the person turned back. */
export async function pickProfile(
  account: Account,
  memory: Memento,
  title = titleOf(1, 3),
): Promise<string | undefined> {
  const names = await account.namesOfProfiles();
  if (names.length === 0) return "";
  const last = memory.get<string>("profile");
  const fromEnvironment = {
    label: l10n.t("Environment"),
    description: l10n.t("AWS_PROFILE, AWS_ACCESS_KEY_ID and the like"),
    value: "",
  };
  const items = [...names.map((name) => ({ label: name, description: "", value: name })), fromEnvironment];
  const picked = await window.showQuickPick(lastFirst(items, last), {
    title,
    placeHolder: l10n.t("AWS profile"),
  });
  if (picked !== undefined) await memory.update("profile", picked.value);
  return picked?.value;
}

/** Returns the region; any name may be typed. */
export async function pickRegion(
  profile: string,
  own: string | undefined,
  memory: Memento,
  title = titleOf(2, 3),
): Promise<string | undefined> {
  // A profile has its own region, so that of another one is no guess.
  const key = `region ${profile}`;
  const last = memory.get<string>(key) ?? own;
  const known = own === undefined || regions.includes(own) ? regions : [own, ...regions];
  const items = lastFirst(
    known.map((name) => ({
      label: name,
      description: name === own ? l10n.t("set for this profile") : "",
      value: name,
    })),
    last,
  );
  const region = await ask({ title, placeholder: l10n.t("Region") }, (typed) => {
    const text = typed.trim();
    return /^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(text) && !known.includes(text)
      ? [...items, { label: text, description: l10n.t("as typed"), value: text }]
      : items;
  });
  if (region !== undefined) await memory.update(key, region);
  return region;
}

/** What was chosen in place of a function: to look for it in a stack. */
export const fromStack = Symbol("from a stack");

/**
 * Returns the function: one of the list, which grows page by page, or any name, ARN or alias that is typed.
 * `typed` stands in the field already; `stacks` offers to choose from a stack.
 */
export async function pickFunction(
  account: Account,
  place: Place,
  { typed = "", stacks }: { readonly typed?: string | undefined; readonly stacks: boolean },
): Promise<string | typeof fromStack | undefined> {
  const another = {
    label: l10n.t("From a stack…"),
    description: l10n.t("and compare it with the open template"),
    value: "\u0000",
  };
  const chosen = await askGrowing(
    {
      title: titleOf(3, 3),
      placeholder: l10n.t("Function: choose, or type a name, an ARN, or name:alias"),
      typed,
      other: l10n.t("Another function:"),
      first: stacks ? [another] : [],
    },
    (signal, add, catalogue) =>
      account.listFunctions(place, { signal }, catalogue, (page) =>
        add(
          page.map(({ name, inVpc }) => ({
            label: name,
            rank: inVpc ? 0 : 1,
            description: inVpc ? l10n.t("in a VPC") : "",
          })),
        ),
      ),
  );
  return chosen === another.value ? fromStack : chosen;
}

/** Returns the stack, and remembers it under `key`; any name or ARN may be typed. */
export async function pickStack(
  account: Account,
  place: Place,
  memory: Memento,
  key: string,
  steps: number,
): Promise<string | undefined> {
  const last = memory.get<string>(key);
  const chosen = await askGrowing(
    {
      title: titleOf(3, steps),
      placeholder: l10n.t("Stack: choose the one that was made of the template, or type a name"),
      other: l10n.t("Another stack:"),
    },
    (signal, add, catalogue) =>
      account.listStacks(place, { signal }, catalogue, (page) =>
        add(
          page.map(({ name, status, nested }) => ({
            label: name,
            rank: name === last ? 0 : nested ? 2 : 1,
            description: nested ? l10n.t("nested, {0}", status) : status,
          })),
        ),
      ),
  );
  if (chosen !== undefined) await memory.update(key, chosen);
  return chosen;
}

/** Returns the logical id of a function of the stack. */
export function pickFunctionOf(account: Account, place: Place, stack: string): Promise<string | undefined> {
  return askGrowing(
    {
      title: titleOf(4, 4),
      placeholder: l10n.t("Function of {0}: choose, or type its logical id", stack),
      other: l10n.t("Another function:"),
    },
    (signal, add, catalogue) =>
      account.listStackFunctions(place, { signal }, catalogue, stack, (ids) =>
        add(ids.map((label) => ({ label, rank: 0, description: "" }))),
      ),
  );
}

function titleOf(step: number, steps: number): string {
  return l10n.t("Check Deployed Function ({0}/{1})", step, steps);
}

interface Question {
  readonly title: string;
  readonly placeholder: string;
  /** What stands in the field from the start. */
  readonly typed?: string;
}

interface GrowingQuestion extends Question {
  /** Goes before what was typed and is not in the list. */
  readonly other: string;
  /** Stands above the list. */
  readonly first?: readonly Item[];
}

interface Listed {
  readonly label: string;
  readonly description: string;
  /** Where it stands in the list; those of one rank are in the order of their names. */
  readonly rank: number;
}

/** Shows a list that fills while it is open, and takes what is typed as well. */
function askGrowing(
  { other, first = [], ...question }: GrowingQuestion,
  fill: (
    signal: AbortSignal,
    add: (page: readonly Listed[]) => void,
    catalogue: Catalogue,
  ) => Promise<string | undefined>,
): Promise<string | undefined> {
  const found: Listed[] = [];
  const stop = new AbortController();
  const chosen = ask(
    question,
    (typed) => {
      const text = typed.trim();
      const items = [...first, ...found.map(({ label, description }) => ({ label, description, value: label }))];
      if (text === "" || found.some(({ label }) => label === text)) return items;
      // Its label matches nothing, so that it stands below what does.
      return [...items, { label: other, description: text, value: text, alwaysShow: true }];
    },
    async (refresh) => {
      const add = (page: readonly Listed[]) => {
        found.push(...page);
        found.sort((a, b) => a.rank - b.rank || (a.label < b.label ? -1 : 1));
        refresh();
      };
      const failure = await fill(stop.signal, add, await catalogueOf(env.language));
      return failure === undefined ? "" : l10n.t("The list is not complete: {0}", failure);
    },
  );
  return chosen.finally(() => stop.abort());
}

type Item = QuickPickItem & { readonly value: string };

/** Shows a list that depends on what is typed; `fill` may add to it while it is open. */
function ask(
  { title, placeholder, typed = "" }: Question,
  itemsFor: (typed: string) => readonly Item[],
  fill?: (refresh: () => void) => Promise<string>,
): Promise<string | undefined> {
  const picker = window.createQuickPick<Item>();
  const refresh = () => {
    const active = picker.activeItems[0]?.value;
    picker.items = itemsFor(picker.value);
    // What the person has moved to stays, also when a page comes in between.
    const same = picker.items.filter(({ value }) => value === active);
    if (same.length > 0) picker.activeItems = same;
  };
  Object.assign(picker, { title, placeholder, value: typed, ignoreFocusOut: true });
  refresh();
  picker.onDidChangeValue(() => {
    picker.items = itemsFor(picker.value);
  });
  const answer = new Promise<string | undefined>((resolve) => {
    picker.onDidAccept(() => {
      // Just after a key or a page nothing is active yet; then what was typed decides, or the first of the list where
      // nothing was, and without a match the list stays open.
      const text = picker.value.trim();
      const shown = itemsFor(text);
      const chosen = picker.activeItems[0] ?? (text === "" ? shown[0] : shown.find(({ value }) => value === text));
      if (chosen !== undefined) resolve(chosen.value);
    });
    picker.onDidHide(() => resolve(undefined));
  });
  picker.show();
  if (fill !== undefined) {
    picker.busy = true;
    fill(refresh).then((complaint) => {
      picker.busy = false;
      if (complaint !== "") picker.title = `${title} – ${complaint}`;
    });
  }
  return answer.finally(() => picker.dispose());
}

function lastFirst<T extends Item>(items: readonly T[], last: string | undefined): T[] {
  return [...items.filter(({ value }) => value === last), ...items.filter(({ value }) => value !== last)];
}

/** The regions that every account has (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html). */
const regions: readonly string[] = [
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "ca-central-1",
  "sa-east-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "eu-central-1",
  "eu-north-1",
  "ap-south-1",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-southeast-1",
  "ap-southeast-2",
];

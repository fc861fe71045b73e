/** The questions before a check: profile, region, function. */
import { type Memento, type QuickPickItem, window } from "vscode";

export type Account = typeof import("../../server/src/account");

/** Where to ask, as the person chose it. */
export interface Place {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly region: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Returns the profile; empty for the environment's own credentials, undefined where the person turned back. */
export async function pickProfile(account: Account, memory: Memento): Promise<string | undefined> {
  const names = await account.namesOfProfiles();
  if (names.length === 0) return "";
  const last = memory.get<string>("profile");
  const fromEnvironment = {
    label: "Environment",
    description: "AWS_PROFILE, AWS_ACCESS_KEY_ID and the like",
    value: "",
  };
  const items = [...names.map((name) => ({ label: name, description: "", value: name })), fromEnvironment];
  const picked = await window.showQuickPick(lastFirst(items, last), {
    title: "Check Deployed Function (1/3)",
    placeHolder: "AWS profile",
  });
  if (picked !== undefined) await memory.update("profile", picked.value);
  return picked?.value;
}

/** Returns the region; any name may be typed. */
export async function pickRegion(
  profile: string,
  own: string | undefined,
  memory: Memento,
): Promise<string | undefined> {
  // A profile has its own region, so that of another one is no guess.
  const key = `region ${profile}`;
  const last = memory.get<string>(key) ?? own;
  const known = own === undefined || regions.includes(own) ? regions : [own, ...regions];
  const items = lastFirst(
    known.map((name) => ({ label: name, description: name === own ? "set for this profile" : "", value: name })),
    last,
  );
  const region = await ask("Check Deployed Function (2/3)", "Region", (typed) => {
    const text = typed.trim();
    return /^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(text) && !known.includes(text)
      ? [...items, { label: text, description: "as typed", value: text }]
      : items;
  });
  if (region !== undefined) await memory.update(key, region);
  return region;
}

/** Returns the function: one of the list, which grows page by page, or any name, ARN or alias that is typed. */
export async function pickFunction(account: Account, place: Place): Promise<string | undefined> {
  const found: Item[] = [];
  const stop = new AbortController();
  const chosen = ask(
    "Check Deployed Function (3/3)",
    "Function: choose, or type a name, an ARN, or name:alias",
    (typed) => {
      const text = typed.trim();
      if (text === "" || found.some(({ value }) => value === text)) return [...found];
      // Its label matches nothing, so that it stands below what does.
      return [...found, { label: "Another function:", description: text, value: text, alwaysShow: true }];
    },
    async (refresh) => {
      const failure = await account.listFunctions(place, { signal: stop.signal }, (page) => {
        found.push(
          ...page.map(({ name, inVpc }) => ({ label: name, description: inVpc ? "in a VPC" : "", value: name })),
        );
        found.sort(
          (a, b) => Number(b.description !== "") - Number(a.description !== "") || (a.label < b.label ? -1 : 1),
        );
        refresh();
      });
      return failure === undefined ? "" : `The list is not complete: ${failure}`;
    },
  );
  return chosen.finally(() => stop.abort());
}

type Item = QuickPickItem & { readonly value: string };

/** Shows a list that depends on what is typed; `fill` may add to it while it is open. */
function ask(
  title: string,
  placeholder: string,
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
  Object.assign(picker, { title, placeholder, ignoreFocusOut: true });
  refresh();
  picker.onDidChangeValue(() => {
    picker.items = itemsFor(picker.value);
  });
  const answer = new Promise<string | undefined>((resolve) => {
    picker.onDidAccept(() => {
      // Just after a key nothing is active yet; then what was typed decides, and without a match the list stays open.
      const typed = picker.value.trim();
      const chosen = picker.activeItems[0] ?? itemsFor(typed).find(({ value }) => value === typed);
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

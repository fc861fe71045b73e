/**
 * Writes the settings page into package.json (`contributes.configuration`) from the table of settings
 * and the list of rules, so that a setting or a rule is described in one place only; then moves what people read in
 * it to package.nls.json, and writes its German to package.nls.de.json.
 *
 * `--check` writes nothing and fails when a file is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Catalogue, english, message, render, translate } from "../server/src/message";
import { allRules } from "../server/src/rules/index";
import { groups, type Setting, section, settings } from "../server/src/settings";
import { german } from "../server/src/texts/german";
import manifestTexts from "../server/src/texts/package.de.json";
import { localize } from "./localize.mjs";

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const manifest = JSON.parse(readFileSync(file("package.json"), "utf8"));
manifest.contributes.configuration = Object.entries(groups).map(([name, title], order) => ({
  title,
  order,
  properties: Object.fromEntries(
    settings
      .filter(({ group }) => group === name)
      .map((setting, place) => [`${section}.${setting.key}`, toSchema(setting, place)]),
  ),
}));
const known = JSON.parse(readFileSync(file("package.nls.json"), "utf8"));
const { manifest: localized, texts } = localize(manifest, known);
// What is said of a rule is put together here, in either language.
const catalogue: Catalogue = { ...manifestTexts, ...Object.fromEntries(allRules.map(inGerman)) };
const translated = [...texts].map(([key, text]) => [key, catalogue[text] || text]);

write("package.json", localized);
write("package.nls.json", Object.fromEntries(texts));
write("package.nls.de.json", Object.fromEntries(translated));

function write(name: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (existsSync(file(name)) && readFileSync(file(name), "utf8") === text) return;
  if (process.argv.includes("--check")) {
    console.error(`${name} is out of date. Run: npx tsx scripts/generate-package.mts`);
    process.exitCode = 1;
  } else {
    writeFileSync(file(name), text);
  }
}

/** Returns the setting in the form that the editor reads, in the order of the table. */
function toSchema({ type, default: standard, description, values, scope }: Setting, order: number) {
  const base = { type, default: standard, markdownDescription: description, scope, order };
  switch (type) {
    case "boolean":
      return base;
    case "string":
      return { ...base, ...words(values) };
    case "array":
      return { ...base, items: { type: "string" } };
    case "object":
      return { ...base, properties: severities(values), additionalProperties: false };
  }
}

/** One property a rule: what the settings editor shows beside its id. */
function severities(values: Setting["values"]) {
  return Object.fromEntries(
    allRules.map((rule) => [
      rule.id,
      { type: "string", enum: Object.keys(values ?? {}), description: describe(rule, english) },
    ]),
  );
}

function inGerman(rule: (typeof allRules)[number]): [english: string, german: string] {
  return [describe(rule, english), describe(rule, german)];
}

function describe({ summary, severity, offByDefault }: (typeof allRules)[number], catalogue: Catalogue): string {
  const usual = offByDefault === true ? "off" : severity;
  return render(message("{0}. Usually: {1}.", translate(summary, catalogue), usual), catalogue);
}

function words(values: Setting["values"]) {
  if (values === undefined) return {};
  return { enum: Object.keys(values), markdownEnumDescriptions: Object.values(values) };
}

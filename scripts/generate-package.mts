/**
 * Writes the settings page into package.json (`contributes.configuration`) from the table of settings
 * and the list of rules, so that a setting or a rule is described in one place only.
 *
 * `--check` writes nothing and fails when package.json is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { allRules } from "../server/src/rules/index";
import { groups, type Setting, section, settings } from "../server/src/settings";

const file = new URL("../package.json", import.meta.url);
const text = readFileSync(file, "utf8");
const manifest = JSON.parse(text);
manifest.contributes.configuration = Object.entries(groups).map(([name, title], order) => ({
  title,
  order,
  properties: Object.fromEntries(
    settings
      .filter(({ group }) => group === name)
      .map((setting, place) => [`${section}.${setting.key}`, toSchema(setting, place)]),
  ),
}));
const generated = `${JSON.stringify(manifest, null, 2)}\n`;

if (process.argv.includes("--check")) {
  if (generated !== text) {
    console.error("package.json is out of date. Run: npx tsx scripts/generate-package.mts");
    process.exitCode = 1;
  }
} else if (generated !== text) {
  writeFileSync(file, generated);
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
    allRules.map(({ id, summary, severity, offByDefault }) => {
      const usual = offByDefault === true ? "off" : severity;
      return [id, { type: "string", enum: Object.keys(values ?? {}), description: `${summary}. Usually: ${usual}.` }];
    }),
  );
}

function words(values: Setting["values"]) {
  if (values === undefined) return {};
  return { enum: Object.keys(values), markdownEnumDescriptions: Object.values(values) };
}

/** Which of CloudFormation's tags the setting `yaml.customTags` of the YAML extension lacks: the part without an editor. */

/** What may stand behind a tag; the YAML extension has to be told each form of its own. */
type Form = "scalar" | "sequence" | "mapping";

/** The short forms of CloudFormation's functions, by AWS's template reference on intrinsic functions and rules. */
const forms: Readonly<Record<string, readonly Form[]>> = {
  "!And": ["sequence"],
  "!Base64": ["scalar", "mapping"],
  "!Cidr": ["sequence"],
  "!Condition": ["scalar"],
  "!Contains": ["sequence"],
  "!EachMemberEquals": ["sequence"],
  "!EachMemberIn": ["sequence"],
  "!Equals": ["sequence"],
  "!FindInMap": ["sequence"],
  "!GetAZs": ["scalar", "mapping"],
  "!GetAtt": ["scalar", "sequence"],
  "!If": ["sequence"],
  "!ImportValue": ["scalar", "mapping"],
  "!Join": ["sequence"],
  "!Length": ["sequence", "mapping"],
  "!Not": ["sequence"],
  "!Or": ["sequence"],
  "!Ref": ["scalar"],
  "!RefAll": ["scalar"],
  "!Select": ["sequence"],
  "!Split": ["sequence"],
  "!Sub": ["scalar", "sequence"],
  "!ToJsonString": ["sequence", "mapping"],
  "!Transform": ["mapping"],
  "!ValueOf": ["sequence"],
  "!ValueOfAll": ["sequence"],
};

/** All of them as the setting writes them: `!Sub sequence`. */
export const cloudFormationTags: readonly string[] = Object.entries(forms).flatMap(([tag, kinds]) =>
  kinds.map((kind) => `${tag} ${kind}`),
);

/** Returns those that a value of the setting does not have, whatever else that value is. */
export function missingTags(present: unknown): readonly string[] {
  const known = new Set(listOf(present).map(toForm));
  return cloudFormationTags.filter((tag) => !known.has(tag));
}

/** Returns the value with the missing ones behind what is there, which stays as it is. */
export function withTags(present: unknown): readonly unknown[] {
  return [...listOf(present), ...missingTags(present)];
}

/** The extension takes a tag without a form for one of a scalar, and lets a form name what the tag makes of it. */
function toForm(entry: unknown): string {
  const [tag, form = "scalar"] = typeof entry === "string" ? entry.trim().split(/\s+/) : [""];
  return `${tag} ${form.toLowerCase().split(":")[0]}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

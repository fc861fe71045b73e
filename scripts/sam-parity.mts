/**
 * `npm run parity -- FILE…`: compares the verdicts and roles of SAM templates with those of the templates
 * that AWS's own translator makes of them, and prints every difference.
 */
import { compareWithTranslator, hasTranslator } from "../test/sam-expansion";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("Name the SAM templates to compare: npm run parity -- template.yaml …");
  process.exit(2);
}
if (!hasTranslator()) {
  console.error("aws-sam-translator is missing: pip install aws-sam-translator");
  process.exit(2);
}
const counts = { same: 0, different: 0, refused: 0 };
for (const { file, ours, theirs, refused } of compareWithTranslator(files)) {
  if (refused !== undefined) {
    counts.refused++;
    console.log(`${file}: refused by the translator: ${refused}`);
    continue;
  }
  const lost = ours.filter((row) => !theirs.includes(row));
  const gained = theirs.filter((row) => !ours.includes(row));
  if (lost.length + gained.length === 0) counts.same++;
  else {
    counts.different++;
    console.log(
      `${file}:\n${lost.map((row) => `  as written: ${row}\n`).join("")}${gained.map((row) => `  expanded:   ${row}\n`).join("")}`,
    );
  }
}
console.log(`${counts.same} the same, ${counts.different} different, ${counts.refused} refused`);
process.exitCode = counts.different > 0 ? 1 : 0;

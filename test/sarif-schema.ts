/** The schema of SARIF 2.1.0, against which every log is held. */
import assert from "node:assert/strict";
import schema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import type { Log } from "sarif";

// The schema is of draft 4, which says `id` for `$id`; nothing else in it differs from what Ajv reads.
const { $schema: _, id: __, ...readable } = schema;
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const isValid = ajv.compile(readable);

/** Returns the log; throws with what the schema says against it. */
export function validSarif(log: Log): Log {
  assert.ok(isValid(log), ajv.errorsText(isValid.errors));
  return log;
}

/** What other templates may want to know of one, read as cheaply as its text allows. */
import { type Exported, exportsOf } from "../template/exports";
import { isStack, locationOf } from "../template/nested";
import { looksLikeTemplate, parse } from "../template/parse";
import { readTemplate } from "../template/read";
import type { Template } from "../template/template";

export interface Outline {
  readonly exports: readonly Exported[];
  /** Names of all outputs. */
  readonly outputs: readonly string[];
  /** Its nested stacks, with where their templates are, as written. */
  readonly nested: readonly { readonly stack: string; readonly location: string }[];
}

/** Returns the outline of a text; undefined for what is no template. */
export function outlineOf(text: string): Outline | undefined {
  if (!looksLikeTemplate(text)) return undefined;
  const exports = /\bExport\b/.test(text);
  if (nests.test(text) || stores.test(text)) return outlineOfWhole(text);
  if (!/\bOutputs\b/.test(text)) return nothing;
  // Names of exports may have parameters in them, and those defaults.
  const sections = ["Outputs", ...(exports ? ["Parameters"] : [])].map((name) => sectionOf(text, name));
  if (sections.includes(undefined)) return outlineOfWhole(text);
  const template = readTemplate(parse(`AWSTemplateFormatVersion: "2010-09-09"\n${sections.join("\n")}`));
  return template === undefined
    ? nothing
    : { exports: exports ? exportsOf(template) : [], outputs: [...template.outputs.keys()], nested: [] };
}

/**
 * Tells by a scan whether a template may draw on others: by imports, by nested stacks, or by parameters that a parent
 * may hand down to functions in a VPC.
 */
export function mayDrawOnOthers(text: string): boolean {
  return (
    /\bImportValue\b|\bGetStackOutput\b|\bAWS::Include\b|\{\{resolve:ssm:/.test(text) ||
    nests.test(text) ||
    (/\bParameters\b/.test(text) && /\bV[pP][cC]Config\b/.test(text))
  );
}

/** Tells by a scan whether other templates may draw on one: on its outputs, or by being nested in it. */
export function mayGiveToOthers(text: string): boolean {
  return (
    nests.test(text) ||
    stores.test(text) ||
    (/\bOutputs\b/.test(text) && /\bAWS::(?:EC2|IAM)::|\bImportValue\b/.test(text))
  );
}

/** Tells by a scan whether a template may nest others. */
export function mayNest(text: string): boolean {
  return nests.test(text);
}

/** Returns a key under which two outlines are the same to everybody else. */
export function keyOf(outline: Outline | undefined): string {
  return JSON.stringify(outline ?? null);
}

const nothing: Outline = { exports: [], outputs: [], nested: [] };
const stores = /\bAWS::SSM::Parameter\b(?!::)/;
const nests = /\bAWS::CloudFormation::Stack\b|\bAWS::Serverless::Application\b/;

function outlineOfWhole(text: string): Outline | undefined {
  const template = readTemplate(parse(text));
  if (template === undefined) return undefined;
  return { exports: exportsOf(template), outputs: [...template.outputs.keys()], nested: nestedIn(template) };
}

function nestedIn({ resources }: Template): Outline["nested"] {
  return [...resources.values()].filter(isStack).flatMap((resource) => {
    const location = locationOf(resource);
    return location === undefined ? [] : [{ stack: resource.id, location }];
  });
}

/**
 * Returns the text of one section of a YAML template, which is a small part of most; nothing where it has none.
 * Undefined where more must be read to understand it: other syntax, anchors that stand elsewhere, names out of a
 * mapping.
 */
function sectionOf(text: string, name: string): string | undefined {
  if (/^\uFEFF?\s*[{[]/.test(text)) return undefined;
  const start = new RegExp(`^${name}[ \\t]*:`, "m").exec(text)?.index;
  // Where the outputs stand at the beginning of a line, so does every section, but perhaps in quotes.
  if (start === undefined) return name === "Outputs" || /^["'?]/m.test(text) ? undefined : "";
  const ending = /\n(?=[^\s#\-\]}]|---)/g;
  ending.lastIndex = start;
  const section = text.slice(start, ending.exec(text)?.index);
  return /FindInMap|(?:^|\s)\*\w|Fn::ForEach|Fn::Transform/.test(section) ? undefined : section;
}

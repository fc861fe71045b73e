/** Facts as the engine reads them, for tests that start from the model and not from a template. */
import { message } from "../server/src/message";
import type { Fact, Origin } from "../server/src/network/model";
import type { Block } from "../server/src/template/syntax";

const block: Block = { start: 0 };

/** Where a fact stands in a template; every call gives another place. */
export function inTemplate(): Origin {
  return { kind: "text", node: { kind: "scalar", text: "", quoted: false, block, from: 0, to: 0 } };
}

export const inAccount: Origin = { kind: "aws", id: "acl-0a1b2c3d" };

export function is<T>(value: T): Fact<T> {
  return { is: "known", value, at: inTemplate() };
}

/** A fact that comes from outside, with the reason that answers must hand on. */
export function unsure(why: string): Fact<never> {
  return { is: "unknown", why: message(why) };
}

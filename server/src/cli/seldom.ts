/** What a usual check never needs: a bundle of its own, so that no check has to compile it first. */
import { deployed } from "./deployed";
import { fixer } from "./fix";
import { map } from "./map";
import { accountFor, externalsIn } from "./resolve";

export const seldom = { accountFor, deployed, externalsIn, fixer, map };

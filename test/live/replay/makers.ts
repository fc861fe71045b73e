/** What becomes of each type of resource in an account: the calls that CloudFormation makes for it. */
import { blockMakers } from "./block";
import { filterMakers } from "./filters";
import { functionMakers } from "./functions";
import { roleMakers } from "./roles";
import { routingMakers } from "./routing";
import type { Makers } from "./site";
import { translationMakers } from "./translation";
import { vpcMakers } from "./vpc";

export const makers: Makers = {
  ...vpcMakers,
  ...routingMakers,
  ...translationMakers,
  ...filterMakers,
  ...blockMakers,
  ...roleMakers,
  ...functionMakers,
};

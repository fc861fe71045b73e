/** Every rule, in the order of their value to a person. */
import { implicitMainRouteTable } from "./implicit-main-route-table";
import { inconsistentSubnets } from "./inconsistent-subnets";
import { internetGatewayNotAttached } from "./internet-gateway-not-attached";
import { missingEniPermissions } from "./missing-eni-permissions";
import { natGatewayNotPublic } from "./nat-gateway-not-public";
import { noInternetRoute } from "./no-internet-route";
import { publicSubnet } from "./public-subnet";
import type { Rule } from "./rule";
import { templateSyntax } from "./template-syntax";

export const rules: readonly Rule[] = [
  publicSubnet,
  inconsistentSubnets,
  natGatewayNotPublic,
  noInternetRoute,
  implicitMainRouteTable,
  missingEniPermissions,
  internetGatewayNotAttached,
  templateSyntax,
];

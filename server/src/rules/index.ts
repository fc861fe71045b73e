/** Every rule, in the order of their value to a person. */

import { dedicatedTenancy } from "./dedicated-tenancy";
import { implicitMainRouteTable } from "./implicit-main-route-table";
import { inconsistentSubnets } from "./inconsistent-subnets";
import { inspectionChainWithoutExit } from "./inspection-chain-without-exit";
import { internetGatewayNotAttached } from "./internet-gateway-not-attached";
import { invalidRoute } from "./invalid-route";
import { missingDependsOnAttachment } from "./missing-depends-on-attachment";
import { missingEniPermissions } from "./missing-eni-permissions";
import { natGatewayAllocation } from "./nat-gateway-allocation";
import { natGatewayNotPublic } from "./nat-gateway-not-public";
import { natGatewayUnused } from "./nat-gateway-unused";
import { natInstanceNoPublicAddress } from "./nat-instance-no-public-address";
import { natInstanceSecurityGroup } from "./nat-instance-security-group";
import { natInstanceSourceDestCheck } from "./nat-instance-source-dest-check";
import { noInternetRoute } from "./no-internet-route";
import { peeringHasNoTransit } from "./peering-has-no-transit";
import { privateNatGateway } from "./private-nat-gateway";
import { publicSubnet } from "./public-subnet";
import type { Rule } from "./rule";
import { templateSyntax } from "./template-syntax";
import { vpcMismatch } from "./vpc-mismatch";

export const rules: readonly Rule[] = [
  publicSubnet,
  inconsistentSubnets,
  natGatewayNotPublic,
  noInternetRoute,
  implicitMainRouteTable,
  missingEniPermissions,
  internetGatewayNotAttached,
  privateNatGateway,
  natGatewayAllocation,
  missingDependsOnAttachment,
  natInstanceSourceDestCheck,
  natInstanceNoPublicAddress,
  natInstanceSecurityGroup,
  vpcMismatch,
  peeringHasNoTransit,
  invalidRoute,
  dedicatedTenancy,
  inspectionChainWithoutExit,
  natGatewayUnused,
  templateSyntax,
];

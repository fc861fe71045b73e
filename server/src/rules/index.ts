/** Every rule, in the order of their value to a person: those about templates, then those about what is deployed. */

import { blockPublicAccess } from "./block-public-access";
import { customResourceCannotRespond } from "./custom-resource-cannot-respond";
import { dedicatedTenancy } from "./dedicated-tenancy";
import { dnsSupportDisabled } from "./dns-support-disabled";
import { encryptionControl } from "./encryption-control";
import { endpointUnreachable } from "./endpoint-unreachable";
import { endpointWouldSuffice } from "./endpoint-would-suffice";
import { eniPermissionScope } from "./eni-permission-scope";
import { eniPermissionsIncomplete } from "./eni-permissions-incomplete";
import { functionState } from "./function-state";
import { globalsListsConcatenate } from "./globals-lists-concatenate";
import { implicitMainRouteTable } from "./implicit-main-route-table";
import { importerLosesInternet } from "./importer-loses-internet";
import { incompleteVpcConfig } from "./incomplete-vpc-config";
import { inconsistentSubnets } from "./inconsistent-subnets";
import { inspectionChainWithoutExit } from "./inspection-chain-without-exit";
import { internetDependsOnCondition } from "./internet-depends-on-condition";
import { internetGatewayNotAttached } from "./internet-gateway-not-attached";
import { invalidRoute } from "./invalid-route";
import { ipv6FlagWithoutPath } from "./ipv6-flag-without-path";
import { ipv6GroupEgress } from "./ipv6-group-egress";
import { ipv6OnlyEgress } from "./ipv6-only-egress";
import { ipv6PathWithoutFlag } from "./ipv6-path-without-flag";
import { missingDependsOnAttachment } from "./missing-depends-on-attachment";
import { missingEniPermissions } from "./missing-eni-permissions";
import { naclBlocksOutbound } from "./nacl-blocks-outbound";
import { naclBlocksReturnTraffic } from "./nacl-blocks-return-traffic";
import { naclEphemeralRangeTooNarrow } from "./nacl-ephemeral-range-too-narrow";
import { nameInsteadOfReference } from "./name-instead-of-reference";
import { natGatewayAllocation } from "./nat-gateway-allocation";
import { natGatewayNotPublic } from "./nat-gateway-not-public";
import { natGatewayState } from "./nat-gateway-state";
import { natGatewayUnused } from "./nat-gateway-unused";
import { natInstanceNoPublicAddress } from "./nat-instance-no-public-address";
import { natInstanceSecurityGroup } from "./nat-instance-security-group";
import { natInstanceSourceDestCheck } from "./nat-instance-source-dest-check";
import { noInternetRoute } from "./no-internet-route";
import { partialInternetRoute } from "./partial-internet-route";
import { peeringHasNoTransit } from "./peering-has-no-transit";
import { policiesIgnoredWithRole } from "./policies-ignored-with-role";
import { privateNatGateway } from "./private-nat-gateway";
import { publicSubnet } from "./public-subnet";
import { rolePolicyRace } from "./role-policy-race";
import { routeBlackhole } from "./route-blackhole";
import type { LiveRule, Rule, RuleText, WorkspaceRule } from "./rule";
import { securityGroupBlocksEgress } from "./security-group-blocks-egress";
import { singleAz } from "./single-az";
import { standaloneEgressRemovesAllowAll } from "./standalone-egress-removes-allow-all";
import { templateDrift } from "./template-drift";
import { templateSyntax } from "./template-syntax";
import { undefinedReference } from "./undefined-reference";
import { undetermined } from "./undetermined";
import { unusedIgnore } from "./unused-ignore";
import { unusedVpcPolicy } from "./unused-vpc-policy";
import { vpcMismatch } from "./vpc-mismatch";

/** The rules that look at templates. */
export const rules: readonly Rule[] = [
  publicSubnet,
  inconsistentSubnets,
  natGatewayNotPublic,
  noInternetRoute,
  implicitMainRouteTable,
  missingEniPermissions,
  internetGatewayNotAttached,
  securityGroupBlocksEgress,
  naclBlocksOutbound,
  naclBlocksReturnTraffic,
  naclEphemeralRangeTooNarrow,
  privateNatGateway,
  natGatewayAllocation,
  standaloneEgressRemovesAllowAll,
  customResourceCannotRespond,
  rolePolicyRace,
  globalsListsConcatenate,
  policiesIgnoredWithRole,
  missingDependsOnAttachment,
  natInstanceSourceDestCheck,
  natInstanceNoPublicAddress,
  natInstanceSecurityGroup,
  vpcMismatch,
  peeringHasNoTransit,
  ipv6FlagWithoutPath,
  ipv6PathWithoutFlag,
  ipv6OnlyEgress,
  ipv6GroupEgress,
  internetDependsOnCondition,
  partialInternetRoute,
  invalidRoute,
  incompleteVpcConfig,
  blockPublicAccess,
  encryptionControl,
  dedicatedTenancy,
  eniPermissionScope,
  eniPermissionsIncomplete,
  endpointWouldSuffice,
  endpointUnreachable,
  singleAz,
  dnsSupportDisabled,
  unusedVpcPolicy,
  undetermined,
  inspectionChainWithoutExit,
  nameInsteadOfReference,
  undefinedReference,
  natGatewayUnused,
  templateSyntax,
  unusedIgnore,
];

/** The rules that the check of what is deployed speaks by. */
export const liveRules: readonly LiveRule[] = [routeBlackhole, natGatewayState, functionState, templateDrift];

/** The rules that an editor speaks by when one template is edited on which others stand. */
export const workspaceRules: readonly WorkspaceRule[] = [importerLosesInternet];

/** Whatever may be explained, silenced or given another severity. */
export const allRules: readonly RuleText[] = [...rules, ...liveRules, ...workspaceRules];

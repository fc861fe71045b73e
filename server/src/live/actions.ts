/**
 * The one list of what the live check may ask AWS. Every action reads and none writes; the policy that it
 * needs is made from this list, and a test holds the list against the calls that go over the wire.
 */

/** What an action is asked about: ARNs with `${partition}`, or `*` where AWS knows no narrower resource. */
const functions = ["arn:${partition}:lambda:*:*:function:*"];
const providers = ["arn:${partition}:lambda:*:*:capacity-provider:*"];
const roles = ["arn:${partition}:iam::*:role/*"];
const policies = ["arn:${partition}:iam::*:policy/*", "arn:${partition}:iam::aws:policy/*"];
const stacks = ["arn:${partition}:cloudformation:*:*:stack/*/*"];
const everything = ["*"];

/** The actions, each with the resources that the policy grants it on (AWS Service Authorization Reference). */
export const actions = {
  "lambda:GetFunctionConfiguration": functions,
  "lambda:GetCapacityProvider": providers,
  "lambda:ListFunctions": everything,
  "ec2:DescribeSubnets": everything,
  "ec2:DescribeVpcs": everything,
  "ec2:DescribeVpcAttribute": everything,
  "ec2:DescribeDhcpOptions": everything,
  "ec2:DescribeRouteTables": everything,
  "ec2:DescribeNatGateways": everything,
  "ec2:DescribeInternetGateways": everything,
  "ec2:DescribeEgressOnlyInternetGateways": everything,
  "ec2:DescribeNetworkAcls": everything,
  "ec2:DescribeSecurityGroups": everything,
  "ec2:DescribeVpcEndpoints": everything,
  "ec2:DescribeNetworkInterfaces": everything,
  "ec2:DescribeInstances": everything,
  "ec2:DescribeManagedPrefixLists": everything,
  "ec2:GetManagedPrefixListEntries": everything,
  "ec2:DescribeVpcBlockPublicAccessOptions": everything,
  "ec2:DescribeVpcBlockPublicAccessExclusions": everything,
  "ec2:DescribeVpcEncryptionControls": everything,
  "iam:GetRole": roles,
  "iam:ListAttachedRolePolicies": roles,
  "iam:ListRolePolicies": roles,
  "iam:GetRolePolicy": roles,
  "iam:GetPolicy": policies,
  "iam:GetPolicyVersion": policies,
  "sts:GetCallerIdentity": everything,
  "cloudformation:ListStacks": everything,
  "cloudformation:DescribeStacks": stacks,
  "cloudformation:ListStackResources": stacks,
  "cloudformation:GetTemplate": stacks,
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Action = keyof typeof actions;

/** Returns an IAM policy document that allows the live check and nothing else, as a value for JSON. */
export function minimalPolicy(partition = "aws"): object {
  const byResources = new Map<string, { readonly resources: readonly string[]; readonly actions: string[] }>();
  for (const [action, resources] of Object.entries(actions)) {
    const key = resources.join();
    const group = byResources.get(key) ?? { resources, actions: [] };
    byResources.set(key, group);
    group.actions.push(action);
  }
  const fill = (resource: string) => resource.replace("${partition}", partition);
  return {
    Version: "2012-10-17",
    Statement: [...byResources.values()].map(({ resources, actions }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources.length === 1 ? fill(resources[0] ?? "*") : resources.map(fill),
    })),
  };
}

/** Returns the partition of a region, which ARNs in a policy name; that of most regions where none is given. */
export function partitionOf(region = ""): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

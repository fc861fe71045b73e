/**
 * The lists of what may be asked of AWS: by the live check, and by whoever resolves what templates only name. Every
 * action reads and none writes; the policies that they need are made from these lists, and a test holds the lists
 * against the calls that go over the wire.
 */

/** What an action is asked about: ARNs with `${partition}`, or `*` where AWS knows no narrower resource. */
const functions = ["arn:${partition}:lambda:*:*:function:*"];
const providers = ["arn:${partition}:lambda:*:*:capacity-provider:*"];
const roles = ["arn:${partition}:iam::*:role/*"];
const policies = ["arn:${partition}:iam::*:policy/*", "arn:${partition}:iam::aws:policy/*"];
const stacks = ["arn:${partition}:cloudformation:*:*:stack/*/*"];
const parameters = ["arn:${partition}:ssm:*:*:parameter/*"];
const everything = ["*"];

/** What a network and its roles are asked about with, whoever asks. */
const network = {
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
} as const;

type Actions = Readonly<Record<string, readonly string[]>>;

/**
 * The actions of the live check, each with the resources that the policy grants it on (AWS Service Authorization
 * Reference).
 */
export const actions = {
  "lambda:GetFunctionConfiguration": functions,
  "lambda:GetCapacityProvider": providers,
  "lambda:ListFunctions": everything,
  ...network,
  "cloudformation:ListStacks": everything,
  "cloudformation:DescribeStacks": stacks,
  "cloudformation:ListStackResources": stacks,
  "cloudformation:GetTemplate": stacks,
} as const satisfies Actions;

/** The actions with which the things are found that templates only name. */
export const resolveActions = {
  ...network,
  "cloudformation:ListExports": everything,
  "cloudformation:DescribeStacks": stacks,
  "ssm:GetParameters": parameters,
} as const satisfies Actions;

export type Action = keyof typeof actions | keyof typeof resolveActions;

/** Returns an IAM policy document that allows these actions and nothing else, as a value for JSON. */
export function minimalPolicy(partition = "aws", allowed: Actions = actions): object {
  const byResources = new Map<string, { readonly resources: readonly string[]; readonly actions: string[] }>();
  for (const [action, resources] of Object.entries(allowed)) {
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

/** What the commands that ask AWS share: the policy that they need, and advice where AWS does not tell. */
import { type actions, minimalPolicy, partitionOf, type resolveActions } from "../live/actions";
import { whyFailed } from "../live/failure";
import type { Refusal } from "../live/live";
import { listed, type Message, message } from "../message";

/** Returns the IAM policy for a region, or for that of the environment, as JSON; `allowed` where it is not the check's. */
export function policyFor(region: string | undefined, allowed?: typeof actions | typeof resolveActions): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const partition = partitionOf(region ?? AWS_REGION ?? AWS_DEFAULT_REGION);
  return `${JSON.stringify(minimalPolicy(partition, allowed), undefined, 2)}\n`;
}

/** Returns what went wrong, and what the person can do about it. */
export function adviceFor(
  refusal: Refusal,
  name: string | undefined,
  command: "deployed" | "check . --resolve-account",
): [Message, ...Message[]] {
  const { region, profile, account } = refusal;
  if (refusal.why === "no-region") {
    return [message("no region is set"), message("name one with --region, in AWS_REGION, or in the profile")];
  }
  const { failure } = refusal;
  const where = listed([
    account === undefined ? message("account unknown") : message("account {0}", account),
    region === undefined ? message("region unknown") : message("region {0}", region),
    ...(profile === undefined ? [] : [message("profile {0}", profile)]),
  ]);
  const why = whyFailed(failure);
  switch (failure.kind) {
    case "not-found":
      if (failure.action === "cloudformation:ListStackResources") {
        return [message("the stack has no function {0} ({1})", failure.detail, where)];
      }
      return [
        failure.action === "cloudformation:DescribeStacks"
          ? message("there is no such stack in {0}", where)
          : message("there is no function {0} in {1}", name ?? "", where),
        message("another --region or --profile may have it"),
      ];
    case "credentials":
      return [
        why,
        failure.sso
          ? message("run: {0}", `aws sso login${profile === undefined ? "" : ` --profile ${profile}`}`)
          : message("sign in again, or name another profile with --profile"),
      ];
    case "denied":
      return [
        message("{0} ({1})", why, where),
        message("`{0}` prints what is needed", `lambda-egress ${command} --minimal-policy`),
      ];
    default:
      return [message("{0} ({1})", why, where)];
  }
}

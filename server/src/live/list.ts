/** The functions of an account and region, for somebody who is choosing one. */
import { type FunctionConfiguration, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import type { Answer } from "./failure";
import { placeOf, type Wish } from "./profile";
import { type Limits, openSession, type Session } from "./session";

export interface ListedFunction {
  readonly name: string;
  readonly inVpc: boolean;
}

/**
 * Hands out the functions page by page as they come, and returns why the rest is missing where a page did not
 * come; undefined when all did. Never throws.
 */
export async function listFunctions(
  wish: Wish & { readonly region: string },
  limits: Limits,
  onPage: (functions: readonly ListedFunction[]) => void,
) {
  const session = openSession({ ...(await placeOf(wish)), region: wish.region }, limits);
  try {
    const answer = await allFunctions(session, (page) => onPage(page.map(toListed)));
    return answer.ok ? undefined : answer.failure;
  } finally {
    session.close();
  }
}

/** Returns every function of the region, in a VPC or not; `onPage` sees each page before the next is asked for. */
export function allFunctions(
  session: Session,
  onPage: (functions: readonly FunctionConfiguration[]) => void = () => {},
): Promise<Answer<readonly FunctionConfiguration[]>> {
  return session.list("lambda:ListFunctions", async ({ lambda }, options, Marker) => {
    const { Functions: items = [], NextMarker: next } = await lambda.send(
      new ListFunctionsCommand({ Marker }),
      options,
    );
    onPage(items);
    return { items, next };
  });
}

/** Returns whether the function's network is the person's own, directly or through a capacity provider. */
export function isInVpc(fn: Pick<FunctionConfiguration, "VpcConfig" | "CapacityProviderConfig">): boolean {
  return (fn.VpcConfig?.SubnetIds?.length ?? 0) > 0 || fn.CapacityProviderConfig !== undefined;
}

function toListed(fn: FunctionConfiguration): ListedFunction {
  return { name: fn.FunctionName ?? fn.FunctionArn ?? "", inVpc: isInVpc(fn) };
}

/** Fn::Cidr for literal IPv4 blocks. */

/**
 * Returns the first `count` blocks of `bits` host bits inside an IPv4 CIDR block, or undefined where
 * the block is no IPv4 CIDR or the numbers fit nothing.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
 */
export function cidrBlocks(block: string, count: number, bits: number): string[] | undefined {
  const [, ...numbers] = (/^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(block) ?? []).map(Number);
  const [a, b, c, d, prefix] = numbers;
  if (a === undefined || b === undefined || c === undefined || d === undefined || prefix === undefined)
    return undefined;
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  if (!Number.isInteger(count) || count < 1 || count > 256 || !Number.isInteger(bits) || bits < 1 || bits > 32)
    return undefined;
  const length = 2 ** (32 - prefix);
  const size = 2 ** bits;
  if (size * count > length) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const start = address - (address % length);
  return Array.from({ length: count }, (_, index) => {
    const at = start + size * index;
    return `${[at / 2 ** 24, at / 2 ** 16, at / 2 ** 8, at].map((part) => Math.floor(part) % 256).join(".")}/${32 - bits}`;
  });
}

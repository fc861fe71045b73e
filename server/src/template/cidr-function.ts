/** Fn::Cidr for literal IPv4 blocks. */
import { parseCidr } from "cidr-tools";

/**
 * Returns the first `count` blocks of `bits` host bits inside an IPv4 CIDR block, or undefined where
 * the block is no IPv4 CIDR or the numbers fit nothing.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
 */
export function cidrBlocks(block: string, count: number, bits: number): string[] | undefined {
  if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(block)) return undefined;
  if (!Number.isInteger(count) || count < 1 || count > 256 || !Number.isInteger(bits) || bits < 1 || bits > 31)
    return undefined;
  try {
    const { start, end } = parseCidr(block);
    const size = 2n ** BigInt(bits);
    if (start + size * BigInt(count) - 1n > end) return undefined;
    return Array.from({ length: count }, (_, index) => {
      const at = Number(start + size * BigInt(index));
      const octets = [at >>> 24, (at >>> 16) & 255, (at >>> 8) & 255, at & 255];
      return `${octets.join(".")}/${32 - bits}`;
    });
  } catch {
    return undefined;
  }
}

/** An exact decimal: `units` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Digits and one point, as a person writes an amount. No exponents, signs of plus, spaces, separators or leading zeros: readers differ. */
const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** More than any amount has. Keeps the arithmetic small. */
const LONGEST = 64;

/** Reads a plain decimal; null where it is none. */
export function readDecimal(text: string): Decimal | null {
  if (text.length > LONGEST || !PLAIN.test(text)) return null;
  const point = text.indexOf('.');
  if (point < 0) return { units: BigInt(text), scale: 0 };
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** Less than 0, 0, or more than 0, as `a` is less than, equal to or more than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const [left, right] = aligned(a, b);
  return { units: left + right, scale: Math.max(a.scale, b.scale) };
}

export const subtractDecimals = (a: Decimal, b: Decimal): Decimal =>
  addDecimals(a, { units: -b.units, scale: b.scale });

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint] {
  if (a.scale === b.scale) return [a.units, b.units];
  const scale = Math.max(a.scale, b.scale);
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale)];
}

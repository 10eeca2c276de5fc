/** A price by the name of a model. Names come from tenants: none may reach what every object inherits. */
export function lookUp<Price>(
  prices: Readonly<Record<string, Price>>,
  model: string,
): Price | null {
  return Object.hasOwn(prices, model) ? (prices[model] ?? null) : null;
}

/** Millionths rounded up; binary fractions may not: 0.1 + 0.2 must not become one more. */
export function toWholeMicros(micros: number): number {
  return Math.ceil(Number(micros.toFixed(6)));
}

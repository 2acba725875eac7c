// What tokens of common models cost, so that a judge's bill can be counted without asking anyone. Prices change: they are
// those of the date below, settings override them, and a model that is not known costs null, never 0.

/** US dollars for a million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

export interface TokenCount {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Public list prices, without discounts for cached input or batches. */
export const PRICES_AS_OF = '2026-07-11';

export const PRICES: Readonly<Record<string, TokenPrice>> = {
  'gpt-4o': { input: 2.5, output: 10 },
  'gpt-4o-mini': { input: 0.15, output: 0.6 },
  'gpt-4.1': { input: 2, output: 8 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, output: 0.4 },
  'gpt-5': { input: 1.25, output: 10 },
  'gpt-5-mini': { input: 0.25, output: 2 },
  'gpt-5-nano': { input: 0.05, output: 0.4 },
  'gpt-5.2': { input: 1.75, output: 14 },
  'o4-mini': { input: 1.1, output: 4.4 },
  'claude-sonnet-4-5': { input: 3, output: 15 },
  'claude-haiku-4-5': { input: 1, output: 5 },
  'gemini-2.5-pro': { input: 1.25, output: 10 },
  'gemini-2.5-flash': { input: 0.3, output: 2.5 },
  'deepseek-v4-flash': { input: 0.14, output: 0.28 },
  // As OpenAI's pages of these models state them; embeddings have no output.
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'text-embedding-3-large': { input: 0.13, output: 0 },
};

/**
 * The price of `model`, or null when it is not known. A date at the end (`gpt-4.1-mini-2025-04-14`) and a router's prefix
 * (`openai/`) do not count: the snapshots of a model cost the same.
 */
export function priceOf(
  model: string,
  overrides: Readonly<Record<string, TokenPrice>> = {},
): TokenPrice | null {
  const bare = model.replace(/^.*\//u, '');
  const undated = bare.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8})$/u, '');
  for (const prices of [overrides, PRICES]) {
    for (const name of [model, bare, undated]) {
      // A model called "constructor" has no price.
      const price = Object.hasOwn(prices, name) ? prices[name] : undefined;
      if (price !== undefined) return price;
    }
  }
  return null;
}

const MILLION = 1_000_000;

/** US dollars; null when the price is. */
export function costOf(tokens: TokenCount, price: TokenPrice | null): number | null {
  if (price === null) return null;
  return (tokens.promptTokens * price.input + tokens.completionTokens * price.output) / MILLION;
}

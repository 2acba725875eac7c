// How texts become tokens for measures of machine translation: "13a", the tokenizer of mteval-v13a, as sacrebleu writes it. It
// parts ASCII punctuation from words and leaves everything else alone.

/** Tokens of `text`, in order; none of a blank text. */
export function tokensOf(text: string): readonly string[] {
  const plain = text
    .trimEnd()
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return (
    ` ${plain} `
      .replaceAll(/[{-~[-` -&(-+:-@/]/gu, ' $& ')
      // A period or comma inside a number stays there.
      .replaceAll(/([^0-9])([.,])/gu, '$1 $2 ')
      .replaceAll(/([.,])([^0-9])/gu, ' $1 $2')
      .replaceAll(/([0-9])(-)/gu, '$1 $2 ')
      .split(/\s+/u)
      .filter((token) => token !== '')
  );
}

/** How often each stretch of `n` tokens occurs. Tokens hold no blanks, so that a blank parts them. */
export function gramCounts(tokens: readonly string[], n: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + n <= tokens.length; at += 1) {
    const gram = tokens.slice(at, at + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** How many stretches the two have in common, each as often as it occurs in both. */
export function commonGrams(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let common = 0;
  for (const [gram, count] of a) common += Math.min(count, b.get(gram) ?? 0);
  return common;
}

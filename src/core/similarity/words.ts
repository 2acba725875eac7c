// Words as comparisons of texts count them: lower case, without punctuation and diacritics, so that spelling and layout make
// no difference. Scripts that are written without blanks count each character.

import { mix32 } from '../random.ts';

const WORDS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[\p{L}\p{N}]+(?:[.,](?=\p{N})\p{N}+)*/gu;

/** The words of `text` in order. A number keeps its separators: 1.5 is not 1 and 5. */
export function wordsOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
  return plain.match(WORDS) ?? [];
}

/** FNV-1a over UTF-16 units, mixed at the end, as an unsigned 32-bit number. */
export function hash32(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return mix32(hash);
}

/** Stretches of `n` words, joined by blanks; the whole text where it has fewer. None for a text without words. */
export function gramsOf(words: readonly string[], n: number): readonly string[] {
  if (words.length === 0) return [];
  if (words.length <= n) return [words.join(' ')];
  return Array.from({ length: words.length - n + 1 }, (_, at) => words.slice(at, at + n).join(' '));
}

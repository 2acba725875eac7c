// Words as comparisons of texts count them: lower case, without punctuation and diacritics, so that spelling and layout make
// no difference. Scripts that are written without blanks count each character.

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

/** FNV-1a over UTF-16 units, mixed at the end (murmur3's finaliser), as an unsigned 32-bit number. */
export function hash32(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return mix32(hash);
}

/** Spreads the bits of a 32-bit number; one to one. */
export function mix32(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Stretches of `n` words, joined by blanks; the whole text where it has fewer. None for a text without words. */
export function gramsOf(words: readonly string[], n: number): readonly string[] {
  if (words.length === 0) return [];
  if (words.length <= n) return [words.join(' ')];
  return Array.from({ length: words.length - n + 1 }, (_, at) => words.slice(at, at + n).join(' '));
}

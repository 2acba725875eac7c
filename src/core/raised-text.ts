// Raised and lowered text as plain text. "10" with a raised "8" is not 108, and a text that lost the difference teaches wrong
// numbers: digits and signs become the characters that Unicode has for them, all else is marked.

const RAISED: Readonly<Record<string, string>> = {
  ...charactersOf('0123456789+-=()ni', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ'),
  '−': '⁻',
};
const LOWERED: Readonly<Record<string, string>> = {
  ...charactersOf('0123456789+-=()', '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎'),
  '−': '₋',
};
/** What stays readable unmarked: 21st, 2ème, 37°. */
const UNMARKED = /^(?:st|nd|rd|th|er|re|ème|e|o|a|ª|º|°|′|″|\*|†|‡|™|®|TM|SM)$/u;

/** `10` + `superscript('8')` reads 10⁸, and e + `superscript('x')` reads e^x. */
export function superscript(text: string): string {
  return UNMARKED.test(text.trim()) ? text.trim() : moved(text.trim(), RAISED, '^');
}

/** `H` + `subscript('2')` reads H₂, and v + `subscript('max')` reads v_max. */
export function subscript(text: string): string {
  return moved(text.trim(), LOWERED, '_');
}

function moved(text: string, characters: Readonly<Record<string, string>>, mark: string): string {
  if (text === '') return '';
  const found = Array.from(text, (character) => characters[character]);
  if (found.every((character) => character !== undefined)) return found.join('');
  return /^[\p{L}\p{N}]+$/u.test(text) ? `${mark}${text}` : `${mark}(${text})`;
}

function charactersOf(from: string, to: string): Record<string, string> {
  const replacements = Array.from(to);
  return Object.fromEntries(Array.from(from, (character, index) => [character, replacements[index] ?? '']));
}

// The fast path for numbers in their plainest form, which is most of all answers: no allocation, no pattern. What it does not
// take is not wrong, only for the full reader.

/**
 * The value of "18", "-2.50", "1,234" or "$18"; NaN for anything else, and beyond fifteen digits. Up to there a double holds
 * each decimal number apart from all others, so two of them are equal exactly when their values are.
 */
export function plainNumber(text: string): number {
  const length = text.length;
  let at = 0;
  const isNegative = text.charCodeAt(0) === 45;
  if (isNegative) at = 1;
  else if (text.charCodeAt(0) === 36) at = 1;
  let value = 0;
  let digits = 0;
  let decimals = -1; // -1: before the point.
  let sinceComma = -1; // -1: no comma yet.
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      value = value * 10 + (code - 48);
      digits += 1;
      if (digits > 15) return Number.NaN;
      if (decimals >= 0) decimals += 1;
      else if (sinceComma >= 0) sinceComma += 1;
    } else if (code === 46) {
      if (decimals >= 0 || digits === 0) return Number.NaN;
      decimals = 0;
    } else if (code === 44) {
      // Groups of three, the first one shorter and not "0": "0,125" has a decimal comma.
      const isGroup = sinceComma < 0 ? digits >= 1 && digits <= 3 && value > 0 : sinceComma === 3;
      if (!isGroup || decimals >= 0 || text.charCodeAt(isNegative ? 1 : 0) === 48) return Number.NaN;
      sinceComma = 0;
    } else return Number.NaN;
  }
  if (digits === 0 || decimals === 0 || (sinceComma >= 0 && sinceComma !== 3)) return Number.NaN;
  // Both sides of this division are exact, so it is rounded once, the same for each spelling.
  const size = decimals > 0 ? value / 10 ** decimals : value;
  return isNegative && size !== 0 ? -size : size;
}

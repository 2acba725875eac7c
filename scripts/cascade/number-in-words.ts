// English words of a number, as people write answers: "one thousand two hundred and five", "minus three", "nineteen point
// five". Written apart from the reader in core/number-words.ts on purpose: a test must not read by what it wrote with.

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const GROUPS = ['', ' thousand', ' million'];

/** Words of a plain decimal ("1205", "-3", "19.5") below a thousand million; undefined for all others. */
export function numberInWords(decimal: string): string | undefined {
  const match = /^(?<sign>-?)(?<whole>\d{1,9})(?:\.(?<parts>\d{1,2}))?$/u.exec(decimal);
  if (match?.groups === undefined) return undefined;
  const { sign, whole = '0', parts } = match.groups;
  const said = wholeInWords(Number(whole));
  const tail =
    parts === undefined
      ? ''
      : ` point ${parts
          .split('')
          .map((digit) => ONES[Number(digit)])
          .join(' ')}`;
  return `${sign === '-' ? 'minus ' : ''}${said}${tail}`;
}

function wholeInWords(value: number): string {
  if (value === 0) return ONES[0] ?? '';
  const said: string[] = [];
  let rest = value;
  for (let group = 0; rest > 0; group += 1) {
    const part = rest % 1_000;
    if (part > 0) said.unshift(`${belowThousand(part)}${GROUPS[group] ?? ''}`);
    rest = Math.floor(rest / 1_000);
  }
  return said.join(' ');
}

function belowThousand(value: number): string {
  const [hundreds, rest] = [Math.floor(value / 100), value % 100];
  const words = hundreds === 0 ? '' : `${ONES[hundreds] ?? ''} hundred`;
  if (rest === 0) return words;
  return hundreds === 0 ? belowHundred(rest) : `${words} and ${belowHundred(rest)}`;
}

function belowHundred(value: number): string {
  if (value < 20) return ONES[value] ?? '';
  const [tens, ones] = [TENS[Math.floor(value / 10)] ?? '', value % 10];
  return ones === 0 ? tens : `${tens}-${ONES[ones] ?? ''}`;
}

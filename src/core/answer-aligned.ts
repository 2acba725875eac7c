// A derivation set in rows, `\begin{align*} x &= 5 + 6 \\ &= 11 \end{align*}`: its last row says the answer.

const CLOSING = /\\end\{(align|aligned|gather|equation|eqnarray|split|multline)(\*?)\}[\s.$\]\\]*$/;
const DERIVATION_CHARS_MAX = 2_000;

/** The value in the last row of the derivation that a text ends with; a system as a list. Undefined when it ends otherwise. */
export function lastAlignedValue(text: string): string | undefined {
  if (!text.includes('\\end{')) return undefined;
  const tail = text.slice(-DERIVATION_CHARS_MAX);
  const closing = CLOSING.exec(tail);
  if (closing === null) return undefined;
  const opening = `\\begin{${closing[1] ?? ''}${closing[2] ?? ''}}`;
  const open = tail.lastIndexOf(opening, closing.index);
  if (open < 0) return undefined;
  const rows = tail
    .slice(open + opening.length, closing.index)
    .split(/\\\\(?:\[[^\]]*\])?/)
    .map((row) => row.replaceAll(/\\tag\{[^}]*\}|&/g, ' ').trim())
    .filter((row) => row !== '');
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  if (isSystem(rows)) return rows.map((row) => row.replace(/[.,]$/, '')).join(', ');
  return last.replace(/^\\?=\s*/, '').replace(/[.,]$/, '');
}

/** Every row gives another name a value: `x = 1 \\ y = 2`. */
function isSystem(rows: readonly string[]): boolean {
  const names = rows.map((row) => /^([A-Za-z](?:_\w|_\{\w+\})?)\s*=/.exec(row)?.[1]);
  return rows.length > 1 && !names.includes(undefined) && new Set(names).size === rows.length;
}

// A terminal that knows what the live panel writes and refuses everything else: lines, carriage return, up, erase.

export interface SmallTerminal {
  readonly isTTY: true;
  columns: number;
  rows: number;
  write(text: string): boolean;
  /** What is on it and above it, without what is empty behind the text. */
  text(): string;
  /** Row of the cursor. */
  row(): number;
  readonly writes: readonly string[];
}

const TOKEN = /␛\[(?<count>\d*)(?<command>[AJK])|␛\[\?2026[hl]|(?<control>[\r\n])|(?<text>[^␛\r\n]+)/y;

/** Texts may only hold characters of one cell: it counts none. */
export function smallTerminal(size: { readonly columns: number; readonly rows: number }): SmallTerminal {
  const lines: string[] = [''];
  const writes: string[] = [];
  let [row, column] = [0, 0];
  const put = (text: string): void => {
    for (const character of text) {
      if (column === terminal.columns) [row, column] = [row + 1, 0];
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + character + line.slice(column + 1);
      column += 1;
    }
  };
  const terminal: SmallTerminal = {
    isTTY: true,
    ...size,
    writes,
    write(written) {
      writes.push(written);
      // Escape as it is printed: a pattern of control characters is more often a slip than meant.
      const text = written.replaceAll('\u001b', '␛');
      const token = new RegExp(TOKEN);
      while (token.lastIndex < text.length) {
        const { groups } = token.exec(text) ?? {};
        if (groups === undefined) throw new Error(`The terminal does not know ${JSON.stringify(text)}`);
        if (groups['text'] !== undefined) put(groups['text']);
        if (groups['control'] === '\r') column = 0;
        if (groups['control'] === '\n') [row, column] = [row + 1, 0];
        if (groups['command'] === 'A') row = Math.max(0, row - Number(groups['count']));
        if (groups['command'] === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
        if (groups['command'] === 'J') {
          lines[row] = (lines[row] ?? '').slice(0, column);
          lines.length = row + 1;
        }
      }
      return true;
    },
    text: () =>
      Array.from(lines, (line: string | undefined) => (line ?? '').trimEnd())
        .join('\n')
        .trimEnd(),
    row: () => row,
  };
  return terminal;
}

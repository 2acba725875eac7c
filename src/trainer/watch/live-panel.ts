// Lines at the bottom of a terminal that are drawn over again in place. The cursor is never hidden and always stands below them, so
// that whatever ends the process leaves a terminal that works.

import { cellsOf } from './terminal-text.ts';

export interface Screen {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const COLUMNS = 80;
const ROWS = 24;
/** Begins and ends what a terminal shows at once; those that do not know it pass it over. */
const [TOGETHER, SHOW] = ['\u001b[?2026h', '\u001b[?2026l'];
const ERASE_REST_OF_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';

export class LivePanel {
  readonly #screen: Screen;
  /** Cells of each line on the screen. */
  #drawn: readonly number[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** One less than there are: some terminals begin a new line as soon as the last cell is filled. */
  get columns(): number {
    return Math.max(1, (this.#screen.columns || COLUMNS) - 1);
  }

  /** @param lines of at most `columns` cells; the last ones are left out where the screen is not high enough */
  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, (this.#screen.rows || ROWS) - 1));
    const text = shown.map((line) => `${line}${ERASE_REST_OF_LINE}\n`).join('');
    this.#screen.write(`${TOGETHER}${this.#up()}${text}${ERASE_BELOW}${SHOW}`);
    this.#drawn = shown.map(cellsOf);
  }

  /** Something that stays, above the lines. */
  say(text: string, lines: readonly string[]): void {
    this.#screen.write(`${this.#up()}${ERASE_BELOW}${text}\n`);
    this.#drawn = [];
    this.draw(lines);
  }

  /** Leaves the lines on the screen for good; what is drawn next begins below. */
  leave(): void {
    this.#drawn = [];
  }

  /** To the first of the lines. A terminal that has become narrower shows one line in several rows. */
  #up(): string {
    const columns = this.#screen.columns || COLUMNS;
    const rows = this.#drawn.reduce((sum, cells) => sum + Math.max(1, Math.ceil(cells / columns)), 0);
    return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
  }
}

// What a person sees in the terminal: lines that fit, a panel that is drawn in place, nothing that a completion could do to it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LivePanel } from '../../../../src/trainer/watch/live-panel.ts';
import { cellsOf, cut, fitted, oneLine, sparkline } from '../../../../src/trainer/watch/terminal-text.ts';
import { openTerminalView } from '../../../../src/trainer/watch/terminal-view.ts';
import { TrainingHistory } from '../../../../src/trainer/watch/training-history.ts';
import { panelLines } from '../../../../src/trainer/watch/training-panel.ts';
import { duration, earned, figure, percent, smallFigure } from '../../../../src/trainer/watch/wording.ts';
import type { TrainingEvent } from '../../../../src/trainer/training-event.ts';
import { smallTerminal } from '../../../support/small-terminal.ts';
import { trainingEvents, trainingStart, trainingStep } from '../../../support/training-events.ts';

function historyOf(events: readonly TrainingEvent[]): TrainingHistory {
  const history = new TrainingHistory();
  for (const event of events) history.add(event);
  return history;
}

/** A clock that a test moves. */
function clock(): { at: number; readonly now: () => number } {
  const time = { at: 0, now: () => time.at };
  return time;
}

describe('oneLine()', () => {
  it.each([
    ['a\nb\r\nc', 'a⏎b⏎c'],
    ['\u001b[2J\u0007', '·[2J·'],
    ['a\tb', 'a b'],
    ['a\u202Eb\u200Bc', 'a·b·c'],
    ['\ud800x', '\ufffdx'],
    ['héllo 中文 👍', 'héllo 中文 👍'],
  ])('shows %j as %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });
});

describe('cut() and fitted()', () => {
  it.each([
    ['hello', 5, 'hello'],
    ['hello', 4, 'hel…'],
    ['中文字', 4, '中…'],
    ['中文字', 6, '中文字'],
    ['👩‍👩‍👧 family', 3, '👩‍👩‍👧…'],
    ['hello', 0, ''],
  ])('cut("%s", %i) is "%s"', (text, cells, shown) => {
    expect(cut(text, cells)).toBe(shown);
  });

  it('fitted() takes exactly its cells, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, cells) => {
        expect(cellsOf(fitted(oneLine(text), cells))).toBe(cells);
      }),
    );
  });
});

describe('sparkline()', () => {
  it.each([
    [[0, 0.5, 1], 10, '▁▅█'],
    [[0, 0, 1, 1], 2, '▁█'],
    [[2, -1], 10, '█▁'],
    [[0, Number.NaN, 1], 10, '▁ █'],
    [[], 10, ''],
    [[1], 0, ''],
  ])('of %j in %i cells is "%s"', (values, cells, line) => {
    expect(sparkline(values, { cells, low: 0, high: 1 })).toBe(line);
  });

  it('shows values without a range on one level', () => {
    expect(sparkline([3, 3], { cells: 5, low: 3, high: 3 })).toBe('▁▁');
  });
});

describe('figures', () => {
  it.each([
    [duration(7), '0:07'],
    [duration(3_723.4), '1:02:03'],
    [duration(undefined), '–'],
    [figure(0.85449), '0.854'],
    [figure(Number.NaN), '–'],
    [smallFigure(0.000_123_45), '0.000123'],
    [smallFigure(0), '0'],
    [percent(0.204), '20 %'],
    [
      earned({
        kind: 'unscorable',
        unscorable: { cause: 'no_answer', scorer: 'numeric', detail: '' },
        scores: [],
      }),
      'no_answer',
    ],
  ])('are read as %s', (shown, wanted) => {
    expect(shown).toBe(wanted);
  });
});

describe('panelLines()', () => {
  it('shows what is being done, how far, how well, how fast, and completions with what they earned', () => {
    const lines = panelLines(historyOf(trainingEvents(20).slice(0, -2)), 100).join('\n');
    for (const part of [
      'tiny decoder, 0.44 M parameters · cpu · arithmetic · grpo · seed 1',
      'step 20/20',
      '100 %',
      '0:10 gone, 0:00 left',
      'reward',
      'pass rate',
      'zero variance',
      'entropy 0.489',
      'KL 0.246',
      'loss -0.01',
      '12,345 tokens/s',
      'before on test: pass@1 0.300 (0.240 to 0.370), greedy, 200 questions',
      '1.00   37+48= → 85',
      '0.00   12+30= → 43',
    ]) {
      expect(lines).toContain(part);
    }
  });

  it('tells the time left by the pace of the last steps, not of the whole training', () => {
    const steps = Array.from({ length: 30 }, (_, index) =>
      // The first ten took a minute each.
      trainingStep(index + 1, {}, { wall_s: index < 10 ? (index + 1) * 60 : 600 + (index - 9) }),
    );
    const lines = panelLines(historyOf([trainingStart({ steps: 40 }), ...steps]), 100);
    expect(lines[1]).toContain('0:10 left');
  });

  it('shows the warm-up while there is no step', () => {
    const lines = panelLines(historyOf(trainingEvents(1).slice(0, 3)), 100).join('\n');
    expect(lines).toContain('warm-up step 100, until 20 % of sampled completions are right: 22 %');
  });

  it('keeps to the width for any completion', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 200 }),
        (prompt, completion, columns) => {
          const outcome = { kind: 'scored', reward: 1, scores: [] } as const;
          const step = trainingStep(1, {}, { shown: [{ prompt, completion, outcome, advantage: 0 }] });
          for (const line of panelLines(historyOf([trainingStart(), step]), columns)) {
            expect(cellsOf(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('LivePanel', () => {
  it('draws over its lines in place, also when there are fewer', () => {
    const screen = smallTerminal({ columns: 20, rows: 10 });
    screen.write('before\n');
    const panel = new LivePanel(screen);
    panel.draw(['one', 'two', 'three']);
    panel.draw(['1', 'zwei']);
    expect(screen.text()).toBe('before\n1\nzwei');
    expect(screen.row()).toBe(3);
  });

  it('says something above its lines, and leaves them where they are', () => {
    const screen = smallTerminal({ columns: 20, rows: 10 });
    const panel = new LivePanel(screen);
    panel.draw(['one', 'two']);
    panel.say('a warning', ['one', 'two']);
    panel.leave();
    panel.draw(['more']);
    expect(screen.text()).toBe('a warning\none\ntwo\nmore');
  });

  it('finds its first line again in a terminal that has become narrower', () => {
    const screen = smallTerminal({ columns: 5, rows: 20 });
    const panel = new LivePanel(screen);
    screen.columns = 20;
    panel.draw(['0123456789', 'x']);
    // The terminal shows the first line in two rows now.
    const narrow = smallTerminal({ columns: 5, rows: 20 });
    narrow.write('kept\n01234\n56789\nx\n');
    screen.columns = 5;
    const before = screen.writes.length;
    panel.draw(['a', 'b']);
    for (const text of screen.writes.slice(before)) narrow.write(text);
    expect(narrow.text()).toBe('kept\na\nb');
  });

  it('leaves out what a low terminal has no room for', () => {
    const screen = smallTerminal({ columns: 20, rows: 3 });
    new LivePanel(screen).draw(['1', '2', '3', '4']);
    expect(screen.text()).toBe('1\n2');
  });
});

describe('openTerminalView()', () => {
  it('keeps one panel on a terminal, with its last state when it stops, and never hides the cursor', () => {
    const screen = smallTerminal({ columns: 110, rows: 30 });
    const time = clock();
    const view = openTerminalView({ screen, now: time.now });
    for (const event of trainingEvents(25)) {
      view.watch(event);
      time.at += 30;
    }
    view.say('a warning\u001b[2J');
    view.stop();
    view.stop();
    const text = screen.text();
    expect(text.match(/step 25\/25/gu)).toHaveLength(1);
    expect(text).toContain('done');
    expect(text.split('\n')[0]).toBe('a warning·[2J');
    expect(screen.writes.join('')).not.toContain('?25');
    expect(screen.row()).toBe(text.split('\n').length);
  });

  it('draws no more often than one can see', () => {
    const screen = smallTerminal({ columns: 110, rows: 30 });
    const view = openTerminalView({ screen, now: () => 0 });
    for (let step = 1; step <= 50; step += 1) view.watch(trainingStep(step));
    expect(screen.writes).toHaveLength(1);
    view.stop();
    expect(screen.text()).toContain('step 50');
  });

  it('writes plain lines where nobody looks on: few of the many steps, every evaluation, the last step', () => {
    const written: string[] = [];
    const time = clock();
    const screen = { isTTY: false, write: (text: string) => written.push(text) };
    const view = openTerminalView({ screen, now: time.now });
    for (const event of trainingEvents(20)) {
      view.watch(event);
      time.at += 500;
    }
    view.say('a warning');
    view.stop();
    const lines = written.join('').trimEnd().split('\n');
    expect(lines[0]).toBe(
      'training tiny decoder, 0.44 M parameters on cpu: arithmetic, grpo, seed 1, run run-1',
    );
    expect(lines.filter((line) => line.startsWith('step ')).length).toBe(5);
    expect(lines).toContainEqual(expect.stringContaining('step 20/20: reward 0.749 pass rate 0.749'));
    expect(lines.at(-2)).toBe('done: reward 0.335 → 0.880 in 20 steps, 0:10, 6,100 tokens/s on cpu');
    expect(lines.at(-1)).toBe('a warning');
    expect(written.join('')).not.toContain('\u001b');
  });
});

// The report of a run as text: every figure of the run is in it, and what is not known is said to be unknown.

import { describe, expect, it } from 'vitest';

import { reportText } from '../../../../src/core/report-text.ts';
import { FigureTaker } from '../../../../src/generate/report/figures.ts';
import { runReportDocument } from '../../../../src/generate/report/run-report-document.ts';
import { runReport } from '../../../support/run-report.ts';
import { pairItem } from '../../../support/stage-world.ts';

function textOf(facts: Partial<Parameters<typeof runReportDocument>[0]> = {}): string {
  return reportText(
    runReportDocument({
      name: 'physics',
      recipe: 'webscale-rl',
      run: runReport(),
      figures: undefined,
      kept: undefined,
      refused: {},
      ...facts,
    }),
  );
}

describe('runReportDocument()', () => {
  it('tells the funnel with reasons, examples and costs', () => {
    expect(textOf()).toMatchInlineSnapshot(`
      "How the dataset "physics" was generated

      recipe                 webscale-rl
      state                  finished
      documents              3
      passages               4
      pairs written          9
      pairs kept             6
      items without a reply  0
      calls                  4
      cost                   $0.0200
      time                   12.3 s

      What each stage did
      ───────────────────

      stage          in  kept  made  dropped  no reply  calls  from journal     cost  of it lost
      generate        4     0     9        0         0      4             1  $0.0200    $0.00500
      string_checks   9     6     0        3         0      0             0    $0.00       $0.00

      Items that went on from each stage
      generate       9  ██████████████████████████████
      string_checks  6  ████████████████████
      (items)

      What was left out, and why
      ──────────────────────────

      string_checks: leaks answer  3  ██████████████████████████████
      (items)

      documents: not utf8 (1)
        - photo.txt: byte 0 is no text

      string_checks: leaks answer (3)
        - Is <b>radium</b> radium?: the question has "radium"

      What it cost
      ────────────

      model              calls  prompt tokens  completion tokens     cost
      teacher (gpt-4.1)      4          4,000                800  $0.0200

      all replies that were used, whenever they were bought  $0.0250
      for each pair that was kept                            $0.00417"
    `);
  });

  it('tells what the dataset looks like and what a pair cost', () => {
    const taker = new FigureTaker();
    for (let at = 0; at < 5; at += 1) taker.add(pairItem(at, { domain: 'Math' }));
    const text = textOf({ figures: taker.figures(), kept: 4, refused: { duplicate_prompt: 1 } });
    expect(text).toMatch(/pairs kept\s+4/);
    expect(text).toMatch(/for each pair that was kept\s+\$0\.00625/);
    expect(text).toMatch(/dataset: duplicate prompt\s+1/);
    expect(text).toMatch(/Domains\nMath\s+5/);
  });

  it('says that a cost is unknown rather than 0, and why a run stopped', () => {
    const text = textOf({
      run: runReport({
        costUsd: null,
        state: 'stopped',
        stopped: { reason: 'budget_spent', detail: 'The budget is spent' },
      }),
    });
    expect(text).toMatch(/cost\s+unknown/);
    expect(text).toContain('stopped: The budget is spent');
  });
});

// The page of a report in a real browser: its charts are there, it asks for nothing, and no text of it becomes markup.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { reportPage } from '../../src/adapters/report-page.ts';
import type { ReportBlock, ReportDocument } from '../../src/core/report-document.ts';
import { runReportDocument } from '../../src/generate/report/run-report-document.ts';
import { TrainingHistory } from '../../src/trainer/watch/training-history.ts';
import { trainingReport } from '../../src/trainer/watch/training-report.ts';
import { FigureTaker } from '../../src/generate/report/figures.ts';
import { runReport } from '../support/run-report.ts';
import { pairItem } from '../support/stage-world.ts';
import { trainingEvents } from '../support/training-events.ts';

const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(BROWSER);
const HOSTILE = '<script>document.title = "taken"</script><img src="https://example.org/x.png">';

function hostileReport(): ReportDocument {
  const taker = new FigureTaker();
  for (let at = 0; at < 40; at += 1) {
    taker.add(
      pairItem(at, {
        question: `Who found ${HOSTILE} ${at}?`,
        domain: `${HOSTILE}${at % 3}`,
        passRate: at / 40,
      }),
    );
  }
  const lines = {
    kind: 'lines' as const,
    title: 'Reward',
    x: 'step',
    y: 'mean reward',
    series: [
      { name: HOSTILE, points: [[0, 0.1] as const, [1, 0.5] as const] },
      { name: 'baseline', points: [[0, 0.1] as const, [1, 0.1] as const] },
    ],
  };
  const run = runReportDocument({
    name: HOSTILE,
    recipe: 'webscale-rl',
    run: runReport(),
    figures: taker.figures(),
    kept: 38,
    refused: { duplicate_prompt: 2 },
  });
  return { ...run, blocks: [...run.blocks, lines] };
}

function chartsOf(block: ReportBlock): number {
  if (block.kind === 'grid') return block.charts.length;
  return block.kind === 'bars' || block.kind === 'lines' ? 1 : 0;
}

/** A training whose policy writes what would like to be a page. */
function hostileTraining(): ReportDocument {
  const history = new TrainingHistory();
  for (const event of trainingEvents(30)) {
    if (event.kind === 'start')
      history.add({ ...event, settings: { ...event.settings, [HOSTILE]: HOSTILE } });
    else if (event.kind !== 'step') history.add(event);
    else
      history.add({
        ...event,
        shown: event.shown.map((each) => ({ ...each, prompt: HOSTILE, completion: `${HOSTILE}\n\u202e` })),
      });
  }
  return trainingReport(history);
}

// Runs wherever a Chromium is installed: CHROMIUM names another one.
describe.skipIf(!hasBrowser)(
  `reportPage()${hasBrowser ? '' : ` (skipped: no browser at ${BROWSER})`}`,
  () => {
    it.each([
      ['generation', hostileReport, 'leaks answer (3)'],
      ['training', hostileTraining, 'after30testgreedy2000.9000.850 to 0.930'],
    ])(
      'shows a %s without a script or a request, and takes all text as text',
      async (name, report, words) => {
        const folder = mkdtempSync(join(tmpdir(), 'report-'));
        const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
        try {
          const page = await browser.newPage({ viewport: { width: 1000, height: 1400 } });
          const asked: string[] = [];
          const errors: string[] = [];
          page.on('request', (request) => asked.push(request.url()));
          page.on('pageerror', (error) => errors.push(error.message));
          page.on('console', (line) => errors.push(line.text()));
          const full = report();
          const path = join(folder, 'report.html');
          writeFileSync(path, reportPage(full));
          await page.goto(pathToFileURL(path).href);
          expect(await page.locator('figure svg').count()).toBe(
            full.blocks.reduce((sum, block) => sum + chartsOf(block), 0),
          );
          const seen = await page.locator('figure svg').first().boundingBox();
          expect(seen?.height ?? 0).toBeGreaterThan(50);
          expect(await page.locator('script, img').count()).toBe(0);
          expect(await page.title()).toBe(full.title);
          expect(await page.textContent('body')).toContain(words);
          expect({ asked, errors }).toEqual({ asked: [pathToFileURL(path).href], errors: [] });
          if (process.env['SCREENSHOT'] !== undefined) {
            await page.screenshot({ path: `${process.env['SCREENSHOT']}-${name}.png`, fullPage: true });
          }
        } finally {
          await browser.close();
          rmSync(folder, { recursive: true });
        }
      },
    );

    it('fits a telephone: nothing is wider than the screen, and no short word of a table is broken', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'report-'));
      const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
        const path = join(folder, 'report.html');
        writeFileSync(path, reportPage(hostileTraining()));
        await page.goto(pathToFileURL(path).href);
        expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(390);
        const [before, step] = await Promise.all(
          ['td:text-is("before")', 'td:text-is("before") + td'].map((cell) =>
            page
              .locator(cell)
              .first()
              .evaluate((element) => {
                // A rectangle for each line of its text.
                const words = element.ownerDocument.createRange();
                words.selectNodeContents(element);
                return words.getClientRects().length;
              }),
          ),
        );
        expect({ before, step }).toEqual({ before: 1, step: 1 });
      } finally {
        await browser.close();
        rmSync(folder, { recursive: true });
      }
    });
  },
);

// The reference page in a real browser: it renders every operation, and asks nobody but its own server.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { CALL_NAMES, rowOf } from '../../src/contract/calls.ts';
import { createFakeServices } from '../support/fake-service.ts';
import { startTestServer } from '../support/test-server.ts';

const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(BROWSER);

// Runs wherever a Chromium is installed: CHROMIUM names another one.
describe.skipIf(!hasBrowser)(
  `the reference page${hasBrowser ? '' : ` (skipped: no browser at ${BROWSER})`}`,
  () => {
    it('renders every operation and makes no request outside its origin', async () => {
      const server = await startTestServer(createFakeServices());
      const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage({ viewport: { width: 1500, height: 1100 } });
        const asked: string[] = [];
        const refused: string[] = [];
        const errors: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        page.on('pageerror', (error) => errors.push(error.message));
        page.on('console', (line) => {
          if (line.type() === 'error') refused.push(line.text());
        });
        await page.goto(`${server.restUrl}/docs`);
        await page.waitForSelector('h2:has-text("Turns rewards that were computed elsewhere")');
        const text = (await page.textContent('body')) ?? '';
        for (const name of CALL_NAMES) expect(text).toContain(rowOf(name).summary);
        expect(text).toContain('What happens in a run, as it happens');
        const outside = asked.filter((url) => !url.startsWith(server.restUrl) && !/^(data|blob):/.test(url));
        expect({ outside, refused, errors }).toEqual({ outside: [], refused: [], errors: [] });
        if (process.env['SCREENSHOT'] !== undefined)
          await page.screenshot({ path: process.env['SCREENSHOT'] });
      } finally {
        await browser.close();
        server.close();
      }
    });
  },
);

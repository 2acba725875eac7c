// How much a generation run adds to the time of its model: many small documents through stages that ask, with the real client-side
// limits, journal and spool, and a model that is nothing but a wait. Says how busy the model was kept, how memory went, and what
// a document cost in time of this process.
//
//   node scripts/bench/generate.ts [DOCUMENTS] [LATENCY_MS] [CONCURRENCY]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteItemSpool } from '../../src/adapters/sqlite-item-spool.ts';
import { SqliteReplyJournal } from '../../src/adapters/sqlite-reply-journal.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { createRandom } from '../../src/core/random.ts';
import type { LanguageModel } from '../../src/ports/language-model.ts';
import { assembleManagedModel } from '../../src/services/language-models/managed-model.ts';
import { generationModel } from '../../test/support/generation-model.ts';
import { factDocuments, toyRun } from '../../test/support/generation-world.ts';
import { TOY_HANDLERS } from '../../test/support/toy-model.ts';

const [documents = 100_000, latencyMs = 50, concurrencyMax = 64] = process.argv.slice(2).map(Number);
const MIB = 2 ** 20;

/** Open calls over time, so that their mean is what a server would see. */
class Occupancy {
  open = 0;
  calls = 0;
  #area = 0;
  #since = performance.now();

  change(by: 1 | -1): void {
    this.#area += this.open * (performance.now() - this.#since);
    this.#since = performance.now();
    this.open += by;
    if (by === 1) this.calls += 1;
  }

  /** Mean since the last call of this. */
  take(sinceMs: number): number {
    this.#area += this.open * (performance.now() - this.#since);
    this.#since = performance.now();
    const mean = this.#area / sinceMs;
    this.#area = 0;
    return mean;
  }
}

const occupancy = new Occupancy();
const random = createRandom(1);
const say = generationModel(TOY_HANDLERS);

/** Waits from half to one and a half times the latency. */
const waiting: LanguageModel = {
  async complete({ messages, schema, model }) {
    occupancy.change(1);
    const delayMs = latencyMs * (0.5 + random.next());
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    occupancy.change(-1);
    const said = say({ model, messages, response_format: { json_schema: schema } });
    if (said.kind !== 'reply') throw new Error('The stand-in has no reply');
    return {
      text: said.text,
      finishReason: 'stop',
      usage: { promptTokens: 200, completionTokens: 40 },
      model,
    };
  },
};

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'groupwise-bench-generate-'));
const clock = new SystemClock();
const managed = assembleManagedModel(
  { name: 'teacher', model: 'waiting', price: { input: 1, output: 4 }, concurrencyMax },
  { clock, endpoints: [{ name: 'here', weight: 1, model: waiting }] },
);

function memberAt(list: readonly number[], share: number): number {
  return list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
}

async function once(label: string): Promise<void> {
  const journal = new SqliteReplyJournal(folder);
  const spool = new SqliteItemSpool(join(folder, 'scratch.sqlite'));
  const run = toyRun({
    models: new Map([['teacher', { managed, temperature: 0.7, maxTokens: 200, seed: 0 }]]),
    documents: factDocuments(documents, 600),
    choices: ['filter', 'write', 'check', 'unique'].map((name) => ({ name, options: {} })),
    journal,
    spool,
  });
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let lookedAt = startedAt;
  const busy: number[] = [];
  const rss: number[] = [];
  occupancy.take(1);
  const timer = setInterval(() => {
    const now = performance.now();
    busy.push(occupancy.take(now - lookedAt) / concurrencyMax);
    lookedAt = now;
    rss.push(process.memoryUsage().rss / MIB);
    const { source, kept } = run.report();
    if (busy.length % 10 === 0) {
      console.log(
        `${label} ${((now - startedAt) / 1000).toFixed(0)} s: ${source.documents} documents, ${occupancy.calls} calls, ` +
          `busy ${(100 * (busy.at(-1) ?? 0)).toFixed(1)} %, rss ${(rss.at(-1) ?? 0).toFixed(0)} MiB, kept ${kept}`,
      );
    }
  }, 1_000);
  const report = await run.run();
  clearInterval(timer);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  const asked = report.stages.reduce((sum, { calls, cached }) => sum + calls + cached, 0);
  // The first second fills the limits, the last ones empty the pipe.
  const steady = busy.slice(2, -3);
  const mean = steady.reduce((sum, each) => sum + each, 0) / Math.max(1, steady.length);
  console.log(
    JSON.stringify({
      label,
      state: report.state,
      documents: report.source.documents,
      kept: report.kept,
      calls: report.calls,
      asked,
      seconds: Number(seconds.toFixed(1)),
      busy_percent: Number((100 * mean).toFixed(1)),
      busy_percent_of_each_tenth: Array.from({ length: 10 }, (_, tenth) =>
        Number((100 * memberAt(busy, (tenth + 0.5) / 10)).toFixed(0)),
      ),
      cpu_ms_per_document: Number((cpuMs / documents).toFixed(3)),
      cpu_ms_per_reply: Number((cpuMs / Math.max(1, asked)).toFixed(3)),
      rss_mib: [0.1, 0.3, 0.5, 0.7, 0.9].map((at) => Math.round(memberAt(rss, at))),
      rss_mib_max: Math.round(Math.max(0, ...rss)),
    }),
  );
  await spool.close();
  await journal.close();
}

try {
  await once('bought');
  await once('replayed');
} finally {
  rmSync(folder, { recursive: true });
}

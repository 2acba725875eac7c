// A process that buys verdicts through the cache in a data directory until it is killed. Each call to its judge, and each
// answer, is a line in a file before it goes on: what the files say is true however the process dies.
//
//   node verdict-buyer.ts DATA_DIR QUESTIONS BILL_FILE ANSWERS_FILE

import { appendFileSync } from 'node:fs';
import { openVerdictCache } from '../../src/adapters/verdict-cache-url.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { CachedJudge } from '../../src/services/judging/cached-judge.ts';
import { VerdictMemory } from '../../src/services/judging/verdict-memory.ts';
import { CountingJudge, questionWith, verdictWith } from './verdicts.ts';

const AT_ONCE = 16;

const [dataDir = '', questions = '', bill = '', answers = ''] = process.argv.slice(2);
const clock = new SystemClock();
const say = (message: string): void => void process.stderr.write(`${message}\n`);
const log = { info: say, warn: say, error: say };
const cache = await openVerdictCache({ url: 'sqlite:', dataDir, now: () => clock.now() });
const memory = new VerdictMemory({ cache, clock, log });
const judge = new CachedJudge(
  new CountingJudge(async ({ answer }) => {
    appendFileSync(bill, `${answer}\n`);
    await new Promise((resolve) => {
      setTimeout(resolve, Number(answer) % 5);
    });
    return { kind: 'verdict', verdict: verdictWith({ score: Number(answer) % 2, at: clock.now() }) };
  }),
  memory,
);

let next = 0;
async function work(): Promise<void> {
  while (next < Number(questions)) {
    const answer = String(next++);
    const outcome = await judge.judge(questionWith({ answer }), new AbortController().signal);
    if (outcome.kind !== 'verdict' || outcome.verdict.score !== Number(answer) % 2) process.exit(3);
    appendFileSync(answers, `${answer}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
await memory.close();

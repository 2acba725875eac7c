// What `run.ts` does not show: latency below the knee, and memory above it. Finds the closed-loop throughput of the score
// stream first, then offers 70 % of it, then twice as much for minutes, both as open loops.
//
//   npx node scripts/bench/limits.ts [--minutes 10] [--node-flag FLAG]…

import { parseArgs } from 'node:util';
import { measure, median } from './measure.ts';
import { startGroupwise } from './servers.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'node-flag': { type: 'string', multiple: true, default: [] },
  },
});

const KNEE_SHARE = 0.7;
const ROUNDS = 3;
const STREAM = ['--transport', 'grpc-stream'];
const SHORT = { warmupSeconds: 3, seconds: 8 };

const server = await startGroupwise(flags['node-flag']);
try {
  const closed = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    closed.push(await measure(server, [...STREAM, '--concurrency', '64'], SHORT));
  }
  const knee = median(closed.map(({ report }) => report.requests_per_s));
  console.log(`knee: ${knee.toFixed(0)} groups of 8 a second`);

  for (let round = 0; round < ROUNDS; round += 1) {
    const rate = (knee * KNEE_SHARE).toFixed(0);
    const args = [...STREAM, '--rate', rate, '--max-error-rate', '1'];
    const { report } = await measure(server, args, SHORT);
    const { p50, p99, p999 } = report.latency_ms;
    console.log(
      `at ${rate}/s: p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, ${report.failed} failed, ` +
        `sends ${report.send_lag_p99_ms} ms late at p99`,
    );
  }

  // Refusals and requests that the client could not send are what is expected here, so they are no failure.
  // Unary calls over many connections: one connection would hold the excess back in the client.
  const overload = ['--rate', (knee * 2).toFixed(0), '--max-error-rate', '1', '--in-flight-max', '20000'];
  const { report } = await measure(server, ['--transport', 'grpc', '--connections', '64', ...overload], {
    warmupSeconds: 5,
    seconds: Number(flags.minutes) * 60,
  });
  const megabytes = (report.server?.residentBytes ?? []).map((bytes) => Math.round(bytes / 1e6));
  console.log(
    `overload for ${flags.minutes} min: ${report.requests_per_s.toFixed(0)}/s answered, ${report.wrong} wrong`,
  );
  for (const [code, { count }] of Object.entries(report.failed_by_code)) console.log(`  ${code}: ${count}`);
  console.log(`resident memory of the server, MB over time: ${megabytes.join(' ')}`);
} finally {
  await server.stop();
}

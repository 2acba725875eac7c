import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openVerdictCache } from '../../src/adapters/verdict-cache-url.ts';
import {
  type DatabaseServer,
  hasPostgres,
  hasRedis,
  startPostgres,
  startRedis,
} from '../support/database-servers.ts';
import { describeVerdictCache } from './verdict-cache.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'groupwise-verdicts-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

for (const kind of ['memory', 'sqlite']) {
  describeVerdictCache(`openVerdictCache("${kind}:")`, {
    lasts: kind === 'sqlite',
    open: ({ parameters, clock }) =>
      openVerdictCache({ url: `${kind}:${parameters}`, dataDir, now: () => clock.now() }),
  });
}

// They run wherever their programs are installed (Debian: redis-server, postgresql).
const SERVERS = [
  { kind: 'redis', isThere: hasRedis(), start: startRedis },
  { kind: 'postgres', isThere: hasPostgres(), start: startPostgres },
];

for (const { kind, isThere, start } of SERVERS) {
  describe.skipIf(!isThere)(`with ${kind}, ${isThere ? 'started here' : 'which is not installed'}`, () => {
    let server: DatabaseServer | undefined;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.remove());

    describeVerdictCache(`openVerdictCache("${kind}://…")`, {
      lasts: true,
      open: ({ parameters, clock }) =>
        openVerdictCache({ url: `${server?.url}${parameters}`, dataDir, now: () => clock.now() }),
    });
  });
}

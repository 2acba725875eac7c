import { describe, expect, it } from 'vitest';
import { openVerdictCache, parseVerdictCacheUrl } from '../../../src/adapters/verdict-cache-url.ts';

describe('parseVerdictCacheUrl()', () => {
  it.each([
    ['sqlite', 'sqlite', '', undefined],
    ['sqlite:', 'sqlite', '', undefined],
    ['sqlite:?ttl=30d', 'sqlite', '', 30 * 86_400_000],
    ['memory', 'memory', '', undefined],
    ['memory:?ttl=90s&entries=10&bytes=1000', 'memory', '', 90_000],
    ['redis://cache:6379/2?ttl=12h', 'redis', 'redis://cache:6379/2', 12 * 3_600_000],
    ['rediss://user:word@cache', 'redis', 'rediss://user:word@cache', undefined],
    [
      'postgres://user@db/verdicts?sslmode=require&ttl=5m',
      'postgres',
      'postgres://user@db/verdicts?sslmode=require',
      300_000,
    ],
    [
      'postgresql:///verdicts?host=/run/postgresql',
      'postgres',
      'postgresql:///verdicts?host=%2Frun%2Fpostgresql',
      undefined,
    ],
  ])('parseVerdictCacheUrl() reads "%s"', (text, kind, url, ttlMs) => {
    expect(parseVerdictCacheUrl(text)).toMatchObject({ kind, url, ttlMs });
  });

  it('parseVerdictCacheUrl() bounds the memory in front by entries and bytes', () => {
    const { bounds } = parseVerdictCacheUrl('sqlite:?entries=5&bytes=7000');
    expect(bounds).toEqual({ entriesMax: 5, bytesMax: 7_000 });
    expect(parseVerdictCacheUrl('sqlite').bounds.entriesMax).toBeGreaterThan(1_000);
  });

  it.each([
    ['', 'none of the kinds'],
    ['mysql://db', 'none of the kinds'],
    ['verdicts.db', 'none of the kinds'],
    ['sqlite:other.db', 'takes no path'],
    ['sqlite:///etc/other.db', 'takes no path'],
    ['memory://host', 'takes no path'],
    ['redis:', 'names no host'],
    ['sqlite:?ttl=0s', '"ttl"'],
    ['sqlite:?ttl=30', '"ttl"'],
    ['sqlite:?ttl=-1d', '"ttl"'],
    ['sqlite:?entries=0', '"entries"'],
    ['sqlite:?bytes=1e9', '"bytes"'],
    ['sqlite:?tll=30d', 'no parameter "tll"'],
  ])('parseVerdictCacheUrl() refuses "%s"', (text, why) => {
    expect(() => parseVerdictCacheUrl(text)).toThrow(why);
  });
});

describe('openVerdictCache()', () => {
  it.each(['redis://user:secret-word@127.0.0.1:1', 'postgres://user:secret-word@127.0.0.1:1/db'])(
    'openVerdictCache() refuses a server that is not there, without telling the password (%s)',
    async (url) => {
      const opening = openVerdictCache({ url, dataDir: '/nowhere', now: () => 0 });
      await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
      await expect(opening).rejects.toThrow(/127\.0\.0\.1:1.*ECONNREFUSED/);
      await expect(opening).rejects.not.toThrow('secret-word');
    },
  );
});

// One URL says where verdicts live: `memory:`, `sqlite:`, `redis://…`, `rediss://…` or `postgres://…`, with `?ttl=30d` for
// how long they stay. This file reads it and puts the cache together.

import { EnvError, invalidArgument } from '../core/errors.ts';
import type { VerdictArchive } from '../ports/verdict-cache.ts';
import { SqliteKeyvStore } from './sqlite-keyv-store.ts';
import { FrontedVerdictCache } from './verdict-cache-front.ts';
import { KeyvVerdictCache, type KeyvStore } from './verdict-cache-keyv.ts';
import { MemoryVerdictCache, type MemoryBounds } from './verdict-cache-memory.ts';
import { postgresStore } from './verdict-cache-postgres.ts';
import { redisStore } from './verdict-cache-redis.ts';
import { expiryAfter } from './verdict-expiry.ts';

export const VERDICT_CACHE_KINDS = ['memory', 'sqlite', 'redis', 'postgres'] as const;
export type VerdictCacheKind = (typeof VERDICT_CACHE_KINDS)[number];

export interface VerdictCacheAddress {
  readonly kind: VerdictCacheKind;
  /** What the database's own client gets: the URL without our parameters. Empty for kinds without one. */
  readonly url: string;
  readonly ttlMs: number | undefined;
  /** Of the memory in front; of the cache itself where it is `memory:`. */
  readonly bounds: MemoryBounds;
}

const PROTOCOLS: Readonly<Record<string, VerdictCacheKind>> = {
  'memory:': 'memory',
  'sqlite:': 'sqlite',
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};
const MEMORY_BOUNDS: MemoryBounds = { entriesMax: 1_000_000, bytesMax: 512 * 1024 * 1024 };
const FRONT_BOUNDS: MemoryBounds = { entriesMax: 200_000, bytesMax: 128 * 1024 * 1024 };
/** The memory in front has a place ready for each entry that it may hold. */
const ENTRIES_MAX = 10_000_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const EXPECTED =
  'memory:, sqlite:, redis://…, rediss://… or postgres://…, with ?ttl=30d, &entries=N, &bytes=N';

/**
 * Reads a cache's URL; `memory` and `sqlite` may go without their colon.
 *
 * @throws EnvError `invalid_argument` that does not repeat the URL: it may hold a password.
 */
export function parseVerdictCacheUrl(text: string): VerdictCacheAddress {
  const url = URL.parse(/^[a-z]+$/.test(text) ? `${text}:` : text);
  const kind = url === null ? undefined : PROTOCOLS[url.protocol];
  if (url === null || kind === undefined) throw refusal('it is none of the kinds that there are');
  const isRemote = kind === 'redis' || kind === 'postgres';
  if (!isRemote && (url.pathname !== '' || url.host !== ''))
    throw refusal(`"${kind}:" takes no path: verdicts are in the data directory`);
  if (kind === 'redis' && url.host === '') throw refusal('it names no host');
  const ours = kind === 'memory' ? MEMORY_BOUNDS : FRONT_BOUNDS;
  const address = {
    kind,
    ttlMs: durationOf(take(url, 'ttl')),
    bounds: {
      entriesMax: countOf('entries', take(url, 'entries')) ?? ours.entriesMax,
      bytesMax: countOf('bytes', take(url, 'bytes')) ?? ours.bytesMax,
    },
  };
  const [other] = url.searchParams.keys();
  // PostgreSQL has parameters of its own, such as sslmode.
  if (other !== undefined && kind !== 'postgres') throw refusal(`there is no parameter "${other}"`);
  return { ...address, url: isRemote ? url.href : '' };
}

/**
 * Opens the cache and asks it something, so that a wrong address is known at the start.
 *
 * @throws EnvError `invalid_argument` for the URL, `failed_precondition` for the database file, `unavailable` for a server
 *   that does not answer.
 */
export async function openVerdictCache(options: {
  readonly url: string;
  /** Where `sqlite:` has its file. */
  readonly dataDir: string;
  readonly now: () => number;
}): Promise<VerdictArchive> {
  const { kind, url, ttlMs, bounds } = parseVerdictCacheUrl(options.url);
  const expiry = expiryAfter(ttlMs, options.now);
  const memory = new MemoryVerdictCache(bounds, expiry);
  if (kind === 'memory') return memory;
  const store = storeOf(kind, { url, dataDir: options.dataDir, now: options.now });
  // The adapter of Redis keeps namespaces apart itself.
  const back = new KeyvVerdictCache({ kind, store, expiry, prefixesKeys: kind !== 'redis' });
  try {
    await back.getMany(['']);
  } catch (error) {
    await back.close();
    if (error instanceof EnvError) throw error;
    const where = kind === 'sqlite' ? `in "${options.dataDir}"` : `at ${withoutPassword(url)}`;
    throw new EnvError('unavailable', `Cannot use the verdict cache ${where}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return new FrontedVerdictCache(memory, back);
}

function storeOf(
  kind: Exclude<VerdictCacheKind, 'memory'>,
  options: { readonly url: string; readonly dataDir: string; readonly now: () => number },
): KeyvStore {
  switch (kind) {
    case 'sqlite':
      return new SqliteKeyvStore(options);
    case 'redis':
      return redisStore(options.url);
    case 'postgres':
      return postgresStore(options.url);
    default:
      return kind satisfies never;
  }
}

function take(url: URL, name: string): string | undefined {
  const value = url.searchParams.get(name) ?? undefined;
  url.searchParams.delete(name);
  return value;
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count = '', unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) throw refusal('"ttl" must be a number with s, m, h or d, for example 30d');
  return Number(count) * unitMs;
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const most = name === 'entries' ? ENTRIES_MAX : Number.MAX_SAFE_INTEGER;
  if (!/^[1-9]\d*$/.test(text) || Number(text) > most)
    throw refusal(`"${name}" must be a whole number from 1 to ${most}`);
  return Number(text);
}

function refusal(what: string): EnvError {
  return invalidArgument('cache', `Cannot use the URL of the verdict cache: ${what} (${EXPECTED})`);
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = '';
  url.search = '';
  return url.href;
}

/** Whoever opens sockets wraps several refusals in one error without a message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return messageOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

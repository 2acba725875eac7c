// Verdicts in Redis or Valkey, shared by any number of servers, through keyv's official adapter. It is told to fail at
// once where it would wait: whoever asks has a judge to fall back on.

import KeyvRedis from '@keyv/redis';

import type { KeyvStore } from './verdict-cache-keyv.ts';

const CONNECT_MS = 2_000;
const RECONNECT_MS_MAX = 2_000;
/** Notices a connection that is cut without a word. */
const PING_MS = 10_000;

/** Hands on why it cannot connect, where the adapter says only that it cannot. */
class VerdictsInRedis extends KeyvRedis<string> {
  override async getClient(): ReturnType<KeyvRedis<string>['getClient']> {
    if (!this.client.isOpen) await this.client.connect();
    return this.client;
  }
}

/** @param url `redis://…` or `rediss://…` (TLS), with user, password and database as usual. */
export function redisStore(url: string): KeyvStore {
  let wasConnected = false;
  const store = new VerdictsInRedis(
    {
      url,
      // Without it commands would wait, without a limit, for a server that is gone.
      disableOfflineQueue: true,
      pingInterval: PING_MS,
      socket: {
        connectTimeout: CONNECT_MS,
        // A server that was never there is reported; one that went is waited for.
        reconnectStrategy: (attempts: number, cause: Error) =>
          wasConnected ? Math.min(50 * 2 ** attempts, RECONNECT_MS_MAX) : cause,
      },
    },
    { throwOnErrors: true },
  );
  store.on('connect', () => {
    wasConnected = true;
  });
  return store;
}

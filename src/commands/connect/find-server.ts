// Finds the running server and asks it what the lines need to know. Flags say where it is; else the data directory, in which `serve`
// leaves its addresses; else the settings, which have the default ports. Nothing is taken for granted: who does not answer, or is
// something else, is an error.

import { readServedAt } from '../../adapters/served-at.ts';
import { EnvClient } from '../../client/env-client.ts';
import { RestClient, type RestReply } from '../../client/rest-client.ts';
import { rootCertificates, type Tls } from '../../client/tls.ts';
import type { Settings } from '../../config.ts';
import { isJsonObject } from '../../core/canonical-json.ts';
import type { DatasetInfo } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { ServerFacts } from './server-facts.ts';

const ANSWER_MS = 3_000;

export interface Where {
  /** HOST:PORT of the flags; undefined where they were not given. */
  readonly grpc: string | undefined;
  readonly http: string | undefined;
  /** What flags say of TLS; undefined: what the data directory says. */
  readonly tls: Tls | undefined;
  /** File that `tls` was read from. */
  readonly tlsCa: string | undefined;
  readonly settings: Settings;
}

export type FoundServer = Omit<
  ServerFacts,
  'dataset' | 'datasets' | 'reward' | 'home' | 'pythonClient' | 'examples' | 'here'
> & {
  readonly datasets: readonly DatasetInfo[];
  /** Names of the scorers that recipes may use; undefined of a server that does not tell. */
  readonly scorers: readonly string[] | undefined;
};

/** @throws EnvError `unavailable` where nobody answers, `unauthenticated` without the token that it wants */
export async function findServer({ grpc, http, tls, tlsCa, settings }: Where): Promise<FoundServer> {
  const isNamed = grpc !== undefined || http !== undefined;
  const servedAt = isNamed ? undefined : readServedAt(settings.data);
  const believed = tls ?? (servedAt?.tls === true ? true : undefined);
  const listened = {
    grpc: grpc ?? servedAt?.grpc ?? settings.grpc,
    http: http ?? servedAt?.http ?? settings.http,
  };
  const places = { grpc: reachable(listened.grpc), http: reachable(listened.http) };
  const url = `${believed === undefined ? 'http' : 'https'}://${places.http}`;
  const found = await askRest({ url, believed, token: settings.token });
  const client = new EnvClient({
    address: places.grpc,
    tls: believed,
    token: found.needsToken ? settings.token : undefined,
  });
  try {
    return {
      ...found,
      grpc: (await answers(client)) ? places.grpc : undefined,
      http: url,
      isOpenToOthers: places.http !== listened.http,
      tls: believed === undefined ? undefined : { ca: tlsCa },
      dataDir: servedAt === undefined ? undefined : settings.data,
    };
  } finally {
    client.close();
  }
}

interface Asked {
  readonly url: string;
  readonly believed: Tls | undefined;
  readonly token: string | undefined;
}

async function askRest({ url, believed, token }: Asked) {
  const rest = (own?: string): RestClient =>
    new RestClient({ url, token: own, rootCertificates: rootCertificates(believed) });
  const [open, known] = [rest(), rest(token)];
  try {
    const version = versionIn(await get(open, '/').catch((error: unknown) => refuse(url, error)), url);
    const ready = await get(open, '/readyz');
    if (ready.status !== 200) throw new EnvError('unavailable', `The server at ${url} is shutting down`);
    const needsToken = (await get(open, '/v1/datasets')).status === 401;
    if (needsToken && token === undefined) {
      throw new EnvError(
        'unauthenticated',
        `The server at ${url} wants a token: set GROUPWISE_TOKEN, or give --token`,
      );
    }
    const client = needsToken ? known : open;
    const datasets = await client.listDatasets({ deadlineMs: ANSWER_MS });
    const listed = await get(client, '/compat');
    const page = listed.status === 200 ? listed.body : '{}';
    const [calls = [], scorers] = [namesIn(page, 'calls'), namesIn(page, 'scorers')];
    return { version, needsToken, datasets, calls, scorers };
  } finally {
    open.close();
    known.close();
  }
}

function get(client: RestClient, path: string): Promise<RestReply> {
  return client.send({ method: 'GET', path }, { deadlineAt: Date.now() + ANSWER_MS, signal: undefined });
}

function refuse(url: string, error: unknown): never {
  if (!(error instanceof EnvError)) throw error;
  const isTls = url.startsWith('https:');
  const hint = isTls
    ? 'with a certificate of your own, name who vouches for it with --tls-ca FILE, and the name that is in it with --http and --grpc'
    : 'start it with groupwise serve, or say where it is with --data, or with --http and --grpc; --tls where it speaks TLS';
  throw new EnvError('unavailable', `No server answers at ${url} (${reasonOf(error)}): ${hint}`, {
    cause: error,
  });
}

function reasonOf({ message, cause }: EnvError): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? message;
}

function versionIn({ body }: RestReply, url: string): string {
  const page = jsonOf(body);
  if (typeof page === 'object' && page !== null && 'name' in page && page.name === 'groupwise') {
    return 'version' in page ? String(page.version) : '';
  }
  throw new EnvError('failed_precondition', `What answers at ${url} is no Groupwise server`);
}

/** A list of /compat. */
function namesIn(body: string, list: 'calls' | 'scorers'): readonly string[] | undefined {
  const page = jsonOf(body);
  const names = isJsonObject(page) ? page[list] : undefined;
  return Array.isArray(names) ? names.map(String) : undefined;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function answers(client: EnvClient): Promise<boolean> {
  try {
    await client.ready(ANSWER_MS);
    return true;
  } catch (error) {
    if (error instanceof EnvError && error.code === 'unavailable') return false;
    throw error;
  }
}

/** A server that listens on all addresses is asked on this machine's own. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0(?=:\d+$)/, '127.0.0.1').replace(/^\[::\](?=:\d+$)/, '[::1]');
}

// Which web pages may use the REST door. A browser sends requests in the name of whoever looks at a page, so pages of other
// origins are refused unless the operator named them. Programs send no `Origin`, and are not meant here. Nor can a page pass
// for one of our own by a name of its own that it makes lead to this machine (DNS rebinding): see `checkHost`.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { EnvError } from '../../core/errors.ts';

const ALLOWED = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, last-event-id',
  'access-control-max-age': '600',
};

/** Throws `permission_denied` for requests that a web page must not send, and sets the CORS headers of those that may. */
export type Guard = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * @param openOn where a door that is open to everybody on this machine listens; undefined where a token guards it
 * @param origins of web pages that may use this server
 */
export function guardOf(openOn: () => string | undefined, origins: readonly string[]): Guard {
  return (incoming, outgoing) => {
    const listened = openOn();
    if (listened !== undefined) checkHost(incoming, listened);
    checkOrigin(incoming, outgoing, origins);
  };
}

/**
 * Sets the CORS headers of allowed origins.
 *
 * @param origins allowed beside the server's own, for example `https://lab.example`
 * @throws EnvError (permission_denied) for a page of another origin
 */
export function checkOrigin(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origins: readonly string[],
): void {
  const { origin, host } = incoming.headers;
  if (origin === undefined || isOwn(origin, host)) return;
  if (!origins.includes(origin)) {
    throw new EnvError(
      'permission_denied',
      'Cannot answer a page of another origin: it is not among those allowed',
    );
  }
  outgoing.setHeader('access-control-allow-origin', origin);
  outgoing.setHeader('vary', 'origin');
  for (const [header, value] of Object.entries(ALLOWED)) outgoing.setHeader(header, value);
}

/**
 * For servers without a token, which are for this machine only: whoever comes under another name than the machine's own is a
 * page whose name was made to lead here. With a token such a page has nothing to show.
 *
 * @param listened the address that the door listens on, as it was given
 * @throws EnvError (permission_denied)
 */
export function checkHost({ headers: { host } }: IncomingMessage, listened: string): void {
  // No browser leaves it out.
  if (host === undefined) return;
  if (PLAIN_LOOPBACK.test(host)) return;
  const name = hostnameOf(host);
  if (name !== undefined && (LOOPBACK.test(name) || name === hostnameOf(authority(listened)))) return;
  throw new EnvError(
    'permission_denied',
    'Cannot answer under this host name: without a token the server answers to localhost and to the address that it listens on',
  );
}

/** What most requests say: no URL needs to be made of it. */
const PLAIN_LOOPBACK = /^(?:localhost|127\.0\.0\.1)(?::[1-5]?\d{1,4})?$/;
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function authority(listened: string): string {
  return listened.includes(':') ? `[${listened}]` : listened;
}

/** Without its port, in the one form that URLs have for it; undefined for what is no host. */
function hostnameOf(host: string): string | undefined {
  return URL.parse(`http://${host}`)?.hostname;
}

function isOwn(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch (error) {
    // `null`, as sandboxed pages send it, is no URL.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

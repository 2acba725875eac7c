// Which web pages may use the REST door. A browser sends requests in the name of whoever looks at a page, so pages of other
// origins are refused unless the operator named them. Programs send no `Origin`, and are not meant here.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { EnvError } from '../../core/errors.ts';

const ALLOWED = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, last-event-id',
  'access-control-max-age': '600',
};

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

function isOwn(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch (error) {
    // `null`, as sandboxed pages send it, is no URL.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

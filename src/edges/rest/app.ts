// The routes of the REST door: one for each row of the table of calls, the events, and what stands beside the calls.

import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { CALL_NAMES, rowOf } from '../../contract/calls.ts';
import type { MountedCall } from '../../contract/mounted-call.ts';
import { EnvError } from '../../core/errors.ts';
import { admit, callOf } from './calls.ts';
import { DOCS_HEADERS, DOCS_HTML, readRedoc } from './docs.ts';
import { HttpRefusal, type RestContext, type RestDoor, refusedUnrouted, toResponse } from './door.ts';
import { eventsHandler } from './events.ts';
import { openApiDocument } from './openapi.ts';
import { mountedHandler } from './mounted.ts';
import type { Guard } from './origin.ts';

export interface RestExtras {
  /** The text of /metrics and its content type. */
  readonly metrics?: (() => Promise<{ readonly contentType: string; readonly text: string }>) | undefined;
  readonly version: string;
  readonly isReady: () => boolean;
  readonly guard: Guard;
  /** Calls of other edges, answered behind this door. */
  readonly mounted?: readonly MountedCall[] | undefined;
}

type App = Hono<{ Bindings: HttpBindings }>;

export function createRestApp(door: RestDoor, extras: RestExtras): App {
  const app: App = new Hono();
  app.use(async (context, next) => {
    extras.guard(context.env.incoming, context.env.outgoing);
    if (context.req.method === 'OPTIONS' && context.req.header('origin') !== undefined)
      return context.body(null, 204);
    return next();
  });
  const paths = new Map<string, string[]>();
  const route = (
    method: string,
    path: string,
    handler: (context: RestContext) => Response | Promise<Response>,
  ) => {
    const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(method, pattern, handler);
    paths.set(pattern, [...(paths.get(pattern) ?? []), method]);
  };
  for (const name of CALL_NAMES) {
    const [method = '', path = ''] = rowOf(name).rest.split(' ');
    const call = callOf(door, name);
    route(method, path, async ({ env, req }) => toResponse(await call(env, req.param(), req.query())));
  }
  route('GET', '/v1/runs/{run_id}/events', eventsHandler(door));
  for (const call of extras.mounted ?? []) route(call.method, call.path, mountedHandler(door, call));
  addPages(route, door, extras);
  for (const [pattern, methods] of paths) {
    const allow = methods.includes('GET') ? [...methods, 'HEAD'].join(', ') : methods.join(', ');
    app.all(pattern, () => {
      throw new HttpRefusal(
        { code: 'unimplemented', http: 405 },
        `Cannot use this method here: allowed are ${allow}`,
        {
          headers: { allow },
        },
      );
    });
  }
  app.notFound((context) => {
    throw new EnvError(
      'not_found',
      `Nothing is at ${context.req.path.slice(0, 100)}: see /openapi.json and /compat for what is`,
    );
  });
  app.onError((error) => toResponse(refusedUnrouted(door, error)));
  return app;
}

type Route = (
  method: string,
  path: string,
  handler: (context: RestContext) => Response | Promise<Response>,
) => void;

function addPages(route: Route, door: RestDoor, extras: RestExtras): void {
  // Read on first use and kept: they never change while the server runs.
  const description = once(() => JSON.stringify(openApiDocument(extras.version)));
  const redoc = once(readRedoc);
  route('GET', '/', (context) =>
    context.json({
      name: 'groupwise',
      version: extras.version,
      links: {
        reference: '/docs',
        openapi: '/openapi.json',
        alive: '/healthz',
        ready: '/readyz',
        metrics: '/metrics',
        datasets: '/v1/datasets',
        runs: '/v1/runs',
        ...(extras.mounted !== undefined && { compat: '/compat' }),
      },
    }),
  );
  route('GET', '/healthz', (context) => context.json({ status: 'alive' }));
  route('GET', '/readyz', (context) => {
    if (!extras.isReady())
      throw new EnvError('unavailable', 'Not ready to serve: the server is shutting down');
    return context.json({ status: 'ready' });
  });
  route('GET', '/metrics', async (context) => {
    admit(door, context.env.incoming);
    if (extras.metrics === undefined) throw new EnvError('unimplemented', 'This server keeps no metrics');
    const { contentType, text } = await extras.metrics();
    return context.body(text, 200, { 'content-type': contentType });
  });
  route('GET', '/openapi.json', (context) =>
    context.body(description(), 200, { 'content-type': 'application/json' }),
  );
  route('GET', '/docs', (context) => context.body(DOCS_HTML, 200, DOCS_HEADERS));
  route('GET', '/docs/redoc.js', (context) =>
    context.body(redoc(), 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=86400',
    }),
  );
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

// `GET /v1/runs/{run_id}/events`: WatchRun as server-sent events. `id` is the sequence, so that a browser or a client that
// reconnects says by itself, in `Last-Event-ID`, where it left off. Events are pulled one at a time, as the reader reads.

import type { ActiveCall } from '../../contract/active-calls.ts';
import { decodeWatchRun } from '../../contract/decode-calls.ts';
import { encodeRunEvent } from '../../contract/encode-replies.ts';
import type { RunEvent } from '../../core/calls.ts';
import { requestOfGet, serve } from './calls.ts';
import { type RestContext, type RestDoor, problemReply, toResponse } from './door.ts';

/** A comment now and then shows proxies and both ends that the connection lives. */
const KEEP_ALIVE_MS = 15_000;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

export function eventsHandler(door: RestDoor): (context: RestContext) => Promise<Response> {
  return async (context) => {
    const answer = await serve(door, { name: 'WatchRun', kind: 'watcher' }, context.env, async (active) => {
      try {
        const call = decodeWatchRun(
          withLastEventId(context, requestOfGet(context.req.param(), context.req.query())),
        );
        // An unknown run is refused with a status; once the stream has begun there is none to give.
        const { state } = await door.services.environment.getRun(call.runId);
        const events = door.services.environment.watchRun(call, active.signal)[Symbol.asyncIterator]();
        // Browsers reconnect to a stream that ends, until they are told 204: nothing is left to tell of this run.
        const first = state === 'closed' ? await events.next() : undefined;
        if (first?.done === true) {
          active.end();
          return new Response(null, { status: 204 });
        }
        return new Response(eventStream(door, events, active, first), { headers: HEADERS });
      } catch (error) {
        active.end();
        throw error;
      }
    });
    return answer instanceof Response ? answer : toResponse(answer);
  };
}

/** What a reconnecting reader says wins over what its first address said. */
function withLastEventId(context: RestContext, request: Record<string, unknown>): Record<string, unknown> {
  const last = context.env.incoming.headers['last-event-id'];
  if (typeof last !== 'string' || last === '') return request;
  return { ...request, after_sequence: /^\d+$/.test(last) ? Number(last) : last };
}

function eventStream(
  door: RestDoor,
  events: AsyncIterator<RunEvent>,
  active: ActiveCall,
  first: IteratorResult<RunEvent> | undefined,
): ReadableStream {
  const encoder = new TextEncoder();
  let pulled = first;
  let keepAlive: NodeJS.Timeout | undefined;
  /** The reader has left: nothing can be sent, and nobody is to be told why. */
  let isLeft = false;
  const end = (): void => {
    clearInterval(keepAlive);
    active.end();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // The first bytes tell the reader that it is connected, before anything has happened.
      controller.enqueue(encoder.encode(': connected\n\n'));
      keepAlive = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'));
      }, KEEP_ALIVE_MS);
      keepAlive.unref();
    },
    async pull(controller) {
      try {
        const next = pulled ?? (await events.next());
        pulled = undefined;
        if (isLeft) return;
        if (next.done === true) {
          end();
          controller.close();
        } else {
          controller.enqueue(encoder.encode(frame(next.value)));
        }
      } catch (error) {
        end();
        if (isLeft) return;
        const { body } = problemReply(door.observer, 'WatchRun', error);
        controller.enqueue(encoder.encode(`event: problem\ndata: ${body}\n\n`));
        controller.close();
      }
    },
    async cancel() {
      isLeft = true;
      end();
      await events.return?.();
    },
  });
}

function frame(event: RunEvent): string {
  return `id: ${event.sequence}\nevent: ${event.kind}\ndata: ${JSON.stringify(encodeRunEvent(event))}\n\n`;
}

// The thread's side of an engine. A thread that holds graphs must never be ended from outside, which would abort the
// process: it ends by itself, after it has let go.

import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

import type { EngineCall, EngineReply, EngineRequest, EngineThreadData } from './engine-messages.ts';
import { LocalEngine } from './runtime.ts';

/** Serves one engine until it is told to close. Call it once, in a thread that an `EngineThread` started. */
export async function serveEngine(): Promise<void> {
  if (parentPort === null) throw new TypeError('Not started by an engine');
  const port = parentPort;
  try {
    await serve(port);
  } catch (error) {
    say(port, { kind: 'refused', message: messageOf(error) });
    port.close();
  }
}

async function serve(port: MessagePort): Promise<void> {
  const engine = await LocalEngine.open(workerData as EngineThreadData);
  // Calls follow each other, and closing comes after the last of them.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: EngineRequest) => {
    last = last.then(() => {
      if (request.kind === 'close') return engine.close().finally(() => port.close());
      return answer(port, engine, request);
    });
  });
  say(port, { kind: 'ready', provider: engine.provider, failures: engine.failures });
}

async function answer(
  port: MessagePort,
  engine: LocalEngine,
  { id, call }: Extract<EngineRequest, { kind: 'call' }>,
): Promise<void> {
  try {
    say(port, { kind: 'done', id, result: await perform(engine, call) });
  } catch (error) {
    say(port, { kind: 'failed', id, message: messageOf(error) });
  }
}

function perform(engine: LocalEngine, { method, args }: EngineCall): Promise<unknown> {
  switch (method) {
    case 'load':
      return engine.load(...args);
    case 'run':
      return engine.run(...args);
    case 'put':
      return engine.put(...args);
    case 'read':
      return engine.read(...args);
    case 'drop':
      return engine.drop(...args);
    case 'unload':
      return engine.unload(...args);
  }
}

function say(port: MessagePort, reply: EngineReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  port.postMessage(reply);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

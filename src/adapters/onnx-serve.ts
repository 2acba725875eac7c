// The threads' side of a reward model. A thread that holds a network must never be ended from outside, which would abort
// the process: it ends by itself, after it has let go.

import { parentPort, workerData, type MessagePort, type TransferListItem } from 'node:worker_threads';

import type { ModelTexts } from '../core/reward-model.ts';
import type { FlatEncodings, OnnxReply, OnnxRequest, OnnxThreadRole } from './onnx-messages.ts';
import { OnnxNetwork } from './onnx-network.ts';
import { TextTokenizer } from './tokenizer.ts';

/** Serves this thread's role until it is told to close. Call it once, in a thread that a reward model started. */
export async function serveRewardModel(): Promise<void> {
  if (parentPort === null) throw new TypeError('Not started by a reward model');
  const port = parentPort;
  try {
    await serve(port, workerData as OnnxThreadRole);
  } catch (error) {
    say(port, { kind: 'refused', message: messageOf(error) });
    port.close();
  }
}

async function serve(port: MessagePort, role: OnnxThreadRole): Promise<void> {
  if (role.role === 'tokenizer') {
    const tokenizer = new TextTokenizer(role.options);
    port.on('message', (request: OnnxRequest) => {
      if (request.kind === 'close') port.close();
      else if (request.kind === 'encode') encode(port, tokenizer, request);
    });
    say(port, { kind: 'ready', provider: undefined, failures: [] });
    return;
  }
  const network = await OnnxNetwork.open(role.options);
  // Runs follow each other, and closing comes after the last of them.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: OnnxRequest) => {
    last = last.then(() => {
      if (request.kind === 'run') return run(port, network, request);
      return request.kind === 'close' ? network.release().finally(() => port.close()) : undefined;
    });
  });
  say(port, { kind: 'ready', provider: network.provider, failures: network.failures });
}

function encode(
  port: MessagePort,
  tokenizer: TextTokenizer,
  { id, texts }: Extract<OnnxRequest, { kind: 'encode' }>,
): void {
  try {
    const encodings = flatten(tokenizer, texts);
    say(port, { kind: 'encoded', id, encodings }, [encodings.ids.buffer, encodings.typeIds.buffer]);
  } catch (error) {
    say(port, { kind: 'failed', id, message: messageOf(error) });
  }
}

async function run(
  port: MessagePort,
  network: OnnxNetwork,
  { id, batch }: Extract<OnnxRequest, { kind: 'run' }>,
): Promise<void> {
  try {
    say(port, { kind: 'ran', id, rows: await network.run(batch) });
  } catch (error) {
    say(port, { kind: 'failed', id, message: messageOf(error) });
  }
}

function flatten(
  tokenizer: TextTokenizer,
  texts: readonly ModelTexts[],
): FlatEncodings & {
  readonly ids: Int32Array<ArrayBuffer>;
  readonly typeIds: Uint8Array<ArrayBuffer>;
} {
  const encoded = texts.map((each) => tokenizer.encode(each));
  const lengths = Int32Array.from(encoded, ({ ids }) => ids.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const ids = new Int32Array(total);
  const typeIds = new Uint8Array(total);
  let at = 0;
  for (const each of encoded) {
    ids.set(each.ids, at);
    typeIds.set(each.typeIds, at);
    at += each.ids.length;
  }
  const truncated = Uint8Array.from(encoded, ({ isTruncated }) => Number(isTruncated));
  return { ids, typeIds, lengths, truncated };
}

function say(port: MessagePort, reply: OnnxReply, transfer: readonly TransferListItem[] = []): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  port.postMessage(reply, transfer);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

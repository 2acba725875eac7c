// One call of one endpoint inside all limits: a place, a turn in both rate budgets, money set aside, the endpoint's consent.
// Whatever happens, what was taken is given back and what was sent is booked, exactly once.

import type { TokenCount } from '../../core/price-table.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  LanguageModelError,
  type LanguageModelReply,
  type LanguageModelRequest,
  type LanguageModelUsage,
} from '../../ports/language-model.ts';
import type { Books } from './books.ts';
import type { Endpoint } from './endpoint.ts';
import type { RateBucket } from './rate-bucket.ts';
import { limitTime } from './waiting.ts';

export interface Gates {
  readonly clock: Clock;
  readonly books: Books;
  readonly requests: RateBucket;
  readonly tokens: RateBucket;
  /** Longest wait for one reply. */
  readonly attemptTimeoutMs: number;
}

export type Sent =
  | { readonly kind: 'reply'; readonly reply: LanguageModelReply }
  | { readonly kind: 'fault'; readonly error: LanguageModelError }
  /** Not sent: the endpoint was closed while the call waited. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'queue_full' }
  | { readonly kind: 'budget_exhausted' };

/** What the reply of one call may cost at most, and what it likely needs of the token budget. */
export interface Size {
  readonly worst: TokenCount;
  readonly tokens: number;
}

/** Told of every call that was sent, before its outcome is. */
export type OnPaid = (usage: LanguageModelUsage | undefined) => void;

const TOKENS_PER_MESSAGE = 16;
const BYTES_PER_TOKEN = 3;

/** No tokenizer makes more tokens than bytes. */
export function sizeOf({ messages, maxTokens, schema }: LanguageModelRequest): Size {
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(message.content), 0);
  const extra =
    messages.length * TOKENS_PER_MESSAGE + (schema === undefined ? 0 : JSON.stringify(schema).length);
  return {
    worst: { promptTokens: bytes + extra, completionTokens: maxTokens },
    tokens: Math.ceil((bytes + extra) / BYTES_PER_TOKEN) + maxTokens,
  };
}

/** Rejects only with the signal's reason. */
export async function send(
  endpoint: Endpoint,
  request: LanguageModelRequest,
  { gates, signal, onPaid }: { readonly gates: Gates; readonly signal: AbortSignal; readonly onPaid: OnPaid },
): Promise<Sent> {
  const { clock, books, requests, tokens } = gates;
  const size = sizeOf(request);
  if (!(await endpoint.concurrency.enter(signal))) return { kind: 'queue_full' };
  const undo: (() => void)[] = [() => endpoint.concurrency.leave('failed', clock.now())];
  const giveBack = (): void => undo.toReversed().forEach((step) => step());
  try {
    await requests.take(1, signal);
    undo.push(() => requests.settle(1, 0));
    await tokens.take(size.tokens, signal);
    undo.push(() => tokens.settle(size.tokens, 0));
    if (!(await books.reserve(size.worst, signal))) {
      giveBack();
      return { kind: 'budget_exhausted' };
    }
    undo.push(() => books.release(size.worst));
    signal.throwIfAborted();
  } catch (error) {
    giveBack();
    throw error;
  }
  if (!endpoint.breaker.tryStart()) {
    giveBack();
    return { kind: 'closed' };
  }
  return transmit(endpoint, request, { gates, signal, onPaid, size });
}

async function transmit(
  endpoint: Endpoint,
  request: LanguageModelRequest,
  call: { readonly gates: Gates; readonly signal: AbortSignal; readonly onPaid: OnPaid; readonly size: Size },
): Promise<Sent> {
  const { gates, size, onPaid } = call;
  const startedAt = gates.clock.now();
  const attempt = limitTime(gates.clock, gates.attemptTimeoutMs, call.signal);
  const account = (usage: LanguageModelUsage | undefined): void => {
    onPaid(usage);
    if (usage !== undefined) gates.tokens.settle(size.tokens, usage.promptTokens + usage.completionTokens);
  };
  try {
    const reply = await endpoint.model.complete(request, attempt.signal);
    gates.books.book('replied', reply.usage, size.worst);
    account(reply.usage);
    endpoint.replied(startedAt);
    return { kind: 'reply', reply };
  } catch (error) {
    const fault = attempt.hasPassed()
      ? new LanguageModelError('timeout', `No reply within ${gates.attemptTimeoutMs} ms`)
      : error;
    if (fault instanceof LanguageModelError) {
      gates.books.book(fault.fault, fault.usage, size.worst);
      account(fault.usage);
      endpoint.failed(fault.fault, startedAt, fault.retryAfterMs);
      return { kind: 'fault', error: fault };
    }
    // Our time is up or the asker left, and the server may work on all the same. Anything else is a bug, and was sent too.
    gates.books.book('given_up', undefined, size.worst);
    account(undefined);
    endpoint.concurrency.leave('failed', startedAt);
    throw error;
  } finally {
    attempt.end();
  }
}

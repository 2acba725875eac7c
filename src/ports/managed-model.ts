// A model with everything around it that makes asking safe: endpoints with failover, retries, limits, a budget, books. What
// stages of generation ask. It keeps no replies: that is the journal's business.

import type { LanguageModelReply, LanguageModelRequest } from './language-model.ts';

export type ManagedRequest = Omit<LanguageModelRequest, 'model'>;

export type ManagedReply =
  /**
   * A model that refuses to answer replies with no text, for `other` reasons. `costUsd` is of this reply alone, null where its
   * price or its tokens are not known: what failed on the way to it is in the bill.
   */
  | { readonly kind: 'reply'; readonly reply: LanguageModelReply; readonly costUsd: number | null }
  /** Nobody could answer in time, after all retries: asking again later can help. */
  | { readonly kind: 'unavailable'; readonly detail: string }
  /** No endpoint takes a prompt of this length: asking again cannot help. */
  | { readonly kind: 'too_long'; readonly detail: string }
  | { readonly kind: 'budget_exhausted' };

/** Everything that was sent, also where nothing useful came back. */
export interface ModelBill {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Null when the price is not known. */
  readonly costUsd: number | null;
}

export interface ManagedModel {
  /** As the API names it; part of a reply's identity. */
  readonly model: string;
  /** Questions at once that it takes on; those above wait while their time runs. */
  readonly concurrencyMax: number;
  /** Rejects only with the signal's reason. */
  reply(request: ManagedRequest, signal: AbortSignal): Promise<ManagedReply>;
  bill(): ModelBill;
}

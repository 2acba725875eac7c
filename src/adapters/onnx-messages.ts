// What a reward model and its threads say to each other. One thread turns texts into tokens, others run the network; both
// answer each request once, under its number.

import type { ModelTexts } from '../core/reward-model.ts';
import type { ProviderFailure } from '../ports/reward-model.ts';
import type { OnnxNetworkOptions } from './onnx-network.ts';
import type { FlatBatch, FlatRows } from './onnx-tensors.ts';
import type { TextTokenizerOptions } from './tokenizer.ts';

/** What a thread is started for. */
export type OnnxThreadRole =
  | { readonly role: 'tokenizer'; readonly options: TextTokenizerOptions }
  | { readonly role: 'network'; readonly options: OnnxNetworkOptions };

export type OnnxRequest =
  | { readonly kind: 'encode'; readonly id: number; readonly texts: readonly ModelTexts[] }
  | { readonly kind: 'run'; readonly id: number; readonly batch: FlatBatch }
  /** The last one: the thread lets go of everything and ends by itself. */
  | { readonly kind: 'close' };

/** Tokens of many texts, one after another. */
export interface FlatEncodings extends FlatBatch {
  /** 1 where tokens were left out. */
  readonly truncated: Uint8Array;
}

export type OnnxReply =
  | {
      readonly kind: 'ready';
      /** Undefined for a thread without a network. */
      readonly provider: string | undefined;
      readonly failures: readonly ProviderFailure[];
    }
  /** The thread could not be made ready and has ended. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'encoded'; readonly id: number; readonly encodings: FlatEncodings }
  | { readonly kind: 'ran'; readonly id: number; readonly rows: FlatRows }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

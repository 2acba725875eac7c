// What an engine's thread and its owner say to each other: the calls of `Engine`, each under a number and answered once.

import type { Engine, EngineOptions, ProviderFailure } from './engine.ts';

/** What the thread is started with. */
export type EngineThreadData = EngineOptions;

type Method = 'load' | 'run' | 'put' | 'read' | 'drop' | 'unload';

/** Name of a call with its arguments. */
export type EngineCall = {
  [M in Method]: { readonly method: M; readonly args: Parameters<Engine[M]> };
}[Method];

export type EngineRequest =
  | { readonly kind: 'call'; readonly id: number; readonly call: EngineCall }
  /** The last one: the thread lets go of everything and ends by itself. */
  | { readonly kind: 'close' };

export type EngineReply =
  | { readonly kind: 'ready'; readonly provider: string; readonly failures: readonly ProviderFailure[] }
  /** The thread could not be made ready and has ended. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

// One way to send the cases of a load test to a server. Callbacks instead of promises: at 50,000 replies a second each
// turn of the microtask queue shows.

/** What became of one request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly bytes: number }
  /** Answered, and the answer is not the right one. */
  | { readonly kind: 'wrong'; readonly detail: string }
  /** Refused or lost. `code`: a canonical code, or what stands for it, such as `http_502`. */
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

export interface Transport {
  /** Bytes of the body of case `index`. */
  requestBytes(index: number): number;
  /** Sends case `index` and calls `done` once. */
  send(index: number, done: (outcome: Outcome) => void): void;
  close(): Promise<void>;
}

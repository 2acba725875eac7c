// Checks every reply of the `score` scenario at almost no cost: scoring is deterministic, so a reply that is byte for byte
// the one that was found right for this case before is right too. All others are decoded and checked in full.

import { type Check, type ReplyGroups, replyFault } from './reply-check.ts';
import type { ScoreCase } from './score-case.ts';
import type { Outcome } from './transport.ts';

/** What a transport read out of one reply: what was scored, or the code and text of a refusal. */
export type DecodedReply =
  | { readonly kind: 'scored'; readonly groups: ReplyGroups }
  | { readonly kind: 'problem'; readonly code: string; readonly detail: string };

export class ReplyChecker {
  readonly #cases: readonly ScoreCase[];
  readonly #check: Check;
  readonly #decode: (reply: Buffer) => DecodedReply;
  readonly #rightReplies: (Buffer | undefined)[];

  constructor(
    cases: readonly ScoreCase[],
    options: { readonly check: Check; readonly decode: (reply: Buffer) => DecodedReply },
  ) {
    this.#cases = cases;
    this.#check = options.check;
    this.#decode = options.decode;
    this.#rightReplies = cases.map(() => undefined);
  }

  /** What became of case `index`, given the bytes that came back for it. */
  outcome(index: number, reply: Buffer): Outcome {
    if (this.#rightReplies[index]?.equals(reply) === true) {
      return { kind: 'answered', bytes: reply.length };
    }
    const decoded = this.#decode(reply);
    if (decoded.kind === 'problem') return { kind: 'failed', code: decoded.code, detail: decoded.detail };
    const fault = replyFault(decoded.groups, this.#cases[index]?.rewards ?? [], this.#check);
    if (fault !== undefined) return { kind: 'wrong', detail: fault };
    // A copy: the reply is a view into a network buffer that is much larger than itself.
    this.#rightReplies[index] = Buffer.from(reply);
    return { kind: 'answered', bytes: reply.length };
  }
}

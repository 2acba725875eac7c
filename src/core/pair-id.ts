// The id of a QA pair: a hash of what the policy is asked, and of nothing else. A client sees this id; if the ground truth
// were in it, a client could try answers until the hash fits.

import { createHash } from 'node:crypto';

import type { PairId } from './ids.ts';
import type { Message } from './prompt.ts';

export interface PairPrompt {
  readonly question: string | readonly Message[];
  readonly choices?: readonly string[] | undefined;
}

/** 128 bits of SHA-256 over question (or messages) and choices, in hexadecimal: the same on every machine. */
export function pairIdOf(prompt: PairPrompt): PairId {
  const { question, choices } = prompt;
  const asked =
    typeof question === 'string' ? question : question.map((message) => [message.role, message.content]);
  const text = JSON.stringify(['pair', asked, choices ?? []]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where pair ids are made
  return createHash('sha256').update(text).digest('hex').slice(0, 32) as PairId;
}

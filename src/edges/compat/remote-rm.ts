// The remote reward model of slime and of its fork miles: `--rm-url URL`, one sample a request, and the reply's JSON is the
// reward itself. Neither can say "unscorable". slime waits 120 s and tries ten times; miles waits 300 s and tries once: each
// is held as long as it waits, and then refused.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedRequest } from '../../contract/mounted-call.ts';
import { text } from '../../contract/schemas/values.ts';
import { invalidArgument } from '../../core/errors.ts';
import { recipeFor } from './asked.ts';
import type { Dialect, Translator } from './dialect.ts';
import { readLabel } from './label.ts';
import { json, openObject, parse, requireReward, scoresByScorer } from './replies.ts';
import { promptSchema, readPrompt, withoutEndTokens } from './texts.ts';

/** Milliseconds that a request of each is held: within what its client waits. */
const HOLD_MS = { slime: 100_000, miles: 270_000 } as const;
type Trainer = keyof typeof HOLD_MS;

const request = openObject({
  prompt: promptSchema,
  response: text(LIMITS.completionCharsMax),
  label: z.unknown().optional(),
});

export const remoteRm: Dialect = (translator) =>
  (['slime', 'miles'] as const).map((trainer) => ({
    method: 'POST',
    path: `/compat/${trainer}/remote_rm`,
    name: `compat/${trainer}`,
    answer: (received) => answer(translator, trainer, received),
  }));

async function answer(
  { scoring, choices }: Translator,
  trainer: Trainer,
  { body, query, signal }: MountedRequest,
) {
  const choice = choices.of(query, HOLD_MS[trainer], ['reward_key']);
  const { prompt, response, label } = parse(request, body);
  const read = readLabel(label, 'label');
  const group = {
    prompt: readPrompt(prompt),
    reference: read.reference,
    completions: [{ memberIndex: 0, text: withoutEndTokens(response).toWellFormed() }],
  };
  const { holdMs } = choice;
  const asked = { dialect: trainer, ...recipeFor(read, choice, 'label'), holdMs, signal, field: 'label' };
  const outcome = await scoring.outcome(group, asked);
  const rewarded = requireReward(outcome, 'response');
  const key = query['reward_key'];
  if (key === undefined) return json(rewarded.reward);
  if (key === '') throw invalidArgument('reward_key', 'Must be the name that --reward-key has');
  return json({ ...scoresByScorer(rewarded.scores), [key]: rewarded.reward });
}

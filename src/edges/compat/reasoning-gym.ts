// The server of reasoning-gym: batches of questions by their place, and scores of answers by the ids that came with them. Each
// split of a dataset is an experiment; they are imported, not created here. Its client has no word for "unscorable": a fault is
// held and tried again, and then refused.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedRequest } from '../../contract/mounted-call.ts';
import { filledText, list, text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { RowsService } from '../../services/datasets/served-rows.ts';
import { checkNames } from './asked.ts';
import type { Dialect, Translator } from './dialect.ts';
import { json, openObject, parse, requireReward } from './replies.ts';
import { groupOf, namesOf, openNamed, ordinalOf, questionOf, rowIdOf } from './rows.ts';

const HOLD_MS = 45_000;
const BATCH_MAX = LIMITS.groupsPerLeaseMax;

const request = openObject({
  answers: list(
    openObject({
      entry_id: filledText(LIMITS.idCharsMax),
      answer: z.union([text(LIMITS.completionCharsMax), z.null()], { error: must('a text, or null') }),
    }),
    0,
    LIMITS.groupsPerRequestMax,
    'answers',
  ),
});

export const reasoningGym: Dialect = (translator) => [
  call('GET', '/health', () => json({ status: 'healthy' })),
  call('GET', '/experiments', async () => json({ experiments: await namesOf(translator.rows) })),
  call('GET', '/experiments/{name}/batch', (received) => batch(translator.rows, received)),
  call('POST', '/experiments/{name}/score', (received) => score(translator, received)),
];

function call(method: MountedCall['method'], path: string, answer: MountedCall['answer']): MountedCall {
  return { method, path: `/compat/reasoning-gym${path}`, name: 'compat/reasoning-gym', answer };
}

/** Places beyond the last row begin again with the first: a trainer counts on without end. */
async function batch(rows: RowsService, { path, query }: MountedRequest) {
  checkNames(query, ['base_index', 'batch_size']);
  const first = wholeOf(query, 'base_index', 0, Number.MAX_SAFE_INTEGER - BATCH_MAX);
  const size = wholeOf(query, 'batch_size', 1, BATCH_MAX);
  const split = await openNamed(rows, path['name'] ?? '');
  const ordinals = Array.from({ length: size }, (_, index) => (first + index) % split.count);
  const served = await split.rowsAt(ordinals);
  return json({
    entries: served.map((row, index) => ({
      question: questionOf(row),
      entry_id: rowIdOf(split, row.ordinal),
      // Its own server puts answers in here.
      metadata: {
        source_dataset: split.dataset.name,
        source_index: first + index,
        version_id: split.dataset.version,
      },
    })),
  });
}

async function score({ rows, scoring, choices }: Translator, { path, query, body, signal }: MountedRequest) {
  const { named, holdMs } = choices.of(query, HOLD_MS);
  const { answers } = parse(request, body);
  const split = await openNamed(rows, path['name'] ?? '');
  const ordinals = answers.map(({ entry_id: id }, index) =>
    ordinalOf(split, id, `answers[${index}].entry_id`),
  );
  const served = await split.rowsAt(ordinals);
  const outcomes = await Promise.all(
    served.map((row, index) =>
      scoring.outcome(groupOf(split, row, answers[index]?.answer ?? ''), {
        dialect: 'reasoning-gym',
        reward: named,
        holdMs,
        signal,
        field: `answers[${index}]`,
      }),
    ),
  );
  return json({
    scores: outcomes.map((outcome, index) => requireReward(outcome, `answers[${index}]`).reward),
    entry_ids: answers.map(({ entry_id: id }) => id),
  });
}

function wholeOf(query: MountedRequest['query'], name: string, min: number, max: number): number {
  const given = query[name] ?? '';
  const value = /^\d{1,16}$/u.test(given) ? Number(given) : NaN;
  if (value >= min && value <= max) return value;
  throw invalidArgument(name, `Must be a whole number from ${min} to ${max}`);
}

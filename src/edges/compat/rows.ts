// The rows that protocols with prompts of their own serve: which dataset a name in a URL means, and a completion of a row as
// the service scores it.

import { DEFAULTS } from '../../contract/defaults.ts';
import type { ScoreGroup } from '../../core/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { type Message, promptText } from '../../core/prompt.ts';
import type { RowsService, ServedRow, ServedSplit } from '../../services/datasets/served-rows.ts';
import { withoutEndTokens } from './texts.ts';

/**
 * A split by its name in a URL: `gsm8k`, whose split is `train`, or `gsm8k:test`.
 *
 * @throws EnvError `not_found`
 */
export function openNamed(rows: RowsService, name: string): Promise<ServedSplit> {
  // Neither name can hold a colon.
  const [dataset = '', split = DEFAULTS.split] = name.split(':');
  return rows.open(dataset, split);
}

/** Names of all splits, as URLs have them: `gsm8k`, `gsm8k:test`. */
export async function namesOf(rows: RowsService): Promise<readonly string[]> {
  const datasets = await rows.list();
  return datasets.flatMap(({ name, splits }) =>
    splits.map((split) => (split.name === DEFAULTS.split ? name : `${name}:${split.name}`)),
  );
}

/** Names one row of one version: `<version>.<place>`. */
export function rowIdOf({ dataset }: ServedSplit, ordinal: number): string {
  return `${dataset.version}.${ordinal}`;
}

/**
 * The place that an id names.
 *
 * @param field what the id is called where it came from
 * @throws EnvError `failed_precondition` for an id of a version that is not served any more
 */
export function ordinalOf(split: ServedSplit, id: string, field: string): number {
  const [, version = '', place = ''] = /^(.*)\.(\d{1,15})$/u.exec(id) ?? [];
  const ordinal = Number(place);
  if (place === '' || (version === split.dataset.version && ordinal >= split.count)) {
    throw invalidArgument(
      field,
      `Must be an id that this server gave out, with a place below ${split.count}`,
    );
  }
  if (version === split.dataset.version) return ordinal;
  throw new EnvError(
    'failed_precondition',
    `Cannot find the row of ${field}: the dataset was replaced since, its version is ${split.dataset.version}`,
    { field },
  );
}

/** What the policy wrote for a row, to be scored by the row's own recipe unless another is named. */
export function groupOf({ dataset }: ServedSplit, row: ServedRow, text: string): ScoreGroup {
  return {
    prompt: row.prompt,
    reference: { kind: 'row', dataset: dataset.name, pairId: row.pairId },
    completions: [{ memberIndex: 0, text: withoutEndTokens(text).toWellFormed() }],
  };
}

/** The question as one text, for protocols without messages. */
export function questionOf({ prompt }: { readonly prompt: readonly Message[] }): string {
  return promptText(prompt);
}

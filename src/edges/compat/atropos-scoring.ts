// The rewards of an Atropos group that names its ground truth: scored here as one group, with advantages for each token. A
// member that stays unscorable refuses the group, for a score must be a number; the environment then sends it again.

import { decodeEstimator } from '../../contract/decode-recipe.ts';
import { LIMITS } from '../../contract/limits.ts';
import { estimator as estimatorSchema } from '../../contract/schemas/recipe.ts';
import { refusal } from '../../contract/wording.ts';
import { isJsonObject } from '../../core/canonical-json.ts';
import type { EstimatorChoice } from '../../core/advantages/estimator.ts';
import { resolveEstimator, statedChoice } from '../../core/advantages/table.ts';
import type { ScoreGroup } from '../../core/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { Message } from '../../core/prompt.ts';
import { type Choice, recipeFor } from './asked.ts';
import { groupJson, MASKED, type ScoredGroup } from './atropos-group.ts';
import type { HeldScoring } from './held-scoring.ts';
import { type Label, readLabel } from './label.ts';
import { requireReward } from './replies.ts';
import { promptSchema, readPrompt, withoutEndTokens } from './texts.ts';

export interface ScoringTask {
  readonly group: ScoredGroup;
  /** What the group is called where it came from: empty, or `[2].`. */
  readonly prefix: string;
  readonly label: Label;
  readonly estimator: EstimatorChoice;
  readonly score: ScoreGroup;
}

/**
 * What there is to score.
 *
 * @throws EnvError `invalid_argument` that names the field at fault
 */
export function scoringTask(group: ScoredGroup, prefix: string): ScoringTask {
  const field = `${prefix}group_overrides.groupwise`;
  const { estimator, rest } = splitLabel(group.label, field);
  const label = readLabel(rest, field);
  const { prompt, completions } = conversations(group, `${prefix}messages`);
  return { group, prefix, label, estimator, score: { prompt, reference: label.reference, completions } };
}

/**
 * JSON of the group with its rewards as scores.
 *
 * @throws EnvError `unavailable` when a fault outlasts the time, `failed_precondition` for one that no retry can help
 */
export async function scoredJson(
  { group, prefix, label, estimator, score }: ScoringTask,
  scoring: HeldScoring,
  { choice, signal }: { readonly choice: Choice; readonly signal: AbortSignal },
): Promise<string> {
  const field = `${prefix}group_overrides.groupwise`;
  const asked = { dialect: 'atropos', estimator, holdMs: choice.holdMs, signal, field };
  const scored = await scoring.score(score, { ...asked, ...recipeFor(label, choice, field) });
  const scores = scored.completions.map(
    ({ outcome }, i) => requireReward(outcome, `${prefix}messages[${i}]`).reward,
  );
  const advantages = group.masks.map((mask, i) => {
    const advantage = scored.completions[i]?.advantage ?? 0;
    return mask.map((token) => (token === MASKED ? 0 : advantage));
  });
  const made = { estimator: statedChoice(scored.estimator), flags: scored.flags };
  const others = group.fields['group_overrides'];
  const overrides = { ...(isJsonObject(others) && others), groupwise: made };
  return groupJson(group, { scores, advantages, group_overrides: overrides });
}

/** The estimator stands in the label, for the one URL of an environment has no room for it. */
function splitLabel(label: unknown, field: string) {
  const { estimator: asked, ...rest } = isJsonObject(label) ? label : {};
  const parsed = estimatorSchema.optional().safeParse(asked);
  if (!parsed.success) throw refusal(parsed.error.issues, `${field}.estimator`);
  const estimator = decodeEstimator(parsed.data);
  if (resolvedUnder(estimator, field).scope === 'batch') {
    throw invalidArgument(
      `${field}.estimator`,
      `Must be one of single groups: "${estimator.name}" needs a whole batch`,
    );
  }
  return { estimator, rest: isJsonObject(label) ? rest : label };
}

function resolvedUnder(choice: EstimatorChoice, prefix: string) {
  try {
    return resolveEstimator(choice);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw invalidArgument(`${prefix}.${error.field ?? 'estimator'}`, error.message);
  }
}

/** One prompt, which all sequences begin with, and of each the last thing that the assistant said. */
function conversations(group: ScoredGroup, field: string): Pick<ScoreGroup, 'prompt' | 'completions'> {
  const { messages, masks } = group;
  if (messages === undefined) {
    throw invalidArgument(field, 'Is missing: the messages of each sequence are what is scored');
  }
  let first: readonly Message[] | undefined;
  const completions = messages.map((each, i) => {
    const own = `${field}[${i}]`;
    const parsed = promptSchema.safeParse(each);
    if (!parsed.success) throw refusal(parsed.error.issues, own);
    const said = readPrompt(parsed.data);
    const last = said.at(-1);
    if (last?.role !== 'assistant') throw invalidArgument(own, 'Must end with a message of the assistant');
    if (last.content.length > LIMITS.completionCharsMax) {
      throw invalidArgument(own, `Must end with at most ${LIMITS.completionCharsMax} characters`);
    }
    const prompt = said.slice(
      0,
      said.findIndex(({ role }) => role === 'assistant'),
    );
    first ??= prompt;
    if (JSON.stringify(prompt) !== JSON.stringify(first)) {
      throw invalidArgument(own, `Must begin as ${field}[0] does: a group has one prompt`);
    }
    const tokenCount = (masks[i] ?? []).filter((token) => token !== MASKED).length;
    return { memberIndex: i, text: withoutEndTokens(last.content), tokenCount };
  });
  return { prompt: first ?? [], completions };
}

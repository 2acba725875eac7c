// Scores labelled completions by one recipe after the other, with the scoring that serves, and measures what came of it.

import { writeJsonLines } from '../../adapters/jsonl-writer.ts';
import { openRowFile } from '../../adapters/row-files.ts';
import { encodeRecipe } from '../../contract/encode-replies.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { ScoreCall } from '../../core/calls.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { proportionOf } from '../../core/proportion.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { RowSink } from '../../ports/row-sink.ts';
import { type OfflineRewards, withOfflineRewards } from '../score/offline-rewards.ts';
import { rolloutBatches } from '../score/rollout-batches.ts';
import type { ScoreDefaults } from '../score/stored-rollout.ts';
import type { EvaluationReport } from './describe-evaluation.ts';
import { recipeReport, type RecipeReport, shareReport } from './evaluation-report.ts';
import { type LabelledRollout, parseLabelledRollout, type Place, placeOf } from './labelled-rollout.ts';
import { RecipeEvaluation } from './recipe-evaluation.ts';
import { recipeName } from './recipe-name.ts';
import { ScorerMeter } from './scorer-meter.ts';

export interface EvaluateOptions {
  readonly file: string;
  readonly recipes: readonly Recipe[];
  readonly defaults: ScoreDefaults;
  readonly estimator: ScoreCall['estimator'];
  readonly threshold: number;
  /** Names of the judges that recipes may use. */
  readonly judges: readonly string[];
  readonly offline: Parameters<typeof withOfflineRewards>[0];
  readonly disagreements: string | undefined;
}

/** One recipe at work. */
interface Runner {
  readonly name: string;
  readonly recipe: Recipe;
  readonly evaluation: RecipeEvaluation;
  compared: number;
  agreed: number;
}

const REJECTIONS_SHOWN = 5;
/** Groups scored together: judges are asked about so many at a time. */
const GROUPS_AT_ONCE = 64;

export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const { file, defaults, threshold, judges } = options;
  const meter = new ScorerMeter({ judges, now: () => performance.now() });
  const runners = options.recipes.map((recipe) => runnerOf(recipe, options));
  const counts = { groups: 0, completions: 0, labelled: 0, labelled_right: 0, rejected: 0 };
  const rejections: { at: string; reason: string }[] = [];
  await withOfflineRewards(
    options.offline,
    async (offline) => {
      const out = options.disagreements === undefined ? undefined : writeJsonLines(options.disagreements);
      const reading = {
        size: GROUPS_AT_ONCE,
        parse: (row: Parameters<typeof parseLabelledRollout>[0], at: string) =>
          parseLabelledRollout(row, at, defaults),
        reject: (at: string, reason: string) => {
          counts.rejected += 1;
          if (rejections.length < REJECTIONS_SHOWN) rejections.push({ at, reason });
        },
      };
      try {
        for await (const batch of rolloutBatches(openRowFile(file), reading)) {
          for (const { known } of batch) {
            counts.groups += 1;
            counts.completions += known.length;
            counts.labelled += known.filter(({ isCorrect }) => isCorrect !== undefined).length;
            counts.labelled_right += known.filter(({ isCorrect }) => isCorrect === true).length;
          }
          const places = await Promise.all(batch.map((rollout) => placeOf(rollout, offline.findPair)));
          await measure(runners, { batch, places, offline, meter, options, out });
        }
        await out?.close();
      } catch (error) {
        await out?.abort();
        throw error;
      }
    },
    (scorers) => meter.through(scorers),
  );
  if (counts.labelled === 0 && counts.rejected === 0)
    throw invalidArgument('file', `There is nothing in "${file}"`);
  return { file, threshold, ...counts, rejections, recipes: runners.map(reportOf) };
}

interface Batch {
  readonly batch: readonly LabelledRollout[];
  readonly places: readonly Place[];
  readonly offline: OfflineRewards;
  readonly meter: ScorerMeter;
  readonly options: EvaluateOptions;
  readonly out: RowSink | undefined;
}

/** All recipes on one batch, one after the other: they must not wait for one another's judges. */
async function measure(runners: readonly Runner[], given: Batch): Promise<void> {
  const { batch, places, out } = given;
  const lines: JsonObject[] = [];
  let firstOutcomes: readonly (readonly CompletionOutcome[])[] | undefined;
  for (const runner of runners) {
    const outcomes = await scoreBatch(runner, given);
    for (const [g, rollout] of batch.entries()) {
      for (const [i, outcome] of (outcomes[g] ?? []).entries()) {
        const label = rollout.known[i]?.isCorrect;
        const place = places[g] ?? { answerType: '', domain: '' };
        runner.evaluation.add({ outcome }, label, place);
        const first = firstOutcomes?.[g]?.[i];
        if (first !== undefined) compare(runner, first, outcome);
        const said = runner.evaluation.said(outcome);
        if (out === undefined || label === undefined) continue;
        if (said.kind === 'said' && said.isYes === label) continue;
        lines.push(disagreement(runner, rollout, { index: i, label, outcome, place }));
      }
    }
    firstOutcomes ??= outcomes;
  }
  await out?.write(lines);
}

async function scoreBatch(
  { recipe, evaluation }: Runner,
  { batch, offline, meter, options }: Batch,
): Promise<readonly (readonly CompletionOutcome[])[]> {
  meter.countIn(evaluation.askings);
  const before = [...offline.judges].map(([judge, books]) => ({ judge, books, at: books() }));
  const startedAt = performance.now();
  const outcomes: (readonly CompletionOutcome[])[] = [];
  // One call may not hold more completions than a server takes in.
  for (const part of partsOf(batch)) {
    const groups = part.map(({ group }) => group);
    const reply = await offline.rewards.score({ reward: recipe, estimator: options.estimator, groups });
    outcomes.push(...reply.groups.map(({ completions }) => completions.map(({ outcome }) => outcome)));
  }
  evaluation.milliseconds += performance.now() - startedAt;
  for (const { judge, books, at } of before) evaluation.bill(judge, at, books());
  return outcomes;
}

function* partsOf(batch: readonly LabelledRollout[]): Generator<readonly LabelledRollout[]> {
  let part: LabelledRollout[] = [];
  let size = 0;
  for (const rollout of batch) {
    const count = rollout.group.completions.length;
    if (part.length > 0 && size + count > LIMITS.completionsInFlightMax) {
      yield part;
      [part, size] = [[], 0];
    }
    part.push(rollout);
    size += count;
  }
  if (part.length > 0) yield part;
}

function compare(runner: Runner, first: CompletionOutcome, outcome: CompletionOutcome): void {
  const [one, other] = [runner.evaluation.said(first), runner.evaluation.said(outcome)];
  if (one.kind !== 'said' || other.kind !== 'said') return;
  runner.compared += 1;
  if (one.isYes === other.isYes) runner.agreed += 1;
}

function disagreement(
  { name }: Runner,
  { at, row, completions }: LabelledRollout,
  found: {
    readonly index: number;
    readonly label: boolean;
    readonly outcome: CompletionOutcome;
    readonly place: Place;
  },
): JsonObject {
  const { index, label, outcome, place } = found;
  const { prompt = null, question = prompt, ground_truth: groundTruth = null, pair_id: pairId = null } = row;
  const line = {
    at,
    member_index: index,
    recipe: name,
    label,
    reward: outcome.kind === 'scored' ? outcome.reward : null,
    ...(outcome.kind === 'unscorable' && { unscorable: outcome.unscorable }),
    question,
    ...(pairId !== null && { pair_id: pairId }),
    ground_truth: groundTruth,
    answer_type: place.answerType,
    domain: place.domain,
    completion: completions[index]?.['text'] ?? null,
    scores: outcome.scores,
  };
  // Plain data all the way down; TypeScript gives no index signature to interfaces, and undefined fields are left out.
  return JSON.parse(JSON.stringify(line)) as JsonObject;
}

function runnerOf(recipe: Recipe, { threshold, judges }: EvaluateOptions): Runner {
  const used = recipe.scorers.map(({ name }) => name).filter((name) => judges.includes(name));
  const evaluation = new RecipeEvaluation({ threshold, judges: [...new Set(used)] });
  return { name: recipeName(recipe), recipe, evaluation, compared: 0, agreed: 0 };
}

function reportOf({ name, recipe, evaluation, compared, agreed }: Runner, index: number): RecipeReport {
  const withFirst = index === 0 ? null : { compared, agreement: shareReport(proportionOf(agreed, compared)) };
  return recipeReport({ name, reward: encodeRecipe(recipe) }, evaluation, withFirst);
}

// ScoreResponse straight to its bytes: half of what a scored group costs at the gRPC door is the general encoder, and this
// is five times as fast. It repeats field numbers of the proto, so a property test holds it to the general encoder, byte by byte.

import type { Unscorable } from '../core/score.ts';
import type {
  WireCompletionResult,
  WireCost,
  WireEstimator,
  WireScored,
  WireScorerScore,
} from './encode-replies.ts';
import { ReverseWriter } from './reverse-writer.ts';

/** Makes an encoder with a buffer of its own: one for each server. */
export function scoreBytes(): (wire: WireScored) => Buffer {
  const writer = new ReverseWriter();
  return ({ estimator, groups }) => {
    for (let index = groups.length - 1; index >= 0; index -= 1)
      writeGroup(writer, groups[index] as WireGroup);
    const opened = writer.open();
    writeEstimator(writer, estimator);
    writer.close(1, opened);
    return writer.finish();
  };
}

type WireGroup = WireScored['groups'][number];

function writeGroup(writer: ReverseWriter, { flags, completions }: WireGroup): void {
  const opened = writer.open();
  for (let index = completions.length - 1; index >= 0; index -= 1) {
    writeCompletion(writer, 2, completions[index] as WireCompletionResult);
  }
  for (const flag of flags.toReversed()) writer.text(1, flag);
  writer.close(2, opened);
}

export function writeCompletion(writer: ReverseWriter, field: number, result: WireCompletionResult): void {
  const opened = writer.open();
  const { scores } = result;
  if (result.drift !== undefined) writer.integer(6, result.drift);
  for (let index = scores.length - 1; index >= 0; index -= 1)
    writeScore(writer, scores[index] as WireScorerScore);
  if (result.advantage !== undefined) writer.double(4, result.advantage);
  if (result.unscorable !== undefined) writeUnscorable(writer, result.unscorable);
  if (result.reward !== undefined) writer.double(2, result.reward);
  writer.integer(1, result.member_index);
  writer.close(field, opened);
}

function writeScore(writer: ReverseWriter, score: WireScorerScore): void {
  const opened = writer.open();
  if (score.cost !== undefined) writeCost(writer, score.cost);
  if (score.replaced_by !== undefined) writer.text(7, score.replaced_by);
  if (score.reason !== undefined) writer.text(6, score.reason);
  if (score.answer_source !== undefined) writer.text(5, score.answer_source);
  if (score.answer !== undefined) writer.text(4, score.answer);
  if (score.unscorable !== undefined) writeUnscorable(writer, score.unscorable);
  if (score.score !== undefined) writer.double(2, score.score);
  writer.text(1, score.scorer);
  writer.close(5, opened);
}

/** Fields without presence are written when they are 0 as well, as the general encoder does. */
function writeCost(writer: ReverseWriter, cost: WireCost): void {
  const opened = writer.open();
  if (cost.verdicts_known !== undefined) writer.integer(6, cost.verdicts_known);
  if (cost.verdicts_asked !== undefined) writer.integer(5, cost.verdicts_asked);
  writer.integer(4, cost.completion_tokens);
  writer.integer(3, cost.prompt_tokens);
  writer.integer(2, cost.is_cached ? 1 : 0);
  if (cost.usd !== undefined) writer.double(1, cost.usd);
  writer.close(8, opened);
}

/** Field 3 of a score and of a completion alike. */
function writeUnscorable(writer: ReverseWriter, { cause, scorer, detail }: Unscorable): void {
  const opened = writer.open();
  writer.text(3, detail);
  writer.text(2, scorer);
  writer.text(1, cause);
  writer.close(3, opened);
}

export function writeEstimator(
  writer: ReverseWriter,
  { name, ddof, epsilon, k, weights }: WireEstimator,
): void {
  for (const [scorer, weight] of Object.entries(weights ?? {}).toReversed()) {
    const opened = writer.open();
    writer.double(2, weight);
    writer.text(1, scorer);
    writer.close(5, opened);
  }
  if (k !== undefined) writer.integer(4, k);
  if (epsilon !== undefined) writer.double(3, epsilon);
  if (ddof !== undefined) writer.integer(2, ddof);
  writer.text(1, name);
}

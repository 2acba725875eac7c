// The result frames of a rollout stream straight to their bytes, as `score-bytes.ts` does for scores and for the same reason. A
// property test holds it to the general encoder, byte by byte.

import type { WireCompletionResult, WireGroupResult } from './encode-replies.ts';
import { ReverseWriter } from './reverse-writer.ts';
import { writeCompletion, writeEstimator } from './score-bytes.ts';

/** A result as the proto has it: its state is a number. */
export type ProtoGroupResult = Omit<WireGroupResult, 'state'> & { readonly state: number };

/** Makes an encoder of `RolloutResponse` with a result in it, with a buffer of its own: one for each server. */
export function resultBytes(): (frame: { readonly result: ProtoGroupResult }) => Buffer {
  const writer = new ReverseWriter();
  return ({ result }) => {
    const frame = writer.open();
    writeResult(writer, result);
    writer.close(2, frame);
    return writer.finish();
  };
}

function writeResult(writer: ReverseWriter, result: ProtoGroupResult): void {
  const { completions, missing, flags } = result;
  if (result.batch_owed !== undefined) writer.integer(9, result.batch_owed);
  const estimator = writer.open();
  writeEstimator(writer, result.estimator);
  writer.close(8, estimator);
  for (const flag of flags.toReversed()) writer.text(7, flag);
  if (missing.length > 0) {
    const list = writer.open();
    for (const index of missing.toReversed()) writer.item(index);
    writer.close(6, list);
  }
  for (let index = completions.length - 1; index >= 0; index -= 1) {
    writeCompletion(writer, 5, completions[index] as WireCompletionResult);
  }
  writer.integer(4, result.state);
  writer.text(3, result.batch_id);
  writer.text(2, result.lease_id);
  writer.text(1, result.group_id);
}

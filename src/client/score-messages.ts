// ScoreRequest and ScoreResponse as bytes, for callers of `EncodedRewards`.

import { CALLS } from '../contract/calls.ts';
import type { ScoreInput } from '../contract/encode-calls.ts';
import { loadContract } from '../contract/service.ts';
import { type ScoreStreamReply, scoreStreamReplyIn } from '../contract/streams.ts';

export interface ScoreMessages {
  encode(input: ScoreInput): Buffer;
  /** Of either call: a unary response never holds a problem. */
  decode(reply: Buffer): ScoreStreamReply;
}

/** Reads the proto files, so make one and keep it. */
export function createScoreMessages(): ScoreMessages {
  const { requestSerialize, responseDeserialize } = loadContract().method('ScoreStream');
  return {
    encode: (input) => requestSerialize(CALLS.Score.requestToProto(CALLS.Score.encodeCall(input))),
    decode: (reply) => scoreStreamReplyIn(responseDeserialize(reply)),
  };
}

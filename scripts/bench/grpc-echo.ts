// Baseline: what grpc-js alone can do with the same messages. Decodes each ScoreRequest and answers a ScoreResponse of the
// shape that the real server sends, with nothing scored. `--lean` answers the rewards alone.
//
//   node scripts/bench/grpc-echo.ts [--lean] HOST:PORT

import * as grpc from '@grpc/grpc-js';
import { loadContract } from '../../src/contract/service.ts';

interface WireRequest {
  readonly groups: readonly { readonly completions: readonly unknown[] }[];
}

const rewards = loadContract().services.Rewards;
const isLean = process.argv.includes('--lean');
const address = process.argv.at(-1) ?? '127.0.0.1:0';

function reply(request: WireRequest): unknown {
  const groups = request.groups.map((group) => ({
    completions: group.completions.map((_, member) =>
      isLean
        ? { reward: 1 }
        : {
            member_index: member,
            reward: 1,
            advantage: 0.5,
            scores: [{ scorer: 'math', score: 1, answer: '12345', answer_source: 'boxed' }],
          },
    ),
  }));
  return isLean ? { groups } : { estimator: { name: 'grpo:verl', ddof: 1, epsilon: 1e-6 }, groups };
}

const server = new grpc.Server({
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
});
server.addService(rewards, {
  Score: (call: grpc.ServerUnaryCall<WireRequest, unknown>, done: grpc.sendUnaryData<unknown>) => {
    done(null, reply(call.request));
  },
  ScoreStream: (call: grpc.ServerDuplexStream<WireRequest, unknown>) => {
    call.on('data', (request: WireRequest) => {
      call.write(reply(request));
    });
    call.on('end', () => {
      call.end();
    });
  },
  ComputeAdvantages: (_: unknown, done: grpc.sendUnaryData<unknown>) => {
    done({ code: grpc.status.UNIMPLEMENTED });
  },
});
server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`ready ${port}`);
});

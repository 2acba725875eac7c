// OpenRLHF: its remote reward model over HTTP, or an agent of one turn over gRPC, which is a file of the example.

import type { Block, Trainer } from './guide.ts';
import {
  command,
  compatUrlWord,
  grpcTrust,
  httpTrust,
  installPython,
  rowFiles,
  shellWord,
  tokenLine,
} from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

export const openRlhf: Trainer = {
  name: 'openrlhf',
  title: 'OpenRLHF',
  summary: 'its remote reward model, two options; or an agent',
  door: 'http',
  call: 'POST /compat/openrlhf/get_reward',
  docs: 'docs/compat.md#openrlhf',
  example: 'examples/openrlhf',
  guide(facts) {
    const rows = rowFiles(facts, { format: 'trainer', extension: 'jsonl' });
    const train = command(
      'python3 -m openrlhf.cli.train_ppo_ray',
      '--actor.model_name_or_path Qwen/Qwen2.5-0.5B-Instruct',
      '--algo.advantage.estimator group_norm',
      '--rollout.n_samples_per_prompt 8',
      `--data.prompt_dataset ${shellWord(rows.train)}`,
      '--data.input_key prompt',
      '--data.label_key label',
      '--data.apply_chat_template',
      `--reward.remote_url ${compatUrlWord(facts, 'openrlhf/get_reward')}`,
    );
    return {
      blocks: [
        rows.block,
        {
          title: 'Train, with batch sizes and GPUs of your own',
          language: 'bash',
          text: [...tokenLine(facts), ...httpTrust(facts), train].join('\n'),
        },
        ...agentBlocks(facts),
      ],
      traps: [
        'Without --data.label_key the labels are empty, and the server refuses them.',
        'By --reward.remote_url nobody says which responses were cut off, and a fault that outlasts 150 s is logged and stops the trainer in torch.cat on None; the agent says both.',
      ],
    };
  },
};

function agentBlocks(facts: ServerFacts): readonly Block[] {
  const { grpc, reward, examples, tls } = facts;
  // The file takes TLS from the environment, which only knows it with certificates.
  if (grpc === undefined || (tls !== undefined && tls.ca === undefined)) return [];
  const lines = [
    installPython(facts).text,
    ...grpcTrust(facts),
    `export GROUPWISE_ADDRESS=${grpc}`,
    ...(reward === undefined ? [] : [`export GROUPWISE_REWARD=${shellWord(reward)}`]),
    `AGENT=${shellWord(`${examples}/openrlhf/agent.py`)}`,
  ];
  return [
    {
      title:
        'Or score over gRPC: with these, --train.agent_func_path "$AGENT" in place of --reward.remote_url',
      language: 'bash',
      text: lines.join('\n'),
    },
  ];
}

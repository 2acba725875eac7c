// OpenRLHF: its remote reward model, over HTTP.

import type { Trainer } from './guide.ts';
import { command, compatUrlWord, httpTrust, rowFiles, tokenLine } from './spelling.ts';

export const openRlhf: Trainer = {
  name: 'openrlhf',
  title: 'OpenRLHF',
  summary: 'its remote reward model, two options',
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
      `--data.prompt_dataset ${rows.train}`,
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
      ],
      traps: [
        'Without --data.label_key the labels are empty, and the server refuses them.',
        'A fault is held for 150 s and tried again; after that the client logs it, and the trainer stops in torch.cat on None.',
      ],
    };
  },
};

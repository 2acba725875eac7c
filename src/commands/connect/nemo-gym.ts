// NeMo Gym, and NeMo RL that trains on it: a resources server of its own kind, which passes on what it is asked. It is a file of the
// example, as NeMo Gym starts its servers itself and knows them by host and port alone, without a path.

import type { Trainer } from './guide.ts';
import { command, compatUrl, httpTrust, rowFiles, shellWord, tokenLine } from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

const CONFIG = 'resources_servers/groupwise/configs/groupwise.yaml';
const TRAPS = [
  'A fault is reward 0.0 as a placeholder, with mask_sample and _ng_failure_class: read the reward only where mask_sample is false.',
];

export const nemoGym: Trainer = {
  name: 'nemo-gym',
  title: 'NeMo Gym',
  summary: 'a resources server that passes on what it is asked',
  door: 'http',
  call: 'POST /compat/nemo-gym/verify',
  docs: 'docs/compat.md#nemo-gym',
  example: 'examples/nemo-rl',
  guide(facts) {
    const rows = rowFiles(facts, { format: 'nemo-gym', extension: 'jsonl' });
    const start = command(
      'gym env start',
      `--config ${CONFIG}`,
      '--config responses_api_models/vllm_model/configs/vllm_model.yaml',
    );
    return {
      blocks: [
        rows.block,
        { title: 'Start NeMo Gym', language: 'bash', text: [...environmentOf(facts), start].join('\n') },
        {
          title: 'Collect rollouts, in a second terminal',
          language: 'bash',
          text: command(
            'gym eval run --no-serve',
            '--agent groupwise_simple_agent',
            `--input ${rows.train}`,
            '--output rollouts.jsonl',
          ),
        },
      ],
      traps: TRAPS,
    };
  },
};

export const nemoRl: Trainer = {
  name: 'nemo-rl',
  title: 'NeMo RL',
  summary: 'GRPO over NeMo Gym, with the same resources server',
  door: 'http',
  call: 'POST /compat/nemo-gym/verify',
  docs: 'docs/compat.md#nemo-gym',
  example: 'examples/nemo-rl',
  guide(facts) {
    const rows = rowFiles(facts, { format: 'nemo-gym', extension: 'jsonl' });
    const train = command(
      'uv run examples/nemo_gym/run_grpo_nemo_gym.py',
      '--config "$GROUPWISE_EXAMPLE/config.yaml"',
      `data.train.data_path=$PWD/${rows.train}`,
      `data.validation.data_path=$PWD/${rows.test}`,
    );
    const text = [...environmentOf(facts), 'export GROUPWISE_EXAMPLE=$NEMO_GYM_EXTRA_ROOTS', train];
    return {
      blocks: [
        rows.block,
        {
          title: 'Train, in a checkout of NeMo RL with the files in it',
          language: 'bash',
          text: text.join('\n'),
        },
      ],
      traps: [
        ...TRAPS,
        'Keep env.should_mask_flagged_samples at true: with false the placeholders are learnt from.',
      ],
    };
  },
};

/** Our folder is a root that NeMo Gym looks for servers in. */
function environmentOf(facts: ServerFacts): readonly string[] {
  return [
    ...tokenLine(facts),
    ...httpTrust(facts),
    'export NEMO_GYM_EXTRA_ROOTS=/path/to/examples/nemo-rl',
    `export GROUPWISE_URL=${shellWord(compatUrl(facts, 'nemo-gym'))}`,
  ];
}

// NeMo Gym, and NeMo RL that trains on it: a resources server of its own kind, which passes on what it is asked. It is a file of the
// example, as NeMo Gym starts its servers itself and knows them by host and port alone, without a path.

import type { Trainer } from './guide.ts';
import { command, compatUrl, httpTrust, rowFiles, shellWord, tokenLine } from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

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
    const start = command('gym env start', '--resources-server groupwise', '--model-type vllm_model');
    const collect = command(
      'gym eval run --no-serve',
      '--agent groupwise_simple_agent',
      `--input ${shellWord(rows.train)}`,
      '--output rollouts.jsonl',
    );
    return {
      blocks: [
        rows.block,
        {
          title: 'In a checkout of NeMo Gym whose env.yaml names your model',
          language: 'bash',
          text: [copyServer(facts, 'resources_servers/'), ...environmentOf(facts), start].join('\n'),
        },
        { title: 'Collect rollouts, in a second terminal', language: 'bash', text: collect },
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
    const files = [
      copyServer(facts, '3rdparty/Gym-workspace/Gym/resources_servers/'),
      `cp ${shellWord(`${facts.examples}/nemo-rl/config.yaml`)} examples/nemo_gym/groupwise.yaml`,
    ];
    const train = command(
      'uv run examples/nemo_gym/run_grpo_nemo_gym.py',
      '--config examples/nemo_gym/groupwise.yaml',
      shellWord(`data.train.data_path=${rows.train}`),
      shellWord(`data.validation.data_path=${rows.test}`),
    );
    return {
      blocks: [
        rows.block,
        { title: 'In a checkout of NeMo RL, once', language: 'bash', text: files.join('\n') },
        { title: 'Train, there', language: 'bash', text: [...environmentOf(facts), train].join('\n') },
      ],
      traps: [
        ...TRAPS,
        'Keep env.should_mask_flagged_samples at true: with false the placeholders are learnt from.',
      ],
    };
  },
};

function copyServer({ examples }: ServerFacts, into: string): string {
  return `cp -r ${shellWord(`${examples}/nemo-rl/resources_servers/groupwise`)} ${into}`;
}

function environmentOf(facts: ServerFacts): readonly string[] {
  return [
    ...tokenLine(facts),
    ...httpTrust(facts),
    `export GROUPWISE_URL=${shellWord(compatUrl(facts, 'nemo-gym'))}`,
  ];
}

// verl: a custom reward function that its workers import, over gRPC.

import type { Trainer } from './guide.ts';
import { command, grpcTrust, installPython, rowFiles, shellWord, tokenLine } from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

const FUNCTION = 'reward.custom_reward_function';

export const verl: Trainer = {
  name: 'verl',
  title: 'verl',
  summary: 'a custom reward function, four settings',
  door: 'grpc',
  docs: 'docs/compat.md#verl',
  example: 'examples/verl',
  guide(facts) {
    const rows = rowFiles(facts, { format: 'trainer', extension: 'parquet' });
    const train = command(
      'python3 -m verl.trainer.main_ppo',
      'algorithm.adv_estimator=grpo',
      shellWord(`data.train_files=${rows.train}`),
      shellWord(`data.val_files=${rows.test}`),
      'actor_rollout_ref.model.path=Qwen/Qwen2.5-0.5B-Instruct',
      'actor_rollout_ref.rollout.name=vllm',
      'actor_rollout_ref.rollout.n=8',
      ...rewardSettings(facts),
    );
    const environment = [...tokenLine(facts), ...grpcTrust(facts)];
    return {
      blocks: [
        installPython(facts, 'verl>=0.9'),
        rows.block,
        {
          title: 'Train, with batch sizes and GPUs of your own',
          language: 'bash',
          text: [...environment, train].join('\n'),
        },
      ],
      traps: [
        'Leave reward.reward_manager.name at naive: rate_limited makes 0.0 of every fault and every timeout.',
        'verl has no mark for a completion without a reward: a fault is tried again for ten minutes, then it raises and training stops.',
      ],
    };
  },
};

function rewardSettings({ grpc = '', reward, tls, needsToken }: ServerFacts): readonly string[] {
  const given: Readonly<Record<string, string | undefined>> = {
    address: grpc,
    reward: reward === undefined ? undefined : hydraText(reward),
    tls: tls !== undefined && tls.ca === undefined ? 'true' : undefined,
  };
  const named = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [shellWord(`+${FUNCTION}.reward_kwargs.${name}=${value}`)],
  );
  const workers = [
    ...(needsToken ? ['GROUPWISE_TOKEN'] : []),
    ...(tls?.ca === undefined ? [] : ['GROUPWISE_TLS_CA']),
  ].map((name) => `"+ray_kwargs.ray_init.runtime_env.env_vars.${name}=$${name}"`);
  return [
    `${FUNCTION}.path=pkg://groupwise.integrations.verl`,
    `${FUNCTION}.name=compute_score_async`,
    ...named,
    ...workers,
  ];
}

/** A value of Hydra's override grammar: quoted where braces and commas would be read as containers. */
function hydraText(text: string): string {
  if (/^[\w.-]+$/.test(text)) return text;
  // Only a quote, and backslashes just before one, are escaped there.
  return `'${text.replaceAll(/(\\*)'/g, (_, slashes: string) => `${slashes}${slashes}\\'`)}'`;
}

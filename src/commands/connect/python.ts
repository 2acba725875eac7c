// The Python client: leases, submits, rewards and advantages, over gRPC.

import type { Trainer } from './guide.ts';
import { grpcTrust, installPython, quoted, tokenLine } from './spelling.ts';
import { type ServerFacts, trainSplit } from './server-facts.ts';

export const python: Trainer = {
  name: 'python',
  title: 'Python',
  summary: 'the client of this package, for a loop of your own',
  door: 'grpc',
  docs: 'docs/api.md',
  guide(facts) {
    const environment = [...tokenLine(facts), ...grpcTrust(facts)];
    return {
      blocks: [
        installPython(facts),
        ...(environment.length === 0
          ? []
          : [{ title: 'Once', language: 'bash' as const, text: environment.join('\n') }]),
        {
          title: 'A group: prompt out, completions in, rewards and advantages back',
          language: 'python',
          text: script(facts),
        },
      ],
      traps: [
        'A reward of None is a completion that could not be scored: leave it out of the baseline, never make it 0.',
      ],
    };
  },
};

function script(facts: ServerFacts): string {
  const { grpc = '', tls, needsToken, reward } = facts;
  const needsOs = needsToken || tls?.ca !== undefined;
  const connection = [
    quoted(grpc),
    ...(needsToken ? ['token=os.environ["GROUPWISE_TOKEN"]'] : []),
    ...(tls === undefined
      ? []
      : [tls.ca === undefined ? 'tls=True' : 'tls=open(os.environ["GROUPWISE_TLS_CA"], "rb").read()']),
  ];
  const run = [
    `dataset=${quoted(facts.dataset.name)}`,
    `split=${quoted(trainSplit(facts))}`,
    'group_size=2',
    'seed=1',
    'estimator="grpo:trl"',
    ...(reward === undefined ? [] : [`reward=${quoted(reward)}`]),
  ];
  return `${needsOs ? 'import os\n\n' : ''}from groupwise import Environment

with Environment(${connection.join(', ')}) as environment:
    run = environment.open_run(${run.join(', ')})
    lease = environment.lease(run.run_id, groups=1)
    for group in lease.groups:
        print(group.prompt[-1].content)
        texts = ["So the answer is \\\\boxed{18}", "Answer: 17"]  # of your policy
        (result,) = environment.submit(run.run_id, {group.lease_id: texts})
        for each in result.completions:
            print(each.reward, each.advantage)`;
}

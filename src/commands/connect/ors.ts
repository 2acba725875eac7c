// The Open Reward Standard, whose clients join paths to a host alone.

import type { Trainer } from './guide.ts';
import { httpTrust, quoted, tokenLine } from './spelling.ts';
import { trainSplit } from './server-facts.ts';

export const ors: Trainer = {
  name: 'ors',
  title: 'Open Reward Standard',
  summary: 'ORS clients: environments are datasets, one tool submits the answer',
  door: 'http',
  call: 'POST /compat/ors/create',
  docs: 'docs/compat.md#open-reward-standard',
  guide(facts) {
    const key = facts.needsToken ? ', api_key=os.environ["GROUPWISE_TOKEN"]' : '';
    const script = `${facts.needsToken ? 'import os\n\n' : ''}from ors.client import ORS

client = ORS(base_url=${quoted(facts.http)}${key})
environment = client.environment(${quoted(facts.dataset.name)})
tasks = environment.get_task_range(split=${quoted(trainSplit(facts))}, start=0, stop=2)
print(len(tasks), tasks[0])`;
    return {
      blocks: [
        {
          title: 'Install',
          language: 'bash',
          text: ['pip install ors-sdk', ...tokenLine(facts), ...httpTrust(facts)].join('\n'),
        },
        { title: 'Tasks, each an episode with the tool "submit"', language: 'python', text: script },
      ],
      traps: [
        'Keep the client in a variable: ORS(…).environment(…) in one line is closed as soon as it is made.',
        'Install ors-sdk: the package named ors on PyPI is another thing.',
        'Give the host alone: a prefix in base_url is lost.',
      ],
    };
  },
};

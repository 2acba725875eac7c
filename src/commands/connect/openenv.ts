// OpenEnv: its own client, over a WebSocket.

import type { Trainer } from './guide.ts';
import { httpTrust, quoted, tokenLine } from './spelling.ts';
import { splitName } from './server-facts.ts';

export const openEnv: Trainer = {
  name: 'openenv',
  title: 'OpenEnv',
  summary: 'GenericEnvClient: an episode is one question',
  door: 'http',
  call: 'POST /compat/openenv/{env}/reset',
  docs: 'docs/compat.md#openenv',
  guide(facts) {
    const headers = facts.needsToken
      ? ', headers={"Authorization": "Bearer " + os.environ["GROUPWISE_TOKEN"]}'
      : '';
    const url = quoted(`${facts.http}/compat/openenv/${splitName(facts)}`);
    const script = `import asyncio
${facts.needsToken ? 'import os\n' : ''}
from openenv.core import GenericEnvClient


async def main():
    async with GenericEnvClient(base_url=${url}${headers}) as env:
        seen = await env.reset(seed=42)
        print(seen.observation["messages"])
        done = await env.step({"completion": "So the answer is \\\\boxed{18}"})
        print(done.reward)


asyncio.run(main())`;
    const environment = [...tokenLine(facts), ...httpTrust(facts)];
    return {
      blocks: [
        {
          title: 'Install',
          language: 'bash',
          text: ['pip install "openenv>=0.10"', ...environment].join('\n'),
        },
        { title: 'An episode', language: 'python', text: script },
      ],
      traps: [
        'A group of completions needs one row: reset all its environments with the same seed or index.',
        ...(facts.reward === undefined
          ? []
          : [
              'This address takes no parameters: --reward is not used here, rows are scored by their own recipe or that of their dataset.',
            ]),
      ],
    };
  },
};

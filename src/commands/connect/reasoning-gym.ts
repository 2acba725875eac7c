// reasoning-gym's server: batches of questions, scores of answers, over HTTP.

import type { Trainer } from './guide.ts';
import { quoted } from './spelling.ts';
import { splitName } from './server-facts.ts';
import { curl } from './curl.ts';

export const reasoningGym: Trainer = {
  name: 'reasoning-gym',
  title: 'reasoning-gym',
  summary: 'its server: batches of questions, scores of answers',
  door: 'http',
  call: 'POST /compat/reasoning-gym/experiments/{name}/score',
  docs: 'docs/compat.md#reasoning-gym',
  guide(facts) {
    const base = `${facts.http}/compat/reasoning-gym`;
    const name = encodeURIComponent(splitName(facts));
    const query = facts.reward === undefined ? '' : `?reward=${encodeURIComponent(facts.reward)}`;
    const answers = `{"answers": [{"entry_id": "'"$ENTRY"'", "answer": ${quoted(String.raw`so \boxed{18}`)}}]}`;
    return {
      blocks: [
        { title: 'The address of the server', language: 'bash', text: `BASE=${base}` },
        {
          title: 'A batch, and the score of an answer to its first question',
          language: 'bash',
          text: [
            curl(facts, `${base}/experiments/${name}/batch?base_index=0&batch_size=1`, { into: 'BATCH' }),
            `ENTRY=$(echo "$BATCH" | python3 -c 'import json, sys; print(json.load(sys.stdin)["entries"][0]["entry_id"])')`,
            curl(facts, `${base}/experiments/${name}/score${query}`, { body: answers }),
          ].join('\n'),
        },
      ],
      traps: ["A batch never holds an answer, as that of reasoning-gym's own server does in its metadata."],
    };
  },
};

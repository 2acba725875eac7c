// AWS reinforcement fine-tuning: a Lambda function that passes the records on.

import type { Trainer } from './guide.ts';
import { compatUrl, quoted } from './spelling.ts';

export const awsRft: Trainer = {
  name: 'aws-rft',
  title: 'AWS reinforcement fine-tuning',
  summary: 'a Lambda function that passes the records on',
  door: 'http',
  call: 'POST /compat/aws-rft',
  docs: 'docs/compat.md#aws-reinforcement-fine-tuning',
  guide: (facts) => ({
    blocks: [
      {
        title: `lambda_function.py${facts.needsToken ? ', with GROUPWISE_TOKEN among its environment variables' : ''}`,
        language: 'python',
        text: `import json
import os
import urllib.request

URL = ${quoted(compatUrl(facts, 'aws-rft'))}


def lambda_handler(event, context):
    headers = {"content-type": "application/json"}
    if "GROUPWISE_TOKEN" in os.environ:
        headers["authorization"] = "Bearer " + os.environ["GROUPWISE_TOKEN"]
    request = urllib.request.Request(URL, json.dumps(event).encode(), headers)
    return json.load(urllib.request.urlopen(request, timeout=90))`,
      },
    ],
    traps: [
      'A Lambda function may run for 3 seconds unless it is given more: give it 100.',
      'It runs at AWS: the address must be one that it can reach, with --tls-cert and --token.',
    ],
  }),
};

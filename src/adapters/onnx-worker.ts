// Entry point of a reward model's threads. Work at import time is its purpose.

import { serveRewardModel } from './onnx-serve.ts';

await serveRewardModel();

// Entry point of an engine's thread. Work at import time is its purpose.

import { serveEngine } from './engine-serve.ts';

await serveEngine();

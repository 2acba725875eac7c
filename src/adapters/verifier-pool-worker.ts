// Entry point of a verifier worker: all of the product's verifiers, and nothing else. Work at import time is its purpose.

import { findVerifier } from '../core/verifiers/table.ts';
import { serveVerifications } from './verifier-pool-serve.ts';

serveVerifications(findVerifier);

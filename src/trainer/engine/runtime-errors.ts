// What is said when the runtime is missing or refuses: one line that a person can act on.

import { EnvError } from '../../core/errors.ts';

/** The package is optional, and only needed by those who run models. */
export function missingRuntime(cause: unknown): EnvError {
  return new EnvError(
    'failed_precondition',
    'Cannot train: the package onnxruntime-node is not installed or has no build for this machine. ' +
      'Install it with: npm install onnxruntime-node --ignore-scripts',
    { cause },
  );
}

/** The runtime's messages carry stacks and colours over many lines, and the place in its source in front. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).replace(/^\/onnxruntime_src\/.* was false\. /, '').slice(0, 400);
}

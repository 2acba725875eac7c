// Whether ONNX models can be run here: the runtime is an optional package, and has no build for every machine.

import { spawnSync } from 'node:child_process';

/** A process of its own: a runtime that cannot be loaded may take its process with it. */
export const hasOnnx = spawnSync(process.execPath, ['-e', "require('onnxruntime-node')"]).status === 0;

/** What to say behind the name of tests that are skipped. */
export const ONNX_NOTE = hasOnnx ? '' : ' (skipped: onnxruntime-node is not installed or has no build here)';

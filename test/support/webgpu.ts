// Whether graphs can be run through WebGPU here: on a GPU, or on Mesa's software driver (docs/gpu.md has the commands).

import { spawnSync } from 'node:child_process';

const RUNTIME = new URL('../../src/trainer/engine/runtime.ts', import.meta.url).href;
const TRY = `
  import { LocalEngine } from '${RUNTIME}';
  const engine = await LocalEngine.open({ providers: ['webgpu'], threads: 1 });
  await engine.close();
`;

/** A process of its own: a driver may take its process with it. */
export const hasWebGpu =
  spawnSync(process.execPath, ['--input-type=module', '--eval', TRY], { stdio: 'ignore' }).status === 0;

/** What to say behind the name of tests that are skipped. */
export const WEBGPU_NOTE = hasWebGpu
  ? ''
  : ' (skipped: no WebGPU adapter here; Mesa ≥ 25 has one in software, docs/gpu.md)';

import { describe, expect, it } from 'vitest';

import { EnvError } from '../../../../src/core/errors.ts';
import { openDevice, type Device } from '../../../../src/trainer/engine/devices.ts';
import type { Engine, EngineOptions } from '../../../../src/trainer/engine/engine.ts';

/** Opens what is in `working`, as an engine does: in the order of preference. */
function machineWith(working: readonly string[], hasGpu: boolean) {
  const asked: EngineOptions[] = [];
  const open = async (options: EngineOptions): Promise<Engine> => {
    asked.push(options);
    const at = options.providers.findIndex((provider) => working.includes(provider));
    if (at < 0) throw new EnvError('failed_precondition', `Cannot run graphs on ${options.providers[0]}`);
    const failures = options.providers.slice(0, at).map((provider) => ({ provider, reason: 'broken' }));
    // Only who it is matters here; nothing is run.
    return { provider: options.providers[at] ?? '', failures } as unknown as Engine;
  };
  return { machine: { open, hasGpu: () => hasGpu }, asked };
}

async function opened(device: Device, working: readonly string[], hasGpu = true) {
  const { machine, asked } = machineWith(working, hasGpu);
  const lines: string[] = [];
  const say = (line: string): number => lines.push(line);
  const engine = await openDevice({ device, say, threads: 3, dataFolder: 'somewhere' }, machine);
  return { provider: engine.provider, lines, asked };
}

describe('openDevice()', () => {
  it('openDevice() with auto prefers CUDA, then WebGPU, then the processor', async () => {
    expect(await opened('auto', ['cpu', 'webgpu', 'cuda'])).toMatchObject({
      provider: 'cuda',
      lines: ['Device: cuda'],
    });
    expect(await opened('auto', ['cpu', 'webgpu'])).toMatchObject({
      provider: 'webgpu',
      lines: ['Device: webgpu; not cuda (broken)'],
    });
    expect(await opened('auto', ['cpu'])).toMatchObject({
      provider: 'cpu',
      lines: ['Device: cpu; not cuda (broken); not webgpu (broken)'],
    });
  });

  it('openDevice() with auto does not take a driver on the processor for a GPU', async () => {
    const { provider, lines, asked } = await opened('auto', ['cpu', 'webgpu'], false);
    expect(provider).toBe('cpu');
    expect(lines).toEqual([
      expect.stringMatching(/^Device: cpu; not cuda \(broken\); not webgpu \(.*no GPU/),
    ]);
    expect(asked[0]?.providers).toEqual(['cuda', 'cpu']);
  });

  it.each(['cpu', 'webgpu', 'cuda'] as const)(
    'openDevice() opens %s by name, and says nothing',
    async (device) => {
      const { provider, lines, asked } = await opened(device, [device], false);
      expect(provider).toBe(device);
      expect(lines).toEqual([]);
      expect(asked).toEqual([{ providers: [device], threads: 3, dataFolder: 'somewhere' }]);
    },
  );

  it.each([
    ['cuda', 'cuDNN 9'],
    ['webgpu', 'libvulkan.so.1'],
  ] as const)(
    'openDevice() refuses %s where it does not work, and says what it needs',
    async (device, need) => {
      const opening = opened(device, ['cpu']);
      await expect(opening).rejects.toMatchObject({
        code: 'failed_precondition',
        message: expect.stringContaining(`Cannot run graphs on ${device}. `) as unknown,
      });
      await expect(opening).rejects.toThrow(need);
    },
  );
});

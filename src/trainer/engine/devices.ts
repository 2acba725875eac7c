// Where graphs run: what `--device` means, in execution providers. `auto` takes the first that works and says what it passed over and
// why; a device that was asked for by name is used or refused, never exchanged for another.

import { existsSync, readdirSync } from 'node:fs';

import { EnvError } from '../../core/errors.ts';
import { EngineThread } from './engine-thread.ts';
import type { Engine, EngineOptions, ProviderFailure } from './engine.ts';

export const DEVICES = ['auto', 'cuda', 'webgpu', 'cpu'] as const;
export type Device = (typeof DEVICES)[number];

export interface DeviceOptions extends Omit<EngineOptions, 'providers'> {
  readonly device: Device;
  /** Takes one line for people: where graphs run, and why not on what was preferred. Not called for a device asked for by name. */
  readonly say: (line: string) => void;
}

/** What the opening of a device asks of the machine; tests bring their own. */
export interface Machine {
  readonly open: (options: EngineOptions) => Promise<Engine>;
  /** Whether there is hardware that WebGPU would run on. */
  readonly hasGpu: () => boolean;
}

const HOW: Readonly<Record<Device, string>> = {
  auto: '',
  cpu: '',
  cuda:
    ' CUDA needs the provider library of the runtime, the CUDA 12 runtime libraries and cuDNN 9, all found by the loader ' +
    '(LD_LIBRARY_PATH): see docs/gpu.md.',
  webgpu:
    ' WebGPU needs a Vulkan loader (libvulkan.so.1) and the driver of the GPU with its manifest (VK_DRIVER_FILES names one in an ' +
    'unusual place; a container needs NVIDIA_DRIVER_CAPABILITIES with "graphics"): see docs/gpu.md.',
};

/** `auto` would take a driver that computes on the processor for a GPU, and be slower than the processor is by itself. */
const NO_GPU: ProviderFailure = {
  provider: 'webgpu',
  reason:
    'this machine shows no GPU (/dev/nvidia*, /dev/dri/renderD*, /dev/dxg); --device webgpu tries all the same',
};

/**
 * An engine in a thread of its own on a device.
 * @throws EnvError `failed_precondition` when the runtime is missing or the device cannot be used: the message says what it needs
 */
export async function openDevice(
  { device, say, ...options }: DeviceOptions,
  machine: Machine = { open: (chosen) => EngineThread.open(chosen), hasGpu },
): Promise<Engine> {
  if (device !== 'auto') return openNamed(device, options, machine);
  const tries = machine.hasGpu() ? ['cuda', 'webgpu', 'cpu'] : ['cuda', 'cpu'];
  const engine = await machine.open({ ...options, providers: tries });
  const passed = [...engine.failures, ...(tries.includes('webgpu') ? [] : [NO_GPU])];
  const reasons = passed.map(({ provider, reason }) => `${provider} (${reason})`);
  say(`Device: ${engine.provider}${reasons.length === 0 ? '' : `; not ${reasons.join('; not ')}`}`);
  return engine;
}

async function openNamed(
  device: Exclude<Device, 'auto'>,
  options: Omit<EngineOptions, 'providers'>,
  machine: Machine,
): Promise<Engine> {
  try {
    return await machine.open({ ...options, providers: [device] });
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw new EnvError('failed_precondition', `${error.message}.${HOW[device]}`, { cause: error });
  }
}

/** On Linux, drivers of GPUs are files; elsewhere WebGPU has a GPU wherever it works at all. */
function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  return hasFile('/dev', /^(nvidia\d+|dxg)$/) || hasFile('/dev/dri', /^renderD\d+$/);
}

function hasFile(folder: string, name: RegExp): boolean {
  return existsSync(folder) && readdirSync(folder).some((file) => name.test(file));
}

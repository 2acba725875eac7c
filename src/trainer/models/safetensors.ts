// Tensors in and out of safetensors files. What is asked for is read as 32-bit floats; weights of a whole checkpoint are better left
// where they lie (`checkpoint-weights.ts`).

import { open, rename, rm, type FileHandle } from 'node:fs/promises';

import { EnvError } from '../../core/errors.ts';
import {
  brokenFile,
  readBytes,
  readSafetensorsHeader,
  type SafetensorsHeader,
  type TensorPlace,
} from './safetensors-header.ts';

export interface FloatTensor {
  readonly dims: readonly number[];
  /** Row by row. */
  readonly data: Float32Array<ArrayBuffer>;
}

export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** @throws EnvError `not_found` where there is no file, `failed_precondition` for a broken one; both name it */
export function readSafetensorsPlaces(path: string): Promise<SafetensorsHeader> {
  return withFile(path, (handle) => readSafetensorsHeader(handle, path));
}

/**
 * Tensors of F32, F16 or BF16.
 * @param names default: all that the file has
 * @throws EnvError `not_found` where there is no file, `failed_precondition` for a broken one, a tensor that is missing or that is
 *   no float; all name the file
 */
export function readSafetensors(path: string, names?: readonly string[]): Promise<Safetensors> {
  return withFile(path, async (handle) => {
    const { metadata, tensors } = await readSafetensorsHeader(handle, path);
    const read = new Map<string, FloatTensor>();
    for (const name of names ?? tensors.keys()) {
      const place = tensors.get(name);
      if (place === undefined) throw brokenFile(path, `it has no tensor "${name}"`);
      const bytes = await readBytes(handle, { path, offset: place.offset, length: place.length });
      read.set(name, { dims: place.dims, data: floatsOf(bytes, place, { name, path }) });
    }
    return { metadata, tensors: read };
  });
}

/**
 * Writes tensors as F32, in the order of the map. The file is there whole or not at all: it gets its name when it is on disk.
 * @throws RangeError for a tensor whose numbers do not fit its shape
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, object> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let end = 0;
  for (const [name, { dims, data }] of tensors) {
    if (dims.reduce((product, dim) => product * dim, 1) !== data.length)
      throw new RangeError(`Cannot write "${name}" of [${dims.join(', ')}]: it has ${data.length} numbers`);
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  // Spaces behind the JSON, so that tensors begin at a multiple of eight bytes.
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  json.copy(bytes, 8);

  const unfinished = `${path}.unfinished`;
  const handle = await open(unfinished, 'w');
  try {
    await handle.writeFile(bytes);
    for (const { data } of tensors.values())
      await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(unfinished, { force: true });
    throw error;
  }
  await handle.close();
  await rename(unfinished, path);
}

async function withFile<Result>(
  path: string,
  read: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw new EnvError('not_found', `Cannot open "${path}"`, { cause: error });
  }
  try {
    return await read(handle);
  } finally {
    await handle.close();
  }
}

function floatsOf(
  bytes: Buffer<ArrayBuffer>,
  { type }: TensorPlace,
  { name, path }: { readonly name: string; readonly path: string },
): Float32Array<ArrayBuffer> {
  // The bytes have a buffer of their own, so they begin at 0; safetensors and every machine that Node runs on are little-endian.
  if (type === 'F32') return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer, 0, type === 'F16' || type === 'BF16' ? bytes.length / 2 : 0);
  if (type === 'BF16') return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  if (type === 'F16') return Float32Array.from(halves, halfToFloat);
  throw brokenFile(path, `tensor "${name}" is ${type}, not F32, F16 or BF16`);
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

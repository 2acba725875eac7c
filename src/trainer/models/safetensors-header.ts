// The header of a safetensors file (https://huggingface.co/docs/safetensors, "Format"): eight bytes that say how long it is, then JSON
// that gives each tensor's type, shape and place; the rest of the file is the tensors' bytes. Files come from elsewhere, so
// what does not add up is refused here, before a byte of a tensor is read.

import type { FileHandle } from 'node:fs/promises';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';

/** Bytes of one number, by type. */
const NUMBER_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;
export type SafetensorType = keyof typeof NUMBER_BYTES;

export interface TensorPlace {
  readonly type: SafetensorType;
  readonly dims: readonly number[];
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorPlace>;
}

/** The most that the format's own reader takes, too. */
const HEADER_BYTES_MAX = 100_000_000;
/** A file of one header size and the shortest header, `{}`. */
const FILE_BYTES_MIN = 10;

const COUNT = z.int().nonnegative();
const ENTRY = z.object({
  dtype: z.enum(Object.keys(NUMBER_BYTES) as SafetensorType[]),
  shape: z.array(COUNT),
  data_offsets: z.tuple([COUNT, COUNT]),
});
const METADATA = z.record(z.string(), z.string());

/** @throws EnvError `failed_precondition` that names the file, for one that is cut off or contradicts itself */
export async function readSafetensorsHeader(handle: FileHandle, path: string): Promise<SafetensorsHeader> {
  const { size: fileBytes } = await handle.stat();
  if (fileBytes < FILE_BYTES_MIN) throw brokenFile(path, `it has ${fileBytes} bytes`);
  const headerBytes = (await readBytes(handle, { path, offset: 0, length: 8 })).readBigUInt64LE();
  if (headerBytes > HEADER_BYTES_MAX)
    throw brokenFile(path, `its header claims ${headerBytes} bytes, more than ${HEADER_BYTES_MAX}`);
  const start = 8 + Number(headerBytes);
  if (start > fileBytes)
    throw brokenFile(path, `its header claims ${headerBytes} bytes, the file has ${fileBytes}`);

  const text = (await readBytes(handle, { path, offset: 8, length: Number(headerBytes) })).toString('utf8');
  const metadata = new Map<string, string>();
  const tensors = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(parsedHeader(text, path))) {
    if (name === '__metadata__') {
      const parsed = METADATA.safeParse(entry);
      if (!parsed.success) throw brokenFile(path, 'its metadata are not texts by name');
      for (const [key, value] of Object.entries(parsed.data)) metadata.set(key, value);
    } else {
      tensors.set(name, placeOf(entry, { name, path, start }));
    }
  }
  checkPlaces(tensors, { path, start, end: fileBytes });
  return { metadata, tensors };
}

export function brokenFile(path: string, reason: string): EnvError {
  return new EnvError('failed_precondition', `Cannot use "${path}" as a safetensors file: ${reason}`);
}

/** Whole, however large: one read gives 2 GiB at most. */
export async function readBytes(
  handle: FileHandle,
  { path, offset, length }: { readonly path: string; readonly offset: number; readonly length: number },
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  const READ_BYTES_MAX = 2 ** 30;
  let done = 0;
  while (done < length) {
    const want = Math.min(length - done, READ_BYTES_MAX);
    const { bytesRead } = await handle.read(bytes, done, want, offset + done);
    if (bytesRead === 0) throw brokenFile(path, `it ends at byte ${offset + done}`);
    done += bytesRead;
  }
  return bytes;
}

function parsedHeader(text: string, path: string): object {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw brokenFile(path, 'its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw brokenFile(path, 'its header is not a JSON object');
  return header;
}

function placeOf(
  entry: unknown,
  { name, path, start }: { readonly name: string; readonly path: string; readonly start: number },
): TensorPlace {
  const parsed = ENTRY.safeParse(entry);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw brokenFile(path, `tensor "${name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const length = shape.reduce((product, dim) => product * dim, NUMBER_BYTES[dtype]);
  if (offsets[1] - offsets[0] !== length)
    throw brokenFile(
      path,
      `tensor "${name}" of ${dtype} [${shape.join(', ')}] is ${length} bytes, its place ${offsets.join(' to ')}`,
    );
  return { type: dtype, dims: shape, offset: start + offsets[0], length };
}

/** Tensors fill the file without a gap, and none shares bytes with another. */
function checkPlaces(
  tensors: ReadonlyMap<string, TensorPlace>,
  { path, start, end }: { readonly path: string; readonly start: number; readonly end: number },
): void {
  const inOrder = [...tensors].toSorted(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let last = start;
  for (const [name, { offset, length }] of inOrder) {
    if (offset !== last)
      throw brokenFile(path, `tensor "${name}" begins at byte ${offset}, those before it end at ${last}`);
    last = offset + length;
  }
  if (last !== end) throw brokenFile(path, `its tensors end at byte ${last}, the file at ${end}`);
}

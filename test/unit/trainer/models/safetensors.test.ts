import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  halfToFloat,
  readSafetensors,
  readSafetensorsPlaces,
  writeSafetensors,
} from '../../../../src/trainer/models/safetensors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-safetensors-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of a header and so many bytes behind it. */
function fileOf(header: unknown, bytes = 0, claimed?: bigint): string {
  const path = join(folder, 'made.safetensors');
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(claimed ?? BigInt(json.length));
  writeFileSync(path, Buffer.concat([size, json, Buffer.alloc(bytes)]));
  return path;
}

const entry = (dtype: string, shape: readonly unknown[], offsets: readonly number[]): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe('readSafetensorsPlaces()', () => {
  it.each<[string, () => string, string]>([
    ['an empty file', () => fileOf('', 0, 0n), 'it has 8 bytes'],
    ['a header longer than the file', () => fileOf({}, 0, 11n), 'claims 11 bytes, the file has 10'],
    ['a header larger than any', () => fileOf({}, 0, 2n ** 63n), 'more than 100000000'],
    ['a header that is no JSON', () => fileOf('{"a":'), 'its header is not JSON'],
    ['a header that is no object', () => fileOf([]), 'its header is not a JSON object'],
    ['metadata that are no texts', () => fileOf({ __metadata__: { a: 1 } }), 'its metadata are not texts'],
    ['an unknown type', () => fileOf({ a: entry('F7', [1], [0, 1]) }, 1), 'tensor "a": dtype'],
    ['a negative size', () => fileOf({ a: entry('F32', [-1], [0, 4]) }, 4), 'tensor "a": shape.0'],
    ['a size that is no whole number', () => fileOf({ a: entry('F32', [0.5], [0, 2]) }, 2), 'shape.0'],
    ['a place that does not fit the shape', () => fileOf({ a: entry('F32', [2], [0, 4]) }, 4), '8 bytes'],
    ['a place backwards', () => fileOf({ a: entry('F32', [1], [4, 0]) }, 4), 'its place 4 to 0'],
    [
      'sizes whose product is beyond all numbers',
      () => fileOf({ a: entry('F32', [2 ** 40, 2 ** 40, 0], [0, 4]) }, 4),
      'is 0 bytes',
    ],
    [
      'tensors that overlap',
      () => fileOf({ a: entry('F32', [2], [0, 8]), b: entry('F32', [2], [4, 12]) }, 12),
      'tensor "b" begins',
    ],
    [
      'a gap between tensors',
      () => fileOf({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [8, 12]) }, 12),
      'tensor "b" begins',
    ],
    ['a tensor that is cut off', () => fileOf({ a: entry('F32', [2], [0, 8]) }, 7), 'the file at'],
    ['bytes that no tensor has', () => fileOf({ a: entry('F32', [2], [0, 8]) }, 9), 'the file at'],
  ])('readSafetensorsPlaces() refuses %s, and names the file', async (_, make, words) => {
    const path = make();
    const reading = readSafetensorsPlaces(path);
    await expect(reading).rejects.toThrow(words);
    await expect(reading).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining(`"${path}"`),
    });
  });

  it('readSafetensorsPlaces() says where tensors lie, those without numbers and without dimensions too', async () => {
    const header = {
      b: entry('BF16', [2, 3], [4, 16]),
      a: entry('F32', [], [0, 4]),
      none: entry('F32', [0], [4, 4]),
    };
    const path = fileOf(header, 16);
    const start = 8 + JSON.stringify(header).length;
    const { tensors } = await readSafetensorsPlaces(path);
    expect(Object.fromEntries(tensors)).toEqual({
      a: { type: 'F32', dims: [], offset: start, length: 4 },
      b: { type: 'BF16', dims: [2, 3], offset: start + 4, length: 12 },
      none: { type: 'F32', dims: [0], offset: start + 4, length: 0 },
    });
  });
});

describe('readSafetensors()', () => {
  it('readSafetensors() refuses a file that is not there, by name', async () => {
    const path = join(folder, 'nowhere.safetensors');
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code: 'not_found',
      message: `Cannot open "${path}"`,
    });
  });

  it('readSafetensors() refuses tensors that are missing, and those that are no floats', async () => {
    const path = fileOf({ a: entry('I64', [1], [0, 8]) }, 8);
    await expect(readSafetensors(path)).rejects.toThrow('tensor "a" is I64');
    await expect(readSafetensors(path, ['b'])).rejects.toThrow('it has no tensor "b"');
  });

  it.each<[number, number]>([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x3555, 0.333251953125],
    [0x7e00, NaN],
  ])('halfToFloat() of the bits %i is %d', (half, float) => {
    expect(halfToFloat(half)).toBe(float);
  });

  it('readSafetensors() widens F16 and BF16', async () => {
    const path = fileOf({ a: entry('F16', [2], [0, 4]), b: entry('BF16', [2], [4, 8]) }, 8);
    const bytes = readFileSync(path);
    bytes.writeUInt16LE(0x3e00, bytes.length - 8);
    bytes.writeUInt16LE(0xbf80, bytes.length - 2);
    writeFileSync(path, bytes);
    const { tensors } = await readSafetensors(path);
    expect(tensors.get('a')?.data).toEqual(Float32Array.of(1.5, 0));
    expect(tensors.get('b')?.data).toEqual(Float32Array.of(0, -1));
  });
});

describe('writeSafetensors()', () => {
  it('writeSafetensors() writes what readSafetensors() reads, to the last bit', async () => {
    const path = join(folder, 'written.safetensors');
    const tensor = fc
      .float32Array({ maxLength: 20 })
      .map((data) => ({ dims: [data.length], data: Float32Array.from(data) }));
    const names = fc.string({ minLength: 1 }).filter((name) => !name.startsWith('__'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, tensor), { maxLength: 5 }).map((entries) => new Map(entries)),
        fc.dictionary(names, fc.string(), { noNullPrototype: true }),
        async (tensors, metadata) => {
          await writeSafetensors(path, tensors, metadata);
          const found = await readSafetensors(path);
          expect(found.tensors).toEqual(tensors);
          expect(found.metadata).toEqual(new Map(Object.entries(metadata)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('writeSafetensors() begins tensors at multiples of eight bytes, and cutting the file anywhere shows', async () => {
    const path = join(folder, 'cut.safetensors');
    await writeSafetensors(path, new Map([['a', { dims: [2], data: Float32Array.of(1, 2) }]]));
    const { tensors } = await readSafetensorsPlaces(path);
    expect((tensors.get('a')?.offset ?? 1) % 8).toBe(0);
    for (let size = readFileSync(path).length - 1; size >= 0; size -= 1) {
      truncateSync(path, size);
      await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'failed_precondition' });
    }
  });

  it('writeSafetensors() refuses numbers that do not fit their shape, and leaves nothing behind', async () => {
    const path = join(folder, 'refused.safetensors');
    const bad = new Map([['a', { dims: [3], data: Float32Array.of(1, 2) }]]);
    await expect(writeSafetensors(path, bad)).rejects.toThrow('Cannot write "a" of [3]: it has 2 numbers');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('refused'))).toEqual([]);
  });
});

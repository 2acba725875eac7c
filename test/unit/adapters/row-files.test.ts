import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { writeParquet } from '../../../src/adapters/parquet-writer.ts';
import { openRowFile } from '../../../src/adapters/row-files.ts';
import type { SourceRow } from '../../../src/ports/row-source.ts';
import { collect } from '../../support/collect.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-rows-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rowsOf(path: string): Promise<readonly SourceRow[]> {
  return (await collect(openRowFile(path).batches())).flat();
}

const LINES = '{"a":1}\n{"a":2}\n';
const TWO = [
  { kind: 'row', at: 1, row: { a: 1 } },
  { kind: 'row', at: 2, row: { a: 2 } },
];

describe('openRowFile() on JSON lines', () => {
  it.each<[string, string | Uint8Array]>([
    ['plain.jsonl', LINES],
    ['plain.ndjson', LINES],
    ['plain.json', LINES],
    ['capitals.JSONL.GZ', gzipSync(LINES)],
    ['small.jsonl.gz', gzipSync(LINES)],
    ['small.jsonl.zst', zstdCompressSync(LINES)],
    ['two-members.jsonl.gz', Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')])],
    ['two-frames.jsonl.zst', Buffer.concat([zstdCompressSync('{"a":1}\n'), zstdCompressSync('{"a":2}\n')])],
    ['no-last-newline.jsonl', '{"a":1}\n{"a":2}'],
    ['windows.jsonl', '{"a":1}\r\n{"a":2}\r\n'],
    ['marked.jsonl', `\ufeff${LINES}`],
  ])('openRowFile() reads %s', async (name, content) => {
    expect(await rowsOf(file(name, content))).toEqual(TWO);
  });

  it('openRowFile() leaves out blank lines and counts them as lines', async () => {
    expect(await rowsOf(file('blank.jsonl', '\n{"a":1}\n  \n\r\n{"a":2}\n\n'))).toEqual([
      { kind: 'row', at: 2, row: { a: 1 } },
      { kind: 'row', at: 5, row: { a: 2 } },
    ]);
  });

  it('openRowFile() reports broken lines with their numbers and goes on', async () => {
    const content = Buffer.concat([
      Buffer.from('{"a":1\n{"a":NaN}\n'),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from('{"a":2}\n'),
    ]);
    expect(await rowsOf(file('broken.jsonl', content))).toMatchObject([
      { kind: 'broken', at: 1, reason: 'not_json' },
      { kind: 'broken', at: 2, reason: 'not_json' },
      { kind: 'broken', at: 3, reason: 'not_utf8' },
      { kind: 'row', at: 4, row: { a: 2 } },
    ]);
  });

  it('openRowFile() keeps characters whole that lie across chunks, and LaTeX as it is', async () => {
    const values = Array.from({ length: 30_000 }, (_, index) => `${index} €😀 \\frac{1}{2} \t`);
    const path = file('long.jsonl', values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    expect((await rowsOf(path)).map((row) => (row.kind === 'row' ? row.row : row))).toEqual(values);
  });

  it('openRowFile() gives up a line that is too long, and reads the next', async () => {
    const path = file('huge.jsonl', `"${'x'.repeat(65 * 1024 * 1024)}"\n{"a":1}\n`);
    expect(await rowsOf(path)).toMatchObject([
      { kind: 'broken', at: 1, reason: 'line_too_long' },
      { kind: 'row', at: 2 },
    ]);
  });

  it.each(['gz', 'zst'])(
    'openRowFile() says after which line a truncated .%s file broke off',
    async (extension) => {
      const lines = Array.from(
        { length: 50_000 },
        (_, index) => `{"a":${index},"b":"${index * 7919}"}\n`,
      ).join('');
      const whole = extension === 'gz' ? gzipSync(lines) : zstdCompressSync(lines);
      const path = file(`cut.jsonl.${extension}`, whole.subarray(0, whole.length / 2));
      await expect(rowsOf(path)).rejects.toMatchObject({
        code: 'data_loss',
        message: expect.stringMatching(/Cannot read ".*cut\.jsonl\.\w+" after line \d+: /),
      });
    },
  );

  it('openRowFile() refuses text under a compressed name', async () => {
    await expect(rowsOf(file('plain.jsonl.gz', LINES))).rejects.toMatchObject({ code: 'data_loss' });
    await expect(rowsOf(file('plain.jsonl.zst', LINES))).rejects.toMatchObject({ code: 'data_loss' });
  });
});

describe('openRowFile() on one JSON array', () => {
  it.each<[string, string | Uint8Array]>([
    ['one-line.json', '[{"a":1},{"a":2}]'],
    ['indented.json', '\n [\n  {"a":1},\n  {"a":2}\n]\n'],
    ['marked.json', '\ufeff[{"a":1},{"a":2}]'],
    ['lines-by-name.jsonl', '[{"a":1},{"a":2}]'],
    ['small.json.gz', gzipSync('[{"a":1},{"a":2}]')],
    ['small.json.zst', zstdCompressSync('[{"a":1},{"a":2}]')],
  ])('openRowFile() reads %s as it would read lines', async (name, content) => {
    expect(await rowsOf(file(name, content))).toEqual(TWO);
  });

  it('openRowFile() reads an array of many chunks, a batch at a time', async () => {
    const rows = Array.from({ length: 30_000 }, (_, index) => ({ a: `${index} €😀` }));
    const batches = await collect(openRowFile(file('long.json', JSON.stringify(rows, null, 2))).batches());
    expect(batches.filter((batch) => batch.length > 0)).toHaveLength(30);
    expect(batches.flat().map((row) => (row.kind === 'row' ? row.row : row))).toEqual(rows);
    expect(batches.flat().at(-1)?.at).toBe(30_000);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['cut.json', '[{"a":1},', /begins as a JSON array and is none/],
    ['lists.jsonl', '[1]\n[2]\n', /begins as a JSON array and is none/],
    ['latin.json', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), /not UTF-8/],
    ['huge.json', `["${'x'.repeat(65 * 1024 * 1024)}"]`, /array of more than 67108864 bytes/],
  ])('openRowFile() refuses %s and says what to do', async (name, content, why) => {
    const refusal = { code: 'data_loss', message: expect.stringMatching(why) };
    await expect(rowsOf(file(name, content))).rejects.toMatchObject(refusal);
    await expect(rowsOf(join(folder, name))).rejects.toThrow("jq -c '.[]'");
  });
});

describe('openRowFile() on other files', () => {
  it.each<[string, string]>([
    ['rows.csv', 'invalid_argument'],
    ['rows', 'invalid_argument'],
    ['folder', 'invalid_argument'],
    ['empty.jsonl', 'data_loss'],
    ['absent.jsonl', 'not_found'],
  ])('openRowFile() refuses %s as %s', (name, code) => {
    file('rows.csv', 'a,b');
    file('rows', LINES);
    file('empty.jsonl', '');
    mkdirSync(join(folder, 'folder'));
    expect(() => openRowFile(join(folder, name))).toThrow(expect.objectContaining({ code }));
  });
});

describe('openRowFile() on Parquet', () => {
  it('openRowFile() reads what writeParquet() wrote, over several row groups', async () => {
    const path = join(folder, 'rows.parquet');
    const sink = writeParquet(path, [
      { name: 'text', type: 'text' },
      { name: 'number', type: 'number' },
      { name: 'count', type: 'integer' },
      { name: 'list', type: 'texts' },
      { name: 'messages', type: 'messages' },
      { name: 'any', type: 'json' },
      { name: 'nested', type: { inner: 'text', list: 'texts' } },
    ]);
    const rows = Array.from({ length: 25_001 }, (_, index) =>
      index % 5 === 0
        ? { text: null, number: null, count: null, list: null, messages: null, any: null, nested: null }
        : {
            text: `é\u0000${index}`,
            number: index / 7,
            count: index,
            list: index % 3 === 0 ? [] : ['a', 'b'],
            messages: [{ role: 'user', content: `${index}` }],
            any: { b: [1], a: index },
            nested: { inner: 'x', list: ['y'] },
          },
    );
    await sink.write(rows);
    expect(await sink.close()).toBeGreaterThan(1_000);
    const read = await rowsOf(path);
    expect(read).toHaveLength(rows.length);
    for (const [index, row] of rows.entries()) {
      const any = row.any === null ? null : `{"a":${index},"b":[1]}`;
      expect(read[index]).toEqual({ kind: 'row', at: index + 1, row: { ...row, any } });
    }
  });

  it('openRowFile() says that a damaged Parquet file is damaged', async () => {
    await expect(rowsOf(file('text.parquet', 'this is no parquet file, it is text'))).rejects.toMatchObject({
      code: 'data_loss',
    });
  });
});

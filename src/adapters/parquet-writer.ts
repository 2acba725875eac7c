// Writes Parquet files a row group at a time, under a temporary name until they are complete. The only file that writes
// through hyparquet-writer.

import { rename, rm, stat } from 'node:fs/promises';
import { zstdCompressSync } from 'node:zlib';

import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';

import { type ColumnType, type ExportColumn, tableCell } from '../core/export-shapes.ts';
import type { JsonObject } from '../core/json.ts';
import { diskError } from './disk.ts';
import type { RowSink } from '../ports/row-sink.ts';

/** Rows of one row group: small enough to be held in memory by writer and reader, large enough to compress. */
const ROW_GROUP_ROWS = 10_000;

/** ZSTD-compressed columns of the given types; every column may be null. */
export function writeParquet(path: string, columns: readonly ExportColumn[]): RowSink {
  const partial = `${path}.partial`;
  let writer: ParquetWriter | undefined;
  let pending: JsonObject[] = [];
  async function flush(): Promise<ParquetWriter> {
    writer ??= new ParquetWriter({
      writer: fileWriter(partial),
      schema: schemaOf(columns),
      codec: 'ZSTD',
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      createdBy: 'groupwise',
    });
    const rows = pending;
    pending = [];
    if (rows.length === 0) return writer;
    await writer.write({
      columnData: columns.map(({ name, type }) => ({
        name,
        data: rows.map((row) => tableCell(row[name], type)),
      })),
      rowGroupSize: ROW_GROUP_ROWS,
    });
    return writer;
  }
  async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw diskError(`Cannot write "${path}"`, error);
    }
  }
  return {
    write: (rows) =>
      guarded(async () => {
        for (const row of rows) {
          pending.push(row);
          if (pending.length === ROW_GROUP_ROWS) await flush();
        }
      }),
    close: () =>
      guarded(async () => {
        const complete = await flush();
        await complete.finish();
        await rename(partial, path);
        return (await stat(path)).size;
      }),
    async abort() {
      pending = [];
      await rm(partial, { force: true });
    },
  };
}

function schemaOf(columns: readonly ExportColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, type }) => elementsOf(name, type)),
  ];
}

/** A column as schema elements, depth first; lists in the three-level form that all readers know. */
function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  switch (type) {
    case 'text':
    case 'json':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }];
    case 'number':
      return [{ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }];
    case 'integer':
      return [{ name, type: 'INT32', repetition_type: 'OPTIONAL' }];
    case 'texts':
      return listOf(name, elementsOf('element', 'text'));
    case 'messages':
      return listOf(name, elementsOf('element', { role: 'text', content: 'text' }));
    default: {
      const members = Object.entries(type);
      return [
        { name, num_children: members.length, repetition_type: 'OPTIONAL' },
        ...members.flatMap(([member, memberType]) => elementsOf(member, memberType)),
      ];
    }
  }
}

function listOf(name: string, element: SchemaElement[]): SchemaElement[] {
  return [
    { name, num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    ...element,
  ];
}

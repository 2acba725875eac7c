// A report as plain text: aligned tables, bars of block characters. Lines of a chart become their first and last values.

import type { ReportBars, ReportBlock, ReportDocument, ReportLines, ReportTable } from './report-document.ts';

const BAR_CHARS = 30;
const NAME_CHARS_MAX = 40;
const GAP = '  ';

export function reportText({ title, blocks }: ReportDocument): string {
  return [title, ...blocks.map(blockText)].join('\n\n');
}

function blockText(block: ReportBlock): string {
  switch (block.kind) {
    case 'heading':
      return `${block.text}\n${'─'.repeat(block.text.length)}`;
    case 'text':
      return block.text;
    case 'facts':
      return aligned(
        block.facts.map(([name, value]) => [name, value]),
        ['left', 'left'],
      );
    case 'list':
      return titled(block.title, block.entries.map((entry) => `  - ${entry}`).join('\n'));
    case 'table':
      return titled(block.title, tableText(block));
    case 'bars':
      return titled(block.title, barsText(block));
    case 'lines':
      return linesText(block);
    case 'grid':
      return block.charts.map(linesText).join('\n\n');
  }
}

function linesText({ title, x, y, series }: ReportLines): string {
  return titled(
    `${title} (${y} by ${x})`,
    aligned(
      series.map(({ name, points }) => {
        const [first, last] = [points[0], points.at(-1)];
        return [
          name,
          first === undefined ? 'no points' : `${first[1]} at ${first[0]}`,
          last === undefined ? '' : `${last[1]} at ${last[0]}`,
        ];
      }),
      ['left', 'left', 'left'],
    ),
  );
}

function titled(title: string, text: string): string {
  return title === '' ? text : `${title}\n${text}`;
}

function tableText({ columns, rows }: ReportTable): string {
  return aligned(
    [columns.map(({ name }) => name), ...rows],
    columns.map(({ align }) => align),
  );
}

function barsText({ bars, unit }: ReportBars): string {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  return aligned(
    bars.map(({ name, value }) => [
      name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX - 1)}…` : name,
      shown(value),
      '█'.repeat(most === 0 ? 0 : Math.round((value / most) * BAR_CHARS)),
    ]),
    ['left', 'right', 'left'],
  ).concat(unit === '' ? '' : `\n(${unit})`);
}

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function aligned(rows: readonly (readonly string[])[], aligns: readonly ('left' | 'right')[]): string {
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          aligns[column] === 'right' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

// A report as one HTML page that needs nothing else: charts are drawn here, as SVG, so that the page runs no script and loads no
// file. The only file that draws with ECharts.

import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

import type {
  ReportBars,
  ReportBlock,
  ReportDocument,
  ReportLines,
  ReportTable,
} from '../core/report-document.ts';

const WIDTH = 860;
const LINES_HEIGHT = 320;
const GRID_SIZE = { width: 420, height: 260 };
const BAR_HEIGHT = 26;
const BARS_MARGIN = 40;
const NAMES_WIDTH = 260;
const COLOURS = ['#2f6f8f', '#c2703d', '#5b8c5a', '#8a5a9e', '#b0483f', '#7a7a3a'];

/** The page. Everything in the document is text: nothing of it becomes markup. */
export function reportPage({ title, blocks }: ReportDocument): string {
  use([BarChart, CustomChart, LineChart, GridComponent, LegendComponent, SVGRenderer]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${blocks.map(blockHtml).join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; }
main { max-width: ${WIDTH}px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; } h3 { margin-bottom: 0.3rem; }
dl { display: grid; grid-template-columns: fit-content(50%) minmax(0, 1fr); gap: 0.2rem 1.5rem; } dt { color: #666; } dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.8rem 0.25rem 0; border-bottom: 1px solid #ddd; vertical-align: top; text-align: left; }
.right { text-align: right; white-space: nowrap; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; background: #fff; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 0.5rem 1.25rem; }
.grid h3 { margin: 0.5rem 0 0; font-size: 1rem; } .grid figure { margin: 0; }
td, dt, dd, li { overflow-wrap: anywhere; } td:not(.right) { min-width: 4em; }
@media (max-width: 480px) { table { font-size: 0.85rem; } th, td { padding-right: 0.5rem; } }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; } dt { color: #999; } th, td, h2 { border-color: #444; }
  /* Charts are drawn on white: turned over, their background is that of the page and their colours keep their hue. */
  figure svg { filter: invert(0.906) hue-rotate(180deg); }
}`;

function blockHtml(block: ReportBlock): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`;
    case 'text':
      return `<p>${escaped(block.text)}</p>`;
    case 'facts':
      return `<dl>${block.facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`;
    case 'list':
      return `${heading(block.title)}<ul>${block.entries.map((entry) => `<li>${escaped(entry)}</li>`).join('')}</ul>`;
    case 'table':
      return `${heading(block.title)}${tableHtml(block)}`;
    case 'bars':
      return figure(block.title, barsOption(block), BARS_MARGIN + block.bars.length * BAR_HEIGHT);
    case 'lines':
      return figure(block.title, linesOption(block), LINES_HEIGHT);
    case 'grid':
      return `<div class="grid">${block.charts.map((chart) => `<div>${figure(chart.title, linesOption(chart), GRID_SIZE.height, GRID_SIZE.width)}</div>`).join('')}</div>`;
  }
}

function heading(title: string): string {
  return title === '' ? '' : `<h3>${escaped(title)}</h3>`;
}

function tableHtml({ columns, rows }: ReportTable): string {
  const cells = (row: readonly string[], tag: 'th' | 'td'): string =>
    row
      .map((cell, at) => {
        const right = columns[at]?.align === 'right' ? ' class="right"' : '';
        return `<${tag}${right}>${escaped(cell)}</${tag}>`;
      })
      .join('');
  const head = cells(
    columns.map(({ name }) => name),
    'th',
  );
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function figure(title: string, option: EChartsCoreOption, height: number, width: number = WIDTH): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, color: COLOURS, textStyle: { fontFamily: 'sans-serif' }, ...option });
    const svg = chart.renderToSVGString();
    return `${heading(title)}<figure role="img" aria-label="${escaped(title)}">${svg}</figure>`;
  } finally {
    chart.dispose();
  }
}

function barsOption({ bars, unit }: ReportBars): EChartsCoreOption {
  return {
    grid: { left: NAMES_WIDTH, right: 70, top: 5, bottom: 30 },
    xAxis: {
      type: 'value',
      name: unit,
      nameLocation: 'middle',
      nameGap: 22,
      minInterval: bars.every(({ value }) => Number.isInteger(value)) ? 1 : 0,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLabel: { width: NAMES_WIDTH - 20, overflow: 'truncate' },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        data: bars.map(({ value }) => value),
        barMaxWidth: 18,
        label: { show: true, position: 'right' },
      },
    ],
  };
}

function linesOption({ x, y, series }: ReportLines): EChartsCoreOption {
  return {
    // The name of the vertical axis stands above it, and below the legend.
    grid: { left: 70, right: 30, top: series.length > 1 ? 60 : 40, bottom: 45 },
    legend: series.length > 1 ? { top: 5, data: series.map(({ name }) => name) } : { show: false },
    xAxis: {
      type: 'value',
      name: x,
      nameLocation: 'middle',
      nameGap: 28,
      scale: true,
      // Names of its ticks stand below the chart, so does it.
      axisLine: { onZero: false },
      axisLabel: { hideOverlap: true },
      // Else it ends at the next round number, in each chart another one.
      max: 'dataMax',
      minInterval: series.every(({ points }) => points.every(([at]) => Number.isInteger(at))) ? 1 : 0,
    },
    yAxis: { type: 'value', name: y, scale: true },
    series: [
      // Bands first: lines lie on them.
      ...series.flatMap(({ band = [] }, at) => (band.length > 0 ? [bandOption(band, colourAt(at))] : [])),
      ...series.map(({ name, points }, at) => ({
        type: 'line',
        name,
        data: points.map((point) => [...point]),
        showSymbol: points.length < 60,
        itemStyle: { color: colourAt(at) },
        lineStyle: { color: colourAt(at) },
      })),
    ],
  };
}

type Band = NonNullable<ReportLines['series'][number]['band']>;

/** One polygon, along the upper bounds and back along the lower ones; stacked areas would need an x for each point alone. */
function bandOption(band: Band, colour: string): object {
  return {
    type: 'custom',
    silent: true,
    data: band.map((bounds) => [...bounds]),
    // All bounds widen the axis.
    encode: { x: 0, y: [1, 2] },
    renderItem: (
      { dataIndex }: { readonly dataIndex: number },
      { coord }: { readonly coord: (point: readonly number[]) => readonly number[] },
    ): object | undefined =>
      dataIndex === 0
        ? {
            type: 'polygon',
            shape: {
              points: [
                ...band.map(([x, , high]) => coord([x, high])),
                ...band.toReversed().map(([x, low]) => coord([x, low])),
              ],
            },
            style: { fill: colour, opacity: 0.15 },
          }
        : undefined,
  };
}

function colourAt(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '';
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

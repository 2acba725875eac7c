// A report as data: what it says, without how it looks. One document becomes text for a terminal and a page for a browser.

/** Text of a cell, or a number with how it is shown. */
export interface ReportTable {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly align: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
}

export interface ReportBars {
  readonly kind: 'bars';
  readonly title: string;
  /** What the values count: `pairs`. */
  readonly unit: string;
  /** In the order of showing. */
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

export interface ReportLines {
  readonly kind: 'lines';
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
    /** What is shaded around the line, from left to right: an interval of each point. */
    readonly band?: readonly (readonly [x: number, low: number, high: number])[] | undefined;
  }[];
}

/** Small charts beside each other, as many as there is room for. */
export interface ReportGrid {
  readonly kind: 'grid';
  readonly charts: readonly ReportLines[];
}

export type ReportBlock =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'list'; readonly title: string; readonly entries: readonly string[] }
  | ReportTable
  | ReportBars
  | ReportLines
  | ReportGrid;

export interface ReportDocument {
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

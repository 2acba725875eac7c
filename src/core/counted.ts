// Counts in sentences: "1 row", "1,200 rows".

/** `things` in the plural as English makes it: with an "s". */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en-US')} ${thing}${count === 1 ? '' : 's'}`;
}

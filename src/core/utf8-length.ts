// How many bytes a stretch of text has in UTF-8, without encoding it.

/** Bytes of UTF-8 from unit `start` of the text up to, not including, unit `end`. Half a surrogate pair counts as two bytes. */
export function utf8Length(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    // Each half of a surrogate pair stands for two of its four bytes.
    else if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}

// Writes protobuf from the last byte to the first, so that the length of a nested message is known when its turn comes and
// nothing is measured or moved. Fields are therefore written in falling order. For the hot replies only.

const FIRST_BYTES = 4_096;
const KEPT_BYTES_MAX = 1024 * 1024;
const WIRE_DOUBLE = 1;
const WIRE_BYTES = 2;
/** Longest text that is copied character by character, which for few characters is faster than a call into native code. */
const SHORT_CHARS = 24;

export class ReverseWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = FIRST_BYTES;

  /** Field numbers up to 15 only: their tags have one byte. */
  double(field: number, value: number): void {
    this.#reserve(9);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
    this.#byte((field << 3) | WIRE_DOUBLE);
  }

  /** A non-negative integer up to 2^53 - 1. */
  integer(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, 0);
  }

  /** One item of a packed list: no tag. */
  item(value: number): void {
    this.#varint(value);
  }

  text(field: number, value: string): void {
    const length = value.length <= SHORT_CHARS ? this.#shortText(value) : this.#longText(value);
    this.#varint(length);
    this.#tag(field, WIRE_BYTES);
  }

  /** Where a nested message is about to end; pass it to `close` when its fields are written. */
  open(): number {
    return this.#bytes.length - this.#at;
  }

  close(field: number, opened: number): void {
    this.#varint(this.#bytes.length - this.#at - opened);
    this.#tag(field, WIRE_BYTES);
  }

  /** What was written, and the writer is as new. */
  finish(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(this.#at));
    // One large message is not paid for with its memory for ever.
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#at = this.#bytes.length;
    return written;
  }

  /** Bytes written; falls back on native code from the first character beyond ASCII. */
  #shortText(value: string): number {
    this.#reserve(value.length);
    const start = this.#at - value.length;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return this.#longText(value);
      this.#bytes[start + index] = code;
    }
    this.#at = start;
    return value.length;
  }

  #longText(value: string): number {
    const length = Buffer.byteLength(value);
    this.#reserve(length);
    this.#at -= length;
    this.#bytes.write(value, this.#at);
    return length;
  }

  #tag(field: number, wire: number): void {
    this.#reserve(1);
    this.#byte((field << 3) | wire);
  }

  #byte(value: number): void {
    this.#at -= 1;
    this.#bytes[this.#at] = value;
  }

  #varint(value: number): void {
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
    this.#reserve(length);
    this.#at -= length;
    let rest = value;
    for (let index = 0; index < length - 1; index += 1) {
      this.#bytes[this.#at + index] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at + length - 1] = rest;
  }

  #reserve(count: number): void {
    if (this.#at >= count) return;
    const written = this.#bytes.subarray(this.#at);
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, written.length + count));
    this.#at = larger.length - written.length;
    written.copy(larger, this.#at);
    this.#bytes = larger;
  }
}

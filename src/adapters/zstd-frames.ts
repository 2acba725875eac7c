// Decompresses Zstandard files of any number of frames. Node's own stream ends after the first frame and says nothing of the
// rest, and compressors with several threads, or `cat`, write many.

import { createZstdDecompress, type ZstdDecompress } from 'node:zlib';

/** Compressed bytes that are decompressed at a time: bounds what is held in memory. */
const PIECE_BYTES = 64 * 1024;
/** Bytes of text that the decoder makes at a time. */
const TEXT_BYTES = 128 * 1024;

/** The text of a compressed file. Throws when it ends in the middle of a frame, or is not Zstandard. */
export async function* zstdText(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let frame: Frame | undefined;
  try {
    for await (const chunk of file) {
      for (let from = 0; from < chunk.length;) {
        frame ??= new Frame();
        from += yield* frame.take(chunk.subarray(from, from + PIECE_BYTES));
        if (frame.hasEnded) frame = undefined;
      }
    }
    if (frame !== undefined) yield* frame.end();
  } finally {
    frame?.destroy();
  }
}

/**
 * One decoder: a frame, or several as long as each piece ends with a whole one. Its text is taken from it as it is made and
 * waits nowhere: a piece of a hostile file can hold gigabytes.
 */
class Frame {
  readonly #decoder: ZstdDecompress = createZstdDecompress({ chunkSize: TEXT_BYTES });
  #error: Error | undefined;
  #isOver = false;
  #wake = (): void => {};
  hasEnded = false;

  constructor() {
    this.#decoder
      .on('readable', () => {
        this.#wake();
      })
      .on('end', () => {
        this.#isOver = true;
        this.#wake();
      })
      .on('error', (error) => {
        this.#error = error;
        this.#wake();
      });
  }

  /** The text of a piece, up to the end of a frame; returns how many of its bytes that took. */
  async *take(piece: Buffer): AsyncGenerator<Buffer, number> {
    const before = this.#decoder.bytesWritten;
    let isWritten = false;
    this.#decoder.write(piece, () => {
      isWritten = true;
      this.#wake();
    });
    // At the end of a frame within the piece the decoder ends and never answers the write.
    yield* this.#textUntil(() => isWritten);
    const taken = this.#decoder.bytesWritten - before;
    this.hasEnded = taken < piece.length;
    if (this.hasEnded) yield* this.#textUntil(() => false);
    return taken;
  }

  async *end(): AsyncGenerator<Buffer> {
    this.#decoder.end();
    yield* this.#textUntil(() => false);
  }

  destroy(): void {
    this.#decoder.destroy();
  }

  /** What there is to read until `isDone`, or until the decoder is at its end. */
  async *#textUntil(isDone: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const text: unknown = this.#decoder.read();
      if (Buffer.isBuffer(text)) yield text;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#isOver || isDone()) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

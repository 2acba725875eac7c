// Decompresses Zstandard files of any number of frames. Node's own stream ends after the first frame and says nothing of the
// rest, and compressors with several threads, or `cat`, write many.

import { once } from 'node:events';
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib';

/** Compressed bytes that are decompressed at a time: bounds what is held in memory. */
const PIECE_BYTES = 64 * 1024;

/** The text of a compressed file. Throws when it ends in the middle of a frame, or is not Zstandard. */
export async function* zstdText(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let frame: Frame | undefined;
  try {
    for await (const chunk of file) {
      for (let from = 0; from < chunk.length;) {
        frame ??= new Frame();
        from += await frame.take(chunk.subarray(from, from + PIECE_BYTES));
        yield* frame.text();
        if (frame.hasEnded) frame = undefined;
      }
    }
    if (frame !== undefined) {
      await frame.end();
      yield* frame.text();
    }
  } finally {
    frame?.destroy();
  }
}

/** One decoder: a frame, or several as long as each piece ends with a whole one. */
class Frame {
  readonly #decoder: ZstdDecompress = createZstdDecompress();
  readonly #ended = once(this.#decoder, 'end');
  #text: Buffer[] = [];
  hasEnded = false;

  constructor() {
    // Whoever waits for the decoder sees its error; when no one does, the next call will.
    this.#ended.catch(() => {});
    this.#decoder.on('data', (text: Buffer) => this.#text.push(text));
  }

  /** Decompresses a piece, up to the end of a frame; returns how many of its bytes that took. */
  async take(piece: Buffer): Promise<number> {
    const before = this.#decoder.bytesWritten;
    const written = new Promise<void>((resolve) => {
      this.#decoder.write(piece, () => resolve());
    });
    // At the end of a frame within the piece the decoder ends and never answers the write.
    await Promise.race([written, this.#ended]);
    const taken = this.#decoder.bytesWritten - before;
    this.hasEnded = taken < piece.length;
    if (this.hasEnded) await this.#ended;
    return taken;
  }

  async end(): Promise<void> {
    this.#decoder.end();
    await this.#ended;
  }

  text(): readonly Buffer[] {
    const text = this.#text;
    this.#text = [];
    return text;
  }

  destroy(): void {
    this.#decoder.destroy();
  }
}

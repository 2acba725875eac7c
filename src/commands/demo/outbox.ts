// Frames for a stream, sent one by one from wherever they come up, read as an async iterable by the client.

export class Outbox<Frame> implements AsyncIterable<Frame> {
  readonly #waiting: Frame[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  send(frame: Frame): void {
    this.#waiting.push(frame);
    this.#wake?.();
  }

  /** No more frames: the stream is half-closed when all are sent. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Frame> {
    for (;;) {
      const frame = this.#waiting.shift();
      if (frame !== undefined) {
        yield frame;
      } else if (this.#isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

// Frames that wait to be read, as an async iterable: what a rollout client writes into while the stream reads out of it.

export class FrameQueue<Frame> implements AsyncIterable<Frame> {
  #frames: Frame[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#wake?.();
  }

  /** No more frames: the reader gets what is left, then the end. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Frame> {
    for (;;) {
      const frames = this.#frames;
      this.#frames = [];
      yield* frames;
      if (this.#frames.length > 0) continue;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}

// The part of cli-progress that progress.ts uses; the package has no types of its own.

declare module 'cli-progress' {
  export interface BarOptions {
    readonly stream: NodeJS.WritableStream;
    readonly format: string;
    readonly hideCursor: boolean;
    readonly clearOnComplete: boolean;
  }
  export interface BarPreset {
    readonly barCompleteChar: string;
    readonly barIncompleteChar: string;
    readonly format: string;
  }
  export const Presets: { readonly shades_classic: BarPreset };
  export class SingleBar {
    constructor(options: BarOptions, preset: BarPreset);
    start(total: number, value: number, payload: object): void;
    update(value: number, payload: object): void;
    stop(): void;
  }
}

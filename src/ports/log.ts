// Structured log lines. Fields never hold ground truths, tokens or completion texts.

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** For bugs of ours: pass the exception as `error`, its stack is kept. */
  error(message: string, fields?: LogFields): void;
}

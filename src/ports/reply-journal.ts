// The replies that were paid for, by the content of their requests. A reply is on disk before anyone uses it, and lives on
// across runs: whoever asks the same again is answered from here.

import type { LanguageModelReply } from './language-model.ts';

export interface JournalledReply {
  readonly text: string;
  readonly finishReason: LanguageModelReply['finishReason'];
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Null when the price was not known. */
  readonly costUsd: number | null;
  /** As the server named it. */
  readonly model: string;
}

export interface ReplyJournal {
  /** `key`: sha256 (hex) of everything that makes two requests alike. */
  find(key: string): Promise<JournalledReply | undefined>;
  /** Resolves when it is on disk. A key that is there keeps its first reply. */
  add(key: string, reply: JournalledReply): Promise<void>;
  close(): Promise<void>;
}

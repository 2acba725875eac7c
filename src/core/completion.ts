// What a policy wrote for one prompt, as a rollout client hands it in.

export const FINISH_REASONS = ['stop', 'length'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

export interface Completion {
  readonly text: string;
  /** `length`: the completion is truncated. Unknown is taken as `stop`. */
  readonly finishReason?: FinishReason | undefined;
  /** In the policy's own tokens. */
  readonly tokenCount?: number | undefined;
  /** Which weights wrote it. */
  readonly policyVersion?: number | undefined;
}

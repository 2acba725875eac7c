// Every limit of the service, named, in one file. Both doors enforce them from here, and an error names the one it met.

export const LIMITS = {
  /** Bytes of one request message, either door. */
  messageBytesMax: 64 * 1024 * 1024,
  /** Characters of one completion. */
  completionCharsMax: 1_000_000,
  /** Characters of one ground truth, alias or choice. */
  answerCharsMax: 100_000,
  aliasesMax: 1_000,
  choicesMax: 100,
  promptMessagesMax: 1_000,
  promptCharsMax: 1_000_000,
  /** Completions of one group. */
  groupSizeMax: 1_024,
  /** Groups in one Score, ComputeAdvantages or SubmitCompletions request. */
  groupsPerRequestMax: 4_096,
  /** Groups in one LeaseGroups request, and the window of a rollout stream. */
  groupsPerLeaseMax: 4_096,
  /** Completions of all groups of one request. */
  completionsPerRequestMax: 65_536,
  leaseIdsPerRequestMax: 4_096,
  scorersPerRecipeMax: 32,
  /** Characters of a recipe's formula. */
  formulaCharsMax: 10_000,
  /** Longest time limit that a recipe may give one scorer. */
  scorerTimeLimitMsMax: 3_600_000,
  leaseTtlMsMin: 1_000,
  leaseTtlMsMax: 7 * 24 * 3600 * 1000,
  maxAttemptsMax: 1_000,
  epochsMax: 1_000_000,
  /** Characters of a run id, batch id or dataset name: letters, digits, `.`, `_`, `-`. */
  nameCharsMax: 128,
  /** Characters of an id that the server made. */
  idCharsMax: 256,
  /** Size of a scorer's options: characters as JSON, and depth. */
  optionsCharsMax: 100_000,
  optionsDepthMax: 16,
  curriculumPoolsMax: 32,
  /** Largest weight of a scorer, either sign. */
  weightAbsMax: 1e6,
  /** Largest reward that is turned into an advantage, either sign: its square and sums stay finite. */
  rewardAbsMax: 1e30,
  metricsPerStepMax: 256,
  trainingStepsPageMax: 10_000,
  /** Groups of one run that may be leased and not completed at a time. */
  openGroupsPerRunMax: 65_536,
  /** Completions waiting to be scored or written, all runs together; beyond it the doors answer `resource_exhausted`. */
  completionsInFlightMax: 65_536,
  /** Calls that one door works on at a time; beyond it it answers `resource_exhausted`. */
  callsInFlightMax: 4_096,
  /** Bytes of request bodies that the REST door holds at a time; beyond it it answers `resource_exhausted`. */
  bodyBytesInFlightMax: 512 * 1024 * 1024,
  /**
   * Calls of one gRPC connection at a time; a client queues the rest itself. Node also counts calls that were cancelled a
   * moment ago, refuses what goes beyond without a word of ours, and cuts the connection after a hundred of those: so it
   * is no lower than what the door takes, which refuses in words.
   */
  callsPerConnectionMax: 4_096,
  /** Open streams of events at one door. */
  watchersMax: 1_024,
  /** Bytes of one message on a WebSocket: one completion, escaped. */
  socketMessageBytesMax: 8 * 1024 * 1024,
  /** Messages of one WebSocket that wait for the one before to be answered; a client that sends more is cut off. */
  socketMessagesWaitingMax: 16,
  /** Events kept per run for watchers that reconnect. */
  eventsKeptMax: 4_096,
  /** Frames a slow reader of a stream may leave unread before the server stops reading from it. */
  streamFramesBufferedMax: 256,
  /** Completions of one ScoreStream that may wait for their scores before the server stops reading from it. */
  streamCompletionsPendingMax: 4_096,
  /** Groups of an Atropos environment that wait for its trainer, and characters of them as JSON; more have to wait. */
  atroposQueueGroupsMax: 65_536,
  atroposQueueBytesMax: 256 * 1024 * 1024,
  atroposEnvironmentsMax: 4_096,
  /** Milliseconds of one heavy verification, from its start. */
  verifyMs: 5_000,
} as const;

/** Largest integer that JSON and JavaScript keep exactly. */
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER;
export const UINT32_MAX = 0xffff_ffff;

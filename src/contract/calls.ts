// The table of calls that answer once. One row says all that a door or a client needs to know of a call: where REST has
// it, what it takes and gives in words, and how it is coded. Both doors, the client and the reference are driven by it, so
// a call cannot be in one of them only. The streams (`Rollout`, `ScoreStream`, `WatchRun`) are in `streams.ts`.

import type { z } from 'zod';
import * as calls from './decode-calls.ts';
import * as results from './decode-replies.ts';
import * as inputs from './encode-calls.ts';
import * as answers from './encode-replies.ts';
import * as protoReplies from './proto-replies.ts';
import * as protoRequests from './proto-requests.ts';
import type { ProtoMessage } from './proto-values.ts';
import * as replies from './schemas/replies.ts';
import * as requests from './schemas/requests.ts';

export interface Row<Input, Call, Reply, Wire> {
  readonly service: 'Environment' | 'Rewards';
  readonly rest: `${'GET' | 'POST'} /v1/${string}`;
  readonly summary: string;
  /** May be sent again when it is not known whether it arrived: a repeat changes nothing. */
  readonly idempotent: boolean | ((input: Input) => boolean);
  readonly request: z.ZodType;
  readonly reply: z.ZodType;
  /** The server: the request as JSON to the call, the reply to JSON. Throws `EnvError` (invalid_argument). */
  readonly decode: (wire: unknown) => Call;
  readonly encode: (reply: Reply) => Wire;
  /** The client: the call to JSON, the reply from JSON. */
  readonly encodeCall: (input: Input) => ProtoMessage;
  readonly decodeReply: (wire: Wire) => Reply;
  /** JSON to and from what only the proto writes differently. */
  readonly requestFromProto: (message: ProtoMessage) => unknown;
  readonly requestToProto: (wire: ProtoMessage) => ProtoMessage;
  readonly replyToProto: (wire: Wire) => ProtoMessage;
  readonly replyFromProto: (message: ProtoMessage) => ProtoMessage;
}

const { unchanged } = protoRequests;
const same = { requestFromProto: unchanged, requestToProto: unchanged } as const;
/** For replies that the proto writes just as the JSON has them. */
const asItIs = (wire: object): ProtoMessage => wire as ProtoMessage;

export const CALLS = {
  ListDatasets: row({
    service: 'Environment',
    rest: 'GET /v1/datasets',
    summary: 'Lists the datasets',
    idempotent: true,
    request: requests.empty,
    reply: replies.datasets,
    decode: calls.decodeNothing,
    encode: answers.encodeDatasets,
    encodeCall: inputs.encodeNothing,
    decodeReply: results.decodeDatasets,
    ...same,
    replyToProto: (wire) => ({ datasets: wire.datasets.map(protoReplies.datasetToProto) }),
    replyFromProto: protoReplies.listFromProto('datasets', protoReplies.datasetFromProto),
  }),
  GetDataset: row({
    service: 'Environment',
    rest: 'GET /v1/datasets/{name}',
    summary: 'Describes one dataset',
    idempotent: true,
    request: requests.getDataset,
    reply: replies.dataset,
    decode: calls.decodeGetDataset,
    encode: answers.encodeDataset,
    encodeCall: inputs.encodeGetDataset,
    decodeReply: results.decodeDataset,
    ...same,
    replyToProto: protoReplies.datasetToProto,
    replyFromProto: protoReplies.datasetFromProto,
  }),
  OpenRun: row({
    service: 'Environment',
    rest: 'POST /v1/runs',
    summary: 'Starts a seeded walk over one split, or resumes the one named by run_id',
    idempotent: (input) => input.runId !== undefined,
    request: requests.openRun,
    reply: replies.run,
    decode: calls.decodeOpenRun,
    encode: answers.encodeRun,
    encodeCall: inputs.encodeOpenRun,
    decodeReply: results.decodeRun,
    requestFromProto: protoRequests.openRunFromProto,
    requestToProto: protoRequests.openRunToProto,
    replyToProto: protoReplies.runToProto,
    replyFromProto: protoReplies.runFromProto,
  }),
  ListRuns: row({
    service: 'Environment',
    rest: 'GET /v1/runs',
    summary: 'Lists the runs',
    idempotent: true,
    request: requests.empty,
    reply: replies.runs,
    decode: calls.decodeNothing,
    encode: answers.encodeRuns,
    encodeCall: inputs.encodeNothing,
    decodeReply: results.decodeRuns,
    ...same,
    replyToProto: (wire) => ({ runs: wire.runs.map(protoReplies.runToProto) }),
    replyFromProto: protoReplies.listFromProto('runs', protoReplies.runFromProto),
  }),
  GetRun: row({
    service: 'Environment',
    rest: 'GET /v1/runs/{run_id}',
    summary: 'Describes one run',
    idempotent: true,
    request: requests.ofOneRun,
    reply: replies.run,
    decode: calls.decodeOfRun,
    encode: answers.encodeRun,
    encodeCall: inputs.encodeOfRun,
    decodeReply: results.decodeRun,
    ...same,
    replyToProto: protoReplies.runToProto,
    replyFromProto: protoReplies.runFromProto,
  }),
  CloseRun: row({
    service: 'Environment',
    rest: 'POST /v1/runs/{run_id}/close',
    summary: 'Takes no more leases; open leases are released',
    idempotent: true,
    request: requests.ofOneRun,
    reply: replies.run,
    decode: calls.decodeOfRun,
    encode: answers.encodeRun,
    encodeCall: inputs.encodeOfRun,
    decodeReply: results.decodeRun,
    ...same,
    replyToProto: protoReplies.runToProto,
    replyFromProto: protoReplies.runFromProto,
  }),
  LeaseGroups: row({
    service: 'Environment',
    rest: 'POST /v1/runs/{run_id}/leases',
    summary: 'Hands out groups of prompts, first in first out',
    // A lost answer would leave its groups leased to nobody until they expire.
    idempotent: false,
    request: requests.leaseGroups,
    reply: replies.leasedGroups,
    decode: calls.decodeLeaseGroups,
    encode: answers.encodeLeasedGroups,
    encodeCall: inputs.encodeLeaseGroups,
    decodeReply: results.decodeLeasedGroups,
    ...same,
    replyToProto: protoReplies.leasedGroupsToProto,
    replyFromProto: protoReplies.leasedGroupsFromProto,
  }),
  Heartbeat: row({
    service: 'Environment',
    rest: 'POST /v1/runs/{run_id}/heartbeat',
    summary: 'Extends leases',
    idempotent: true,
    request: requests.leases,
    reply: replies.heartbeat,
    decode: calls.decodeLeases,
    encode: answers.encodeHeartbeat,
    encodeCall: inputs.encodeLeases,
    decodeReply: results.decodeHeartbeat,
    ...same,
    replyToProto: protoReplies.heartbeatToProto,
    replyFromProto: protoReplies.heartbeatFromProto,
  }),
  ReleaseGroups: row({
    service: 'Environment',
    rest: 'POST /v1/runs/{run_id}/release',
    summary: 'Gives leased groups back at once',
    // A repeat would count no lease as released.
    idempotent: false,
    request: requests.leases,
    reply: replies.released,
    decode: calls.decodeLeases,
    encode: ({ released }: { readonly released: number }) => ({ released }),
    encodeCall: inputs.encodeLeases,
    decodeReply: results.decodeReleased,
    ...same,
    replyToProto: asItIs,
    replyFromProto: protoReplies.releasedFromProto,
  }),
  SubmitCompletions: row({
    service: 'Environment',
    rest: 'POST /v1/runs/{run_id}/completions',
    summary: 'Hands in completions, a whole group or member by member',
    idempotent: true,
    request: requests.submitCompletions,
    reply: replies.submitted,
    decode: calls.decodeSubmitCompletions,
    encode: answers.encodeSubmitted,
    encodeCall: inputs.encodeSubmitCompletions,
    decodeReply: results.decodeSubmitted,
    requestFromProto: protoRequests.submitFromProto,
    requestToProto: protoRequests.submitToProto,
    replyToProto: protoReplies.submittedToProto,
    replyFromProto: protoReplies.submittedFromProto,
  }),
  GetGroup: row({
    service: 'Environment',
    rest: 'GET /v1/runs/{run_id}/groups/{group_id}',
    summary: 'Says what became of one group',
    idempotent: true,
    request: requests.getGroup,
    reply: replies.groupResult,
    decode: calls.decodeGetGroup,
    encode: answers.encodeGroupResult,
    encodeCall: inputs.encodeGetGroup,
    decodeReply: results.decodeGroupResult,
    ...same,
    replyToProto: protoReplies.groupResultToProto,
    replyFromProto: protoReplies.groupResultFromProto,
  }),
  GetAccounting: row({
    service: 'Environment',
    rest: 'GET /v1/runs/{run_id}/accounting',
    summary: 'The books of a run: every leased group ends exactly once',
    idempotent: true,
    request: requests.ofOneRun,
    reply: replies.accounting,
    decode: calls.decodeOfRun,
    encode: answers.encodeAccounting,
    encodeCall: inputs.encodeOfRun,
    decodeReply: results.decodeAccounting,
    ...same,
    replyToProto: asItIs,
    replyFromProto: protoReplies.accountingFromProto,
  }),
  ReportTrainingStep: row({
    service: 'Environment',
    rest: 'POST /v1/runs/{run_id}/training-steps',
    summary: "Keeps the trainer's own curves beside the rewards",
    // Two reports of one number are two reports.
    idempotent: false,
    request: requests.reportTrainingStep,
    reply: replies.reported,
    decode: calls.decodeReportTrainingStep,
    encode: () => ({}),
    encodeCall: inputs.encodeReportTrainingStep,
    decodeReply: () => undefined,
    requestFromProto: protoRequests.reportTrainingStepFromProto,
    requestToProto: unchanged,
    replyToProto: asItIs,
    replyFromProto: unchanged,
  }),
  ListTrainingSteps: row({
    service: 'Environment',
    rest: 'GET /v1/runs/{run_id}/training-steps',
    summary: 'Reads those curves',
    idempotent: true,
    request: requests.listTrainingSteps,
    reply: replies.trainingSteps,
    decode: calls.decodeListTrainingSteps,
    encode: answers.encodeTrainingSteps,
    encodeCall: inputs.encodeListTrainingSteps,
    decodeReply: results.decodeTrainingSteps,
    ...same,
    replyToProto: asItIs,
    replyFromProto: protoReplies.trainingStepsFromProto,
  }),
  Score: row({
    service: 'Rewards',
    rest: 'POST /v1/score',
    summary: 'Scores completions against inline ground truths, or rows of a dataset: rewards and advantages',
    idempotent: true,
    request: requests.score,
    reply: replies.scored,
    decode: calls.decodeScore,
    encode: answers.encodeScored,
    encodeCall: inputs.encodeScore,
    decodeReply: results.decodeScored,
    requestFromProto: protoRequests.scoreFromProto,
    requestToProto: protoRequests.scoreToProto,
    replyToProto: asItIs,
    replyFromProto: protoReplies.scoredFromProto,
  }),
  ComputeAdvantages: row({
    service: 'Rewards',
    rest: 'POST /v1/advantages',
    summary: 'Turns rewards that were computed elsewhere into advantages under a named estimator',
    idempotent: true,
    request: requests.computeAdvantages,
    reply: replies.advantages,
    decode: calls.decodeComputeAdvantages,
    encode: answers.encodeAdvantages,
    encodeCall: inputs.encodeComputeAdvantages,
    decodeReply: results.decodeAdvantages,
    requestFromProto: protoRequests.computeAdvantagesFromProto,
    requestToProto: protoRequests.computeAdvantagesToProto,
    replyToProto: asItIs,
    replyFromProto: protoReplies.advantagesFromProto,
  }),
} as const;

export type CallName = keyof typeof CALLS;
export const CALL_NAMES = Object.keys(CALLS) as readonly CallName[];

/** What the service takes, what it gives, and what a client may write instead of the former. */
export type CallOf<Name extends CallName> = ReturnType<(typeof CALLS)[Name]['decode']>;
export type ReplyOf<Name extends CallName> = Parameters<(typeof CALLS)[Name]['encode']>[0];
export type InputOf<Name extends CallName> = Parameters<(typeof CALLS)[Name]['encodeCall']>[0];

/** A row whose types are not known: what a loop over the table sees. */
export type AnyRow = Row<unknown, unknown, unknown, unknown>;

/** The row of a call, for code that treats all calls alike. */
export function rowOf(name: CallName): AnyRow {
  // Each function of a row takes what another function of the same row gave, and nothing else.
  return CALLS[name] as unknown as AnyRow;
}

function row<Input, Call, Reply, Wire>(entry: Row<Input, Call, Reply, Wire>): Row<Input, Call, Reply, Wire> {
  return entry;
}

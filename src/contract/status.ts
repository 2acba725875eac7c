// The only table from an error's code to gRPC's status number and HTTP's status. A test sends each through both doors.

import type { ErrorCode } from '../core/errors.ts';

export interface Status {
  readonly grpc: number;
  readonly http: number;
  /** Title of the RFC 9457 problem. */
  readonly title: string;
}

/** HTTP statuses after google.rpc.Code's own mapping. */
export const STATUS: Readonly<Record<ErrorCode, Status>> = {
  cancelled: { grpc: 1, http: 499, title: 'Cancelled by the client' },
  invalid_argument: { grpc: 3, http: 400, title: 'Invalid argument' },
  deadline_exceeded: { grpc: 4, http: 504, title: 'Deadline exceeded' },
  not_found: { grpc: 5, http: 404, title: 'Not found' },
  already_exists: { grpc: 6, http: 409, title: 'Already exists' },
  permission_denied: { grpc: 7, http: 403, title: 'Permission denied' },
  resource_exhausted: { grpc: 8, http: 429, title: 'Resource exhausted' },
  failed_precondition: { grpc: 9, http: 412, title: 'Failed precondition' },
  aborted: { grpc: 10, http: 409, title: 'Aborted' },
  out_of_range: { grpc: 11, http: 400, title: 'Out of range' },
  unimplemented: { grpc: 12, http: 501, title: 'Not implemented' },
  internal: { grpc: 13, http: 500, title: 'Internal error' },
  unavailable: { grpc: 14, http: 503, title: 'Unavailable' },
  data_loss: { grpc: 15, http: 500, title: 'Data loss' },
  unauthenticated: { grpc: 16, http: 401, title: 'Unauthenticated' },
};

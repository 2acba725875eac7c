// Calls of other edges behind this door: let in, limited and counted like its own. What they take and answer is theirs.

import type { MountedCall } from '../../contract/mounted-call.ts';
import { withAnyJsonBody } from './body.ts';
import { serve } from './calls.ts';
import { type RestContext, type RestDoor, toResponse } from './door.ts';

export function mountedHandler(
  door: RestDoor,
  call: MountedCall,
): (context: RestContext) => Promise<Response> {
  return async ({ env, req }) => {
    const [path, query] = [req.param(), req.query()];
    const header = (name: string): string | undefined => req.header(name);
    const served = { name: call.name, kind: 'call', dropsBusy: call.dropsBusy } as const;
    const reply = await serve(door, served, env, async ({ signal }) => {
      const answer = async (body: unknown) => call.answer({ body, path, query, header, signal });
      const takesBody = call.method === 'POST' || call.takesBody === true;
      return takesBody ? withAnyJsonBody(env.incoming, door.bodies, answer) : answer(undefined);
    });
    return toResponse(reply);
  };
}

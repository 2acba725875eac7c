// The OpenAPI description, made from the table of calls and the schemas that check them: what it says is what is enforced.

import { z } from 'zod';
import { type AnyRow, CALL_NAMES, type CallName, rowOf } from '../../contract/calls.ts';
import * as replies from '../../contract/schemas/replies.ts';
import * as requests from '../../contract/schemas/requests.ts';
import { STATUS } from '../../contract/status.ts';

type Json = Record<string, unknown>;

const REFERENCE = '#/components/schemas/';

/** Refusals that any call may meet, by HTTP status. */
const PROBLEMS = [
  'invalid_argument',
  'unauthenticated',
  'not_found',
  'failed_precondition',
  'resource_exhausted',
  'internal',
  'unavailable',
] as const;

/** OpenAPI 3.1 of all paths under /v1. */
export function openApiDocument(version: string): Json {
  const schemas = componentSchemas();
  const paths: Record<string, Json> = {};
  for (const name of CALL_NAMES) {
    const [method = '', path = ''] = rowOf(name).rest.split(' ');
    (paths[path] ??= {})[method.toLowerCase()] = operation(name, rowOf(name), schemas);
  }
  paths['/v1/runs/{run_id}/events'] = { get: eventsOperation() };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Groupwise',
      version,
      summary: 'An RL environment server: grouped prompts out, rewards and group-relative advantages back.',
      description:
        'The same calls, rules and limits as the gRPC services in `proto/groupwise/v1`. Refusals are RFC 9457 problems ' +
        'whose `code` is the gRPC code. No reply holds a ground truth.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Environment', description: 'Datasets, runs, leases, completions.' },
      { name: 'Rewards', description: 'Stateless scoring.' },
    ],
    security: [{}, { token: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'When the server has a token.' },
      },
    },
  };
}

/** Every schema with an id, as a component. */
function componentSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `${REFERENCE}${id}`,
    override: readable,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _dialect, $id: _id, ...component } = schema as Json;
      return [id, component];
    }),
  );
}

/** What a reader needs and a validator does not mind. */
function readable({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const { def } = zodSchema._zod;
  // A reply may gain fields; only requests refuse those that they do not know.
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
  if (jsonSchema.type === 'integer' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) {
    delete jsonSchema.maximum;
    jsonSchema.format = 'int64';
  }
}

function operation(name: CallName, row: AnyRow, schemas: Record<string, Json>): Json {
  const [method, path = ''] = row.rest.split(' ');
  const shape = shapeOf(row.request);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field);
  const inQuery = method === 'GET' ? Object.keys(shape).filter((field) => !inPath.includes(field)) : [];
  const fields = Object.keys(shape).filter((field) => !inPath.includes(field));
  return {
    operationId: name,
    summary: row.summary,
    tags: [row.service],
    parameters: [
      ...inPath.map((field) => parameter(field, 'path', shape)),
      ...inQuery.map((field) => parameter(field, 'query', shape)),
    ],
    ...(method === 'POST' && fields.length > 0 && { requestBody: requestBody(row, inPath, schemas) }),
    responses: {
      200: { description: 'OK', content: json(reference(row.reply)) },
      ...problemResponses(),
    },
  };
}

function eventsOperation(): Json {
  const shape = shapeOf(requests.watchRun);
  return {
    operationId: 'WatchRun',
    summary: 'What happens in a run, as it happens',
    description:
      'Server-sent events: `id` is the sequence, `event` the kind, `data` a RunEvent. `Last-Event-ID` says where to go on. ' +
      'An event `problem` ends the stream, and so does the last event of a closed run.',
    tags: ['Environment'],
    parameters: [
      parameter('run_id', 'path', shape),
      parameter('after_sequence', 'query', shape),
      { name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'integer', minimum: 0 } },
    ],
    responses: {
      200: {
        description: 'Events',
        content: { 'text/event-stream': { schema: reference(replies.runEvent) } },
      },
      204: { description: 'The run is closed and there is nothing more to tell: do not reconnect' },
      ...problemResponses(),
    },
  };
}

/** The component of a request has the path's parameters too: the body may repeat them, and need not have them. */
function requestBody(row: AnyRow, inPath: readonly string[], schemas: Record<string, Json>): Json {
  const id = idOf(row.request);
  const component = schemas[id];
  if (component === undefined) throw new Error(`No component for the request of ${row.rest}`);
  const required = ((component['required'] ?? []) as string[]).filter((field) => !inPath.includes(field));
  component['required'] = required.length === 0 ? undefined : required;
  return {
    required: required.length > 0,
    content: json({ $ref: `${REFERENCE}${id}` }),
  };
}

function parameter(name: string, place: 'path' | 'query', shape: Record<string, z.ZodType>): Json {
  const schema = shape[name];
  if (schema === undefined) throw new Error(`No schema for the parameter ${name}`);
  const { $schema: _dialect, ...inline } = z.toJSONSchema(schema, { override: readable }) as Json;
  return { name, in: place, required: place === 'path', schema: inline };
}

function problemResponses(): Json {
  const content = { 'application/problem+json': { schema: reference(replies.problem) } };
  return Object.fromEntries(
    PROBLEMS.map((code) => [
      STATUS[code].http,
      { description: `${STATUS[code].title} (\`${code}\`)`, content },
    ]),
  );
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

function reference(schema: z.ZodType): Json {
  return { $ref: `${REFERENCE}${idOf(schema)}` };
}

function idOf(schema: z.ZodType): string {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new Error('A schema of the contract has no id');
  return id;
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  return (schema as z.ZodObject).shape;
}

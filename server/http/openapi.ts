/** The OpenAPI document, made from the very table the routes are registered from. */
import { z } from 'zod';
import type { AnswerDoc, Route } from './route.ts';

const JSON_TYPE = 'application/json';

/** @param io `input` describes what a caller sends, `output` what we answer. */
export function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

/** What stands for nothing given may be left out. */
function takes(schema: z.core.$ZodType, nothing: undefined | object): boolean {
  return z.safeParse(schema, nothing).success;
}

const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string().optional(),
});

export function openapi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Signalbox', version },
    paths,
    components: { schemas: { Problem: jsonSchema(Problem, 'output') } },
  };
}

function operation(route: Route): object {
  return {
    operationId: route.id,
    summary: route.summary,
    parameters: [
      ...Object.entries(route.params._zod.def.shape).map(([name, schema]) => ({
        name,
        in: 'path',
        required: true,
        schema: jsonSchema(schema, 'input'),
      })),
      ...Object.entries(route.query._zod.def.shape).map(([name, schema]) => ({
        name,
        in: 'query',
        required: !takes(schema, undefined),
        schema: jsonSchema(schema, 'input'),
      })),
      ...Object.entries(route.headers ?? {}).map(([name, doc]) => ({ name, in: 'header', ...doc, schema: { type: 'string' } })),
    ],
    ...(route.body === null
      ? {}
      : { requestBody: { required: !takes(route.body, {}), content: { [JSON_TYPE]: { schema: jsonSchema(route.body, 'input') } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, doc]) => [status, answer(doc)])),
      default: { description: 'A problem.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  };
}

function answer({ description, schema, type = JSON_TYPE }: AnswerDoc): object {
  return { description, content: { [type]: { schema: schema === undefined ? { type: 'string' } : jsonSchema(schema, 'output') } } };
}

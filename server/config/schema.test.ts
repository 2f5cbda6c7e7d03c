import { expect, it } from 'vitest';
import { configJsonSchema } from './schema.ts';

it('is published for editors as it is written, not as it is used', () => {
  const schema = configJsonSchema();
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    required: ['projects'],
    additionalProperties: false,
    properties: { projects: { items: { required: ['id', 'repo', 'build', 'tiers'] } } },
  });
  const text = JSON.stringify(schema);
  expect(text).toContain('"const":"burn_in"');
  expect(text).toContain('[A-Za-z0-9]');
  expect(text).not.toContain('timeout_ms');
  expect(text.split('"retry_interrupted":')).toHaveLength(1 + 4);
});

/** Says what zod found in the words of someone who writes the file: which key, what it should be, and the nearest one that exists. */
import { z } from 'zod';
import { nearest } from './nearest.ts';
import type { Path, Problem } from './source.ts';

const TYPES: Readonly<Record<string, string>> = {
  string: 'text (put it in quotes)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of keys',
  record: 'a block of keys',
};

/** @param schema what the value was checked with. @param value the value. */
export function explain(schema: z.ZodType, value: unknown, issues: readonly z.core.$ZodIssue[]): Problem[] {
  /** Missing keys that a mistyped one stands for; told once, at the mistyped one. */
  const meant = new Set<string>();
  const unknownKey = (path: Path, key: string): Problem => {
    const known = keysAt(schema, value, path);
    const near = nearest(key, known);
    if (near !== null) meant.add(place([...path, near]));
    return {
      path,
      key,
      message: `there is no key \`${key}\` here; ${near === null ? `the keys are ${known.join(', ')}` : `did you mean \`${near}\`?`}`,
    };
  };
  const mistyped = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownKey(issue.path, key)) : [],
  );
  const others = issues.filter(
    (issue) => issue.code !== 'unrecognized_keys' && !(at(value, issue.path) === undefined && meant.has(place(issue.path))),
  );
  return [...mistyped, ...others.map((issue) => told(schema, value, issue))];
}

function place(path: Path): string {
  return path.map(String).join('/');
}

function told(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue): Problem {
  const { path } = issue;
  const last = path.at(-1);
  const name = String(last);
  const named = typeof last === 'string';
  switch (issue.code) {
    case 'invalid_type': {
      if (named && at(value, path) === undefined) return { path, message: `\`${name}\` is missing` };
      const wanted = TYPES[issue.expected] ?? issue.expected;
      return { path, message: `${named ? `\`${name}\`` : 'this'} must be ${wanted}` };
    }
    case 'invalid_value':
      return { path, message: unknownWord(name, at(value, path), issue.values.map(String)) };
    case 'invalid_union':
      if (issue.discriminator === undefined) return { path, message: `\`${name}\` must be text, a whole number, true or false` };
      return { path, message: unknownWord(name, at(value, path), kindsAt(schema, value, path.slice(0, -1))) };
    case 'invalid_key':
      return { path: path.slice(0, -1), key: name, message: `\`${name}\`: ${issue.issues[0]?.message ?? issue.message}` };
    default:
      return { path, message: named ? `\`${name}\`: ${issue.message}` : issue.message };
  }
}

function unknownWord(name: string, word: unknown, known: readonly string[]): string {
  if (word === undefined) return `\`${name}\` is missing; it is one of ${known.join(', ')}`;
  const written = typeof word === 'string' ? word : JSON.stringify(word);
  const meant = nearest(written, known);
  return `\`${name}\` cannot be \`${written}\`; ${meant === null ? '' : `did you mean \`${meant}\`? `}it is one of ${known.join(', ')}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), value);
}

/** The schema that judged what stands at the path. */
function schemaAt(schema: unknown, value: unknown, path: readonly PropertyKey[]): unknown {
  const bare = unwrapped(schema);
  const [step, ...rest] = path;
  if (step === undefined) return bare;
  const inner = at(value, [step]);
  if (bare instanceof z.ZodArray) return schemaAt(bare.element, inner, rest);
  if (bare instanceof z.ZodObject) return schemaAt(bare.shape[String(step)], inner, rest);
  if (bare instanceof z.ZodDiscriminatedUnion) return schemaAt(chosen(bare, value), value, path);
  return undefined;
}

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  return schema;
}

function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const found = schemaAt(schema, value, path);
  const object = found instanceof z.ZodDiscriminatedUnion ? chosen(found, at(value, path)) : found;
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** The arm of the union that the value's discriminator names. */
function chosen(union: z.ZodDiscriminatedUnion, value: unknown): unknown {
  const kind = at(value, [union.def.discriminator]);
  return union.options.find((option) => option instanceof z.ZodObject && literals(option, union.def.discriminator).includes(String(kind)));
}

function kindsAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const union = schemaAt(schema, value, path);
  if (!(union instanceof z.ZodDiscriminatedUnion)) return [];
  return union.options.flatMap((option) => (option instanceof z.ZodObject ? literals(option, union.def.discriminator) : []));
}

function literals(option: z.ZodObject, key: string): string[] {
  const literal: unknown = option.shape[key];
  return literal instanceof z.ZodLiteral ? [...literal.values].map(String) : [];
}

/** The few WebAssembly instructions that the kernels are written in, as the bytes they are: no compiler and no binary in the repository. */

/** What a memory is made of. */
export const PAGE_BYTES = 65_536;
export const I32 = 0x7f;
export const V128 = 0x7b;
const VOID = 0x40;

type Code = number[];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
const sequence =
  (...op: number[]) =>
  (...operands: Code[]): Code => [...operands.flat(), ...op];

export const add = sequence(0x6a);
export const sub = sequence(0x6b);
export const mul = sequence(0x6c);
export const and = sequence(0x71);
export const or = sequence(0x72);
export const xor = sequence(0x73);
export const shl = sequence(0x74);
export const shr = sequence(0x76);
export const eq = sequence(0x46);
export const ne = sequence(0x47);
export const lessThan = sequence(0x49);
export const atLeast = sequence(0x4f);
export const above = sequence(0x4b);
export const isZero = sequence(0x45);
export const leadingZeros = sequence(0x67);
export const trailingZeros = sequence(0x68);
export const ones = sequence(0x69);
export const select = sequence(0x1b);

/** Four bytes, little endian, at any address. */
export const wordAt = sequence(0x28, 0, 0);
/** One byte, and four, and sixteen, at an address. */
export const byteAt = sequence(0x2d, 0, 0);
export const storeByte = sequence(0x3a, 0, 0);
export const storeWord = sequence(0x36, 2, 0);
export const bytesAt = sequence(0xfd, 0x00, 0, 0);
export const bytesTo = sequence(0xfd, 0x0b, 0, 0);
/** By byte: all ones where it holds. */
export const splat = sequence(0xfd, 0x0f);
export const sameBytes = sequence(0xfd, 0x23);
export const bytesBelow = sequence(0xfd, 0x26);
export const bytesAnd = sequence(0xfd, 0x4e);
/** The first without the second. */
export const bytesWithout = sequence(0xfd, 0x4f);
export const bytesOr = sequence(0xfd, 0x50);
/** By number the byte of a table (`i8x16.relaxed_swizzle`, the same on every machine for numbers from 0 to 15). */
export const looksUp = (table: Code, numbers: Code): Code => [...table, ...numbers, 0xfd, 0x80, 0x02];
/** Each two bytes, taken for a number, four bits down. */
export const halvesDown = (bytes: Code): Code => [...bytes, ...i32(4), 0xfd, 0x8d, 0x01];
export const otherBytes = sequence(0xfd, 0x24);
/** One bit a byte. */
export const bits = sequence(0xfd, 0x64);

/** Runs its body once; `leave(0)` inside goes to its end. A `when` counts as one level too. */
export const block = (...body: Code[]): Code => [0x02, VOID, ...body.flat(), 0x0b];
/** `leave(0)` inside begins it again; its end leaves it. */
export const loop = (...body: Code[]): Code => [0x03, VOID, ...body.flat(), 0x0b];
export const when = (condition: Code, ...body: Code[]): Code => [...condition, 0x04, VOID, ...body.flat(), 0x0b];
/** Goes to the block or loop so many levels out. */
export const leave = (levels: number): Code => [0x0c, levels];
export const leaveIf = (levels: number, condition: Code): Code => [...condition, 0x0d, levels];
/** @param kernel its number in the module. */
export const call = (kernel: number, ...operands: Code[]): Code => [...operands.flat(), 0x10, kernel];
export const give = (value: Code): Code => [...value, 0x0f];

export interface Kernel {
  name: string;
  /** All of them, and what is answered, are i32. */
  parameters: number;
  words: number;
  vectors: number;
  body: Code;
}

/** A module with its own memory, exported as `memory`. */
export function moduleOf(kernels: readonly Kernel[], pages: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      kernels.map(({ parameters }) => [0x60, ...list(Array.from({ length: parameters }, () => [I32])), 1, I32]),
    ),
    ...section(
      3,
      kernels.map((_, index) => [index]),
    ),
    ...section(5, [[0x00, ...unsigned(pages)]]),
    ...section(7, [[...text('memory'), 2, 0], ...kernels.map(({ name }, index) => [...text(name), 0, index])]),
    ...section(
      10,
      kernels.map((kernel) =>
        sized([
          ...list([
            [...unsigned(kernel.words), I32],
            [...unsigned(kernel.vectors), V128],
          ]),
          ...kernel.body,
          0x0b,
        ]),
      ),
    ),
  ]);
}

function section(id: number, entries: Code[]): Code {
  return [id, ...sized(list(entries))];
}

function list(entries: Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function sized(content: Code): Code {
  return [...unsigned(content.length), ...content];
}

function text(name: string): Code {
  return sized([...Buffer.from(name)]);
}

function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const rest = value >> 7;
  const sign = value & 0x40;
  if ((rest === 0 && sign === 0) || (rest === -1 && sign !== 0)) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...signed(rest)];
}

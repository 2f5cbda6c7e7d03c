/**
 * The first import of the page. zod compiles its checks with `new Function` unless told not to, which the page's content security policy
 * forbids; it must be told before the first schema is built.
 */
import { config } from 'zod/mini';

config({ jitless: true });

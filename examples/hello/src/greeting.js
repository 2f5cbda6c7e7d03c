/** What the start page says. `npm run demo:push` changes it. */
export const GREETING = 'Hello from the signal box.';

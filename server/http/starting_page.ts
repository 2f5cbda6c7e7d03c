/** The page a person sees while the server starts: all in one answer, because nothing else is served yet, and without any script. */
import { hash } from 'node:crypto';
import { startSentence, type StartProgress } from '../starting_port.ts';

/** The tokens of the pages it stands in for. */
const STYLE = `
:root { color-scheme: light dark; --page: #f2f1ec; --surface: #ffffff; --hair: #d5d2c8; --ink: #1b1a17; --ink-2: #4f4c45; --run: #1957b3; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1214; --surface: #171b1e; --hair: #2b3136; --ink: #eceff1; --ink-2: #b6bdc4; --run: #82b4ff; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--ink); font: 14px/20px Inter, system-ui, sans-serif; }
main { box-sizing: border-box; width: min(100% - 32px, 440px); padding: 24px; background: var(--surface); border: 1px solid var(--hair); border-radius: 8px; }
h1 { margin: 0 0 8px; font-size: 20px; line-height: 28px; font-weight: 600; }
p { margin: 0; font-variant-numeric: tabular-nums; }
progress + p { margin-top: 8px; color: var(--ink-2); font-size: 12px; line-height: 16px; }
progress { width: 100%; height: 8px; margin: 12px 0 0; accent-color: var(--run); }
`;

/** Stricter than the other pages': only this very sheet. */
export const STARTING_CSP = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** @param again_s seconds until it asks again. */
export function startingPage(progress: StartProgress, again_s: number): string {
  const { done, total } = progress;
  const bar =
    total === 0 ? '<progress aria-label="Start"></progress>' : `<progress aria-label="Start" value="${done}" max="${total}"></progress>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${again_s}">
<title>Signalbox is starting</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Signalbox is starting</h1>
<p role="status">${startSentence(progress)}</p>
${bar}
<p>This page goes on by itself. What runs on the nodes is not touched.</p>
</main>
</body>
</html>
`;
}

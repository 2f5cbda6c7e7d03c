/** The pages. `__VERSION__` and `__NODE__` in them are filled in when they are served, because one build runs on many machines. */
import { escape } from './escape.js';

const STYLE = `
:root { color-scheme: light dark; --page: #f2f1ec; --card: #fff; --ink: #1b1a17; --meta: #625e56; --edge: #d5d2c8; --lamp: #146c3a; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1214; --card: #171b1e; --ink: #eceff1; --meta: #959da5; --edge: #2b3136; --lamp: #5fd9a0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
h1 { margin: 0 0 0.5rem; font-size: clamp(2rem, 6vw, 3.5rem); line-height: 1.1; letter-spacing: -0.02em; }
.version { display: inline-flex; gap: 0.6rem; align-items: center; margin: 0 0 2.5rem; padding: 0.3rem 0.8rem; border: 1px solid var(--edge); border-radius: 2rem; background: var(--card); font: 14px/1.5 ui-monospace, monospace; }
.version::before { content: ''; width: 0.6rem; height: 0.6rem; border-radius: 50%; background: var(--lamp); }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
a { display: block; overflow: hidden; border: 1px solid var(--edge); border-radius: 0.5rem; background: var(--card); color: inherit; text-decoration: none; }
a:hover, a:focus-visible { border-color: var(--ink); }
a b, a span { display: block; padding: 0 0.8rem; }
a b { padding-top: 0.6rem; font-size: 1.1rem; }
a span { padding-bottom: 0.7rem; color: var(--meta); font-size: 0.85rem; }
img { display: block; width: 100%; height: auto; }
.one img { border-radius: 0.5rem; }
.one a { display: inline-block; margin-top: 1.5rem; padding: 0.4rem 1rem; }
`;

function page({ title, language, body }) {
  return `<!doctype html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
}

const RELEASE = '<p class="version">__VERSION__ on __NODE__</p>';

export function startPage({ greeting, languages }) {
  const cards = languages.map(
    ({ tag, name, hello }) =>
      `<li><a href="/hello/${tag}" lang="${tag}"><img src="/pictures/${tag}.png" alt="" width="240" height="120" loading="lazy"><b>${escape(hello)}</b><span>${escape(name)}</span></a></li>`,
  );
  const body = `<h1>${escape(greeting)}</h1>\n${RELEASE}\n<ul>\n${cards.join('\n')}\n</ul>`;
  return page({ title: greeting, language: 'en', body });
}

export function languagePage({ tag, name, hello }) {
  const body = `<div class="one"><h1>${escape(hello)}</h1>\n${RELEASE}\n<img src="/pictures/${tag}.png" alt="" width="240" height="120">\n<a href="/" lang="en">All languages</a></div>`;
  return page({ title: `${hello} (${name})`, language: tag, body });
}

/** Puts in what only the running service knows. */
export function fillIn(html, { version, node }) {
  return html.replaceAll('__VERSION__', escape(version)).replaceAll('__NODE__', escape(node));
}

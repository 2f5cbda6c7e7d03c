import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escape } from '../src/escape.js';
import { GREETING } from '../src/greeting.js';
import { LANGUAGES } from '../src/languages.js';
import { fillIn, languagePage, startPage } from '../src/page.js';

test('text cannot become markup', () => {
  assert.equal(escape('<b>"Tom" & \'Ann\'</b>'), '&lt;b&gt;&quot;Tom&quot; &amp; &#39;Ann&#39;&lt;/b&gt;');
});

test('a greeting with markup is shown, not run', () => {
  const html = startPage({ greeting: '<script>alert(1)</script>', languages: [] });
  assert.ok(!html.includes('<script'), 'the greeting reached the page as markup');
});

test('the start page greets and links every language', () => {
  const html = startPage({ greeting: GREETING, languages: LANGUAGES });
  assert.ok(html.includes(`<h1>${escape(GREETING)}</h1>`));
  for (const { tag } of LANGUAGES) assert.ok(html.includes(`href="/hello/${tag}"`), tag);
});

test('every language has its own tag, a name and a hello', () => {
  assert.equal(new Set(LANGUAGES.map(({ tag }) => tag)).size, LANGUAGES.length);
  for (const { tag, name, hello } of LANGUAGES) assert.ok(/^[a-z]{2,3}$/.test(tag) && name !== '' && hello !== '', tag);
});

test('a page is marked with its language', () => {
  const html = languagePage({ tag: 'cy', name: 'Cymraeg', hello: 'Helô' });
  assert.match(html, /<html lang="cy">/);
  assert.match(html, /<h1>Helô<\/h1>/);
});

test('version and node are put in when a page is served', () => {
  const html = fillIn(languagePage({ tag: 'en', name: 'English', hello: 'Hello' }), { version: '1.2.3+gabc', node: 'prod-1' });
  assert.ok(html.includes('1.2.3+gabc on prod-1'));
  assert.ok(!html.includes('__'));
});

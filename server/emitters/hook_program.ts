/** The text of the two files a repository's post-receive hook consists of. */

export interface HookTarget {
  /** Where the server listens, as the machine of the repository reaches it, e.g. `http://127.0.0.1:7766`. */
  url: string;
  branches: readonly BuiltBranch[];
}

export interface BuiltBranch {
  project: string;
  branch: string;
}

export const HOOK_PROGRAM = 'signalbox-post-receive.mjs';
/** The line by which a hook is known to be ours. */
export const HOOK_MARK = '# Signalbox post-receive hook. Written by the server at each start; changes are lost.';

/** A shell script and not a `#!` line of Node: that line ends at 255 bytes or the first space, and says nothing useful when Node has moved. */
export function hookLauncher(execPath: string): string {
  const node = `'${execPath.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh
${HOOK_MARK}
node=${node}
if [ -x "$node" ]; then exec "$node" "$(dirname "$0")/${HOOK_PROGRAM}"; fi
cat >/dev/null
echo "Signalbox was not told of this push: $node is gone. Start the server again to mend the hook; it builds what it has missed."
`;
}

/** `.mjs`, because a hook has no say over the package.json of the folders above it. Plain Node, no dependency, never fails a push. */
export function hookProgram({ url, branches }: HookTarget): string {
  const built = branches.map(({ project, branch }) => ({ project, ref: `refs/heads/${branch}` }));
  return `// Tells Signalbox of a push. A push never fails because of it and waits at most LIMIT_MS for it.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as http } from 'node:http';
import { request as https } from 'node:https';

const SERVER = ${JSON.stringify(url.replace(/\/+$/, ''))};
const BUILT = ${JSON.stringify(built)};
const LIMIT_MS = 800;

const end = (line) => {
  console.log(line);
  process.exit(0);
};
const without = 'It builds the newest commit when it starts.';
process.on('uncaughtException', (error) => end(\`Signalbox was not told of this push: \${error.message}.\`));

/** @returns the pushed commits, each with the project that builds its branch; none of a branch that was deleted. */
function pushed() {
  return readFileSync(0, 'utf8').split('\\n').flatMap((line) => {
    const [, sha, pushedRef] = line.split(' ');
    if (!/^[0-9a-f]{40,64}$/.test(sha) || /^0+$/.test(sha)) return [];
    return BUILT.filter(({ ref }) => ref === pushedRef).map(({ project }) => ({ project, sha }));
  });
}

function pusher() {
  const { GIT_COMMITTER_NAME, USER } = process.env;
  if (GIT_COMMITTER_NAME || USER) return GIT_COMMITTER_NAME || USER;
  try {
    return execFileSync('git', ['config', 'user.name'], { encoding: 'utf8', timeout: 200, stdio: ['ignore', 'pipe', 'ignore'] }).trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}

function answered(status, body, { project, sha }) {
  let said = {};
  try {
    said = JSON.parse(body);
  } catch {}
  if (status < 300 && said.status !== 'refused') return \`Signalbox builds \${sha.slice(0, 7)}: \${SERVER}/projects/\${project}\`;
  const why = said.refusal?.message ?? said.detail ?? said.title ?? '';
  return \`Signalbox did not accept this push (\${status}). \${why}\`.trim();
}

/** @returns what to tell the pusher. Never rejects. */
function tell(push, name) {
  const body = JSON.stringify({ sha: push.sha });
  const send = SERVER.startsWith('https:') ? https : http;
  return new Promise((resolve) => {
    const sent = send(
      \`\${SERVER}/api/v1/projects/\${push.project}/rebuild\`,
      {
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': \`hook-\${randomUUID()}\`,
          'x-signalbox-actor': \`hook:\${encodeURIComponent(name)}\`,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (text = (text + part).slice(0, 65536)));
        response.on('end', () => resolve(answered(response.statusCode, text, push)));
      },
    );
    sent.on('error', (error) => resolve(\`Signalbox at \${SERVER} is not reachable (\${error.code ?? error.message}). \${without}\`));
    sent.end(body);
  });
}

const pushes = pushed();
if (pushes.length > 0) {
  const name = pusher().replace(/[\\u0000-\\u001f\\u007f]/g, ' ').slice(0, 100);
  setTimeout(() => end(\`Signalbox at \${SERVER} gave no answer within \${LIMIT_MS / 1000} s. It looks for missed pushes every minute.\`), LIMIT_MS);
  const said = new Set();
  await Promise.all(
    pushes.map(async (push) => {
      const line = await tell(push, name);
      if (!said.has(line)) console.log(line);
      said.add(line);
    }),
  );
  process.exit(0);
}
`;
}

/** The forms of lines that say why something failed. The first that fits counts. Anchored, with nothing that could be matched in two ways. */

export const KINDS = ['annotation', 'compiler', 'exception', 'package', 'shell', 'system', 'test'] as const;
export type DiagnosisKind = (typeof KINDS)[number];

export interface DiagnosisForm {
  kind: DiagnosisKind;
  looks: RegExp | ((line: string) => boolean);
  /** It names what failed or where; the reason stands below it. */
  heading?: true;
  /** Lines of this form that follow each other are one account. */
  run?: true;
}

/** What the system answered to a program, at the end of the program's line. */
const COMPLAINT =
  /: (?:command not found|not found|permission denied|no such file or directory|(?:is|not) a directory|unbound variable|parameter not set|connection refused|connection timed out|cannot execute(?: binary file|: required file not found)?|bad substitution|exec format error|operation not permitted)\.?$/i;
const PROGRAM = /^[\w./+-]+: /;
const EXHAUSTED =
  /no space left on device|disk quota exceeded|cannot allocate memory|too many open files|read-only file system|out of memory: kill/i;
const ENDED = '(?:Killed|Aborted|Segmentation fault|Bus error|Illegal instruction|Floating point exception)';

export const FORMS: readonly DiagnosisForm[] = [
  {
    kind: 'annotation',
    looks: /^::error(?: [^:]*)?::|^##\[error\]|^##vso\[task\.logissue type=error|^##teamcity\[(?:buildProblem|testFailed) /,
  },

  // Test runners.
  { kind: 'test', looks: /^E {3,}\S/, run: true },
  { kind: 'test', looks: /^\s*not ok \d+(?!.*# (?:TODO|SKIP))/i, heading: true },
  { kind: 'test', looks: /^\s*--- FAIL: /, heading: true },
  { kind: 'test', looks: /^ ?FAIL {1,2}[^\s:]/, heading: true },
  { kind: 'test', looks: /^(?:FAIL|ERROR): \w+ \(/, heading: true },
  { kind: 'test', looks: (line) => line.endsWith(' FAILED') && line.includes(' > ') && /^[^>\s]/.test(line), heading: true },
  { kind: 'test', looks: /^\s+Failed \S.* \[[<\d]/, heading: true },
  { kind: 'test', looks: /^\s*(?:Failure\/Error: |Failed asserting that |Test timeout of \d+ms exceeded)|^[^\s:]+:\d+: Failure$/ },

  // Compilers, linters, build tools.
  { kind: 'compiler', looks: /^(?!\d+:)(?:[A-Za-z]:)?[^\s:(]+[:(]\d+(?:[:,]\d+)?\)?:? (?:- )?(?:fatal |runtime )?error\b/i },
  { kind: 'compiler', looks: /^\s+\d+:\d+ +error +\S/ },
  { kind: 'compiler', looks: /^(?:vet: )?[^\s:]+\.go:\d+:\d+: / },
  { kind: 'compiler', looks: /^error(?:\[[\w-]+\])?: (?!test failed|could not compile|aborting)/ },
  { kind: 'compiler', looks: /^(?:✘ )?\[error\] (?!->|COMPILATION ERROR|-*$)/i },
  { kind: 'compiler', looks: /^(?:CMake Error|ERROR in |error during build:|e: |\[warn\] Code style issues |\w+ : (?:fatal )?error \w+:)/ },
  { kind: 'compiler', looks: /^FAILED: |^\* What went wrong:/, heading: true },
  { kind: 'compiler', looks: /: undefined reference to |^g?make(?:\[\d+\])?: \*\*\* / },

  // What a machine lacks, and what it ended.
  { kind: 'system', looks: EXHAUSTED },
  { kind: 'system', looks: new RegExp(`^(?:Killed$|${ENDED} \\(core dumped\\)|Segmentation fault|\\S+: line \\d+: +\\d+ ${ENDED}\\b)`) },
  { kind: 'system', looks: /^(?:FATAL ERROR: |==\d+==ERROR: |(?:docker: )?Error response from daemon: |Error from server|│ *Error: )/ },
  { kind: 'system', looks: /^(?:fatal|failed): \[/ },

  // Package managers and images.
  { kind: 'package', looks: /^npm (?:ERR!|error)(?: |$)/, run: true },
  { kind: 'package', looks: /^\s*(?:\[?ERR_PNPM_|ELIFECYCLE |ERROR {2}\S)/ },
  { kind: 'package', looks: /^error (?!Command failed)[A-Z]/ },
  { kind: 'package', looks: /^➤ YN(?!0000)\d{4}: .*(?:not found|fail|error)/i },
  { kind: 'package', looks: /^(?:E: |Err:\d+ |dpkg: error |Could not find (?:gem|a version|package) )/ },
  { kind: 'package', looks: /^go: .*(?:not found|fail|error)/i },
  { kind: 'package', looks: /^(?:#\d+ )?ERROR: (?!Job failed)/ },

  // Programs that threw.
  { kind: 'exception', looks: /^\s*(?:Uncaught )?[\w.$\\:]*(?:Error|Exception)\b(?: \[\w+\])?: ./ },
  { kind: 'exception', looks: /^(?:[a-z][\w$]*\.){2,}[\w$]*(?:Error|Exception)$/ },
  {
    kind: 'exception',
    looks: /^(?:Exception in thread "|Unhandled exception[.:]|terminate called after throwing |libc\+\+abi: .*exception)/,
  },
  // Of a newer Rust, which says why on the next line.
  { kind: 'exception', looks: /^thread '[^']*'(?: \(\d+\))? panicked at \S+:\d+:$/, heading: true },
  { kind: 'exception', looks: /^(?:thread '[^']*' )?panicked at |^panic: |^\*\* \([\w.]+\) / },
  { kind: 'exception', looks: /^(?:PHP )?(?:Fatal|Parse) error: |^\S+: Fatal error: /i },
  { kind: 'exception', looks: /^[^\s:]+\.rb:\d+:in .*\([\w:]*(?:Error|Exception)\)$/ },
  {
    kind: 'exception',
    looks: (line) => /^assertion .* failed/i.test(line) || (line.includes(': Assertion `') && line.includes("' failed")),
  },

  // Shells, and programs as they speak in one.
  { kind: 'shell', looks: /^fatal: |^\s?! \[(?:remote )?rejected\]|^CONFLICT \(|^curl: \(\d+\) |^Host key verification failed/ },
  { kind: 'shell', looks: /^zsh: command not found: |^\S*sh: (?:line )?(?:\d+: )?\S*syntax error/i },
  { kind: 'shell', looks: complains },
  { kind: 'shell', looks: /^[\w.+/-]+: (?:fatal )?error: ./i },
];

function complains(line: string): boolean {
  const program = PROGRAM.exec(line)?.[0];
  return program !== undefined && COMPLAINT.test(line.slice(program.length - 2).replace(/^: /, ' '));
}

/** Says that something failed, but not what; or that nothing did. */
export const SAYS_NOTHING: readonly RegExp[] = [
  /^at /,
  /\b(?:0|no) (?:errors?|failed|failures?|failing)\b/i,
  /^npm (?:ERR!|error) (?:A complete log|code |path |command |lifecycle |workspace |location |in workspace|errno |$)/i,
  /^npm (?:ERR!|error)\s*$/i,
  /\bwarn(?:ing)?\b/i,
];

/** Changes with the forms, so that what was found by others is looked for anew. */
export const FORMS_FINGERPRINT = fingerprint(FORMS.map(({ kind, looks, run }) => `${kind} ${run ?? ''} ${String(looks)}`).join('\n'));

/** FNV-1a, 32 bits. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

// Fails a test file of node:test whose tests leak sockets, and names the tests:
//
//     node --test --import ./sockleak.mjs
//
// It has `sockleak check` watch the process of each test file while its tests
// run. After each test it notes which sockets are new in /proc/self/fd, so that
// what sockleak finds in the end can be told by test. Linux only; sockleak must
// be on the PATH. SOCKLEAK_ARGS has more arguments for it, separated by blanks,
// such as "--timeout 10m --baseline leaks.yaml".
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

// The inodes of the sockets that this process holds.
function sockets() {
  const found = new Set();
  for (const fd of readdirSync('/proc/self/fd')) {
    let target = '';
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`);
    } catch { /* closed meanwhile */ }
    if (target.startsWith('socket:[')) found.add(Number(target.slice(8, -1)));
  }
  return found;
}

const opener = new Map();
let check, directory, report, known, ended;
let messages = '';

async function start() {
  directory = mkdtempSync(join(tmpdir(), 'sockleak-'));
  report = join(directory, 'report.json');
  const started = join(directory, 'started');
  // The exercise begins after sockleak has seen what is open already, and ends
  // with the tests, which close its standard input.
  check = spawn('sockleak', ['check', String(process.pid), '-o', `json=${report}`,
    '--exercise', `touch '${started}'; cat >/dev/null`, ...(process.env.SOCKLEAK_ARGS ?? '').split(' ').filter(Boolean)],
  { stdio: ['pipe', 'ignore', 'pipe'] });
  check.stderr.on('data', (data) => { messages += data; });
  check.on('error', (error) => {
    const why = error.code === 'ENOENT' ? 'sockleak is not on the PATH; install it, or run without --import' : error.message;
    console.error(`sockleak.mjs: ${why}`);
    rmSync(directory, { recursive: true });
    process.exit(1);
  });
  ended = new Promise((resolve) => check.on('close', resolve));
  while (!existsSync(started) && check.exitCode === null) await Promise.race([sleep(10), ended]);
  known = sockets();
}

function note(test) {
  const now = sockets();
  for (const inode of now) if (!known.has(inode)) opener.set(inode, test.name);
  known = now;
}

// The findings, each with the tests that opened its sockets.
function* told({ findings, sockets: list }) {
  for (const finding of findings.filter((f) => f.level === 'leak' || f.level === 'suspect')) {
    const inodes = list.filter((s) => s.finding === finding.fingerprint).map((s) => s.inode);
    yield `${finding.level}[${finding.rule}]: ${finding.summary}`;
    yield* new Set(inodes.map((inode) => `  opened in  ${opener.get(inode) ?? 'no test'}`));
    yield `  fix        ${finding.fix}`;
  }
}

async function judge() {
  check.stdin.end();
  const code = await ended;
  if (code === 0) {
    // nothing to say
  } else if (code === 3) {
    for (const line of told(JSON.parse(readFileSync(report, 'utf8')))) console.error(line);
  } else {
    console.error(`sockleak could not judge (exit code ${code}): ${messages.trim()}`);
  }
  if (code !== 0) process.exitCode = 1; // an error thrown here would leave Node 20 waiting
  rmSync(directory, { recursive: true });
}

if (process.env.NODE_TEST_CONTEXT) { // not in the runner, which only starts the test files
  await start();
  afterEach(note);
  after(judge);
}

// Written by sockleak check --trace and loaded by Node.js (NODE_OPTIONS): notes at
// which line of a program each TCP and UNIX socket was opened, by its inode, in a
// file beside this one that sockleak reads. It changes nothing that the program
// sees, and gives up silently where something is not as it expects.
'use strict';
try {
  const fs = require('fs');
  const net = require('net');
  const path = require('path');
  const channels = require('diagnostics_channel');
  const { threadId } = require('worker_threads');
  const { fstatSync, writeSync } = fs;
  const file = fs.openSync(path.join(__dirname, 'notes', process.pid + '.' + threadId), 'ax', 0o600);

  let room = 16 << 20; // bytes that are written at most
  const stacks = new Map(); // number by text, of those that are in the file
  const note = (line) => {
    room -= line.length;
    if (room > 0) writeSync(file, line);
  };
  const number = (stack) => {
    let n = stacks.get(stack);
    if (n === undefined && stacks.size < 10000) {
      stacks.set(stack, n = stacks.size + 1);
      note(JSON.stringify({ number: n, stack }) + '\n');
    }
    return n;
  };

  // here returns the stack of the caller of a function, as V8 itself writes it.
  const here = (below) => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    try {
      Error.stackTraceLimit = 40;
      Error.prepareStackTrace = undefined;
      const at = {};
      Error.captureStackTrace(at, below);
      return at.stack;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
  };

  const told = new WeakMap(); // descriptor by handle
  const tell = (socket, stack, accepted) => {
    try {
      const handle = socket._handle;
      const fd = handle && handle.fd;
      if (!(fd >= 0) || told.get(handle) === fd || stack === undefined) return;
      told.set(handle, fd);
      note(JSON.stringify({ inode: fstatSync(fd).ino, at: number(stack), accepted }) + '\n');
    } catch { /* it is closed */ }
  };

  // wrap has after called with the stack of the caller behind a method.
  const wrap = (prototype, name, after) => {
    const original = prototype[name];
    const wrapped = { [name](...args) {
      let stack;
      try { stack = here(wrapped); } catch { /* nobody knows */ }
      const result = Reflect.apply(original, this, args);
      try { after(this, stack); } catch { /* nor this */ }
      return result;
    } }[name];
    Object.defineProperty(wrapped, 'length', { value: original.length });
    prototype[name] = wrapped;
  };

  // The descriptor is there at once, or when the name of the host is known.
  wrap(net.Socket.prototype, 'connect', (socket, stack) => {
    tell(socket, stack);
    socket.on('connectionAttempt', () => setImmediate(tell, socket, stack).unref());
    socket.prependOnceListener('connect', () => tell(socket, stack));
  });
  const listens = new WeakMap();
  wrap(net.Server.prototype, 'listen', (server, stack) => {
    listens.set(server, stack);
    tell(server, stack);
    server.prependOnceListener('listening', () => tell(server, stack));
  });
  channels.channel('net.server.socket').subscribe(({ socket }) => tell(socket, listens.get(socket.server), true));
} catch { /* an older Node.js, another user, a full disk */ }

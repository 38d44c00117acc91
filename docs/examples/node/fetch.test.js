// Tests that start what they need themselves. With LEAK=1 one of them leaks.
const assert = require('node:assert');
const net = require('node:net');
const { after, before, test } = require('node:test');

const kept = [];
let server;

before(() => new Promise((resolve) => {
  server = net.createServer((socket) => {
    socket.on('data', (data) => socket.end(data.toString().toUpperCase(), () => socket.destroy()));
  }).listen(0, '127.0.0.1', resolve);
}));
after(() => server.close());

// allowHalfOpen leaves it to the program to end a connection that the server ended.
function fetch(line) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
    let answer = '';
    socket.on('error', reject);
    socket.on('data', (data) => { answer += data; });
    socket.on('end', () => {
      if (process.env.LEAK && line === 'two') {
        kept.push(socket); // wrong: nobody ends it
        socket.unref();
      } else {
        socket.end();
      }
      resolve(answer);
    });
    socket.write(line);
  });
}

test('one', async () => {
  assert.strictEqual(await fetch('one'), 'ONE');
});

test('two', async () => {
  for (let i = 0; i < 5; i++) assert.strictEqual(await fetch('two'), 'TWO');
});

// Tests of the server next door, which must be running.
const assert = require('node:assert');
const net = require('node:net');
const test = require('node:test');

for (const line of ['one', 'two', 'three']) {
  test(`echo ${line}`, (t, done) => {
    const socket = net.connect(Number(process.env.PORT || 8000), '127.0.0.1');
    socket.on('error', done);
    socket.on('data', (data) => {
      assert.strictEqual(data.toString(), line);
      socket.destroySoon();
      done();
    });
    socket.write(line);
  });
}

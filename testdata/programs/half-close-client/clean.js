// end() after the query, with the answer awaited: half-close as Node does it.
const net = require('net');

function query() {
  const socket = net.connect(Number(process.argv[2]), '127.0.0.1', () => socket.end('query\n'));
  socket.resume();
  socket.on('close', query);
  socket.on('error', () => {});
}
for (let i = 0; i < 4; i++) query();

// The same client, which ends what its server has ended.
const net = require('net');

const server = net.createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (question) => socket.end(question));
});
server.listen(0, '127.0.0.1', function ask() {
  const socket = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.on('data', () => {});
  socket.on('end', () => socket.end());
  socket.write('question');
  setTimeout(ask, 50);
});

// A client that keeps what its server has ended, and both are one process: the
// server's end waits for the client's.
//
// Stands for: tests with a server of their own, and clients with allowHalfOpen
// whose 'end' handler does not end the socket.
// Fix: socket.end() in the 'end' handler, or leave allowHalfOpen off.
const net = require('net');

const kept = [];
const server = net.createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (question) => socket.end(question));
});
server.listen(0, '127.0.0.1', function ask() {
  const socket = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.on('data', () => {});
  socket.on('end', () => {}); // wrong: it has to end the socket
  socket.write('question');
  kept.push(socket);
  setTimeout(ask, kept.length < 12 ? 50 : 1500);
});

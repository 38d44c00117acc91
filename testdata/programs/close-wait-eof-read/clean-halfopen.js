// allowHalfOpen: true with end() in the 'end' handler, as it must be.
const net = require('net');

net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('data', (data) => socket.write('ok ' + data));
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
}).listen(Number(process.argv[2]), '127.0.0.1');

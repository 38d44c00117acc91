// allowHalfOpen: true, and the 'end' handler never calls end().
//
// Stands for: Node servers that switch half-open mode on for one feature and
// then own the duty to close. Fix: socket.end() in 'end', or leave the option
// off.
const net = require('net');
const names = new Map();

net.createServer({ allowHalfOpen: true }, (socket) => {
  names.set(socket.remotePort, 'client');
  socket.on('data', (data) => socket.write('ok ' + data));
  socket.on('end', () => names.delete(socket.remotePort)); // wrong: no socket.end()
  socket.on('error', () => socket.destroy());
}).listen(Number(process.argv[2]));

// A server that answers lines. With LEAK=1 it forgets to end connections:
// allowHalfOpen leaves that to the program.
const net = require('node:net');

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('end', () => {
    if (!process.env.LEAK) socket.end();
  });
});
server.listen(Number(process.env.PORT || 8000), '127.0.0.1');

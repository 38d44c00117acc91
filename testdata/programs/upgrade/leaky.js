// An 'upgrade' handler that returns without answering or destroying.
//
// Stands for: Node servers with two WebSocket paths where an unknown path is
// nobody's: the HTTP server has let go of the socket, nobody else holds it.
// Fix: socket.destroy() for what is not upgraded.
const http = require('http');
const server = http.createServer((req, res) => res.end('ok\n'));

server.on('upgrade', (req, socket) => {
  if (req.url === '/ws') socket.end('HTTP/1.1 501 Not Implemented\r\n\r\n');
}); // wrong: any other path is left hanging
server.listen(Number(process.argv[2]), '127.0.0.1');

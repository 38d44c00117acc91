// An 'upgrade' handler that destroys what it does not upgrade.
const http = require('http');
const server = http.createServer((req, res) => res.end('ok\n'));

server.on('upgrade', (req, socket) => socket.destroy());
server.listen(Number(process.argv[2]), '127.0.0.1');

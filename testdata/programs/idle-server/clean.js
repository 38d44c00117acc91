// A Node server with a slowly growing number of live, silent clients.
const net = require('net');

net.createServer((socket) => socket.pipe(socket)).listen(Number(process.argv[2]), '127.0.0.1');

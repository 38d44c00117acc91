// A server that closes first, after a quiet hour: twenty in TIME_WAIT.
require('net').createServer((socket) => socket.once('data', (data) => socket.end(data))).listen(Number(process.argv[2]));

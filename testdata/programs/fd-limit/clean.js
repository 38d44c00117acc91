// 56 live clients and 1024 descriptors: far from the limit.
require('net').createServer((socket) => socket.pipe(socket)).listen(Number(process.argv[2]));

// An echo server on one event loop.
const server = require('net').createServer({ noDelay: true }, (c) => c.on('error', () => {}).pipe(c));
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));

// Prints the inode of each of its sockets, and which line has opened it.
'use strict';
const fs = require('fs');
const http = require('http');
const net = require('net');
const { once } = require('events');

const accepted = [];

function print(socket, name) {
  console.log(fs.fstatSync(socket._handle.fd).ino, name);
}

async function dial(port, host) {
  const socket = net.connect({ port, host }); // opens dial
  await once(socket, 'connect');
  return socket;
}

async function fetch(port) {
  return new Promise((resolve) => {
    http.get({ port, host: '127.0.0.1', agent: false }, resolve); // opens fetch
  });
}

async function main() {
  const server = http.createServer((request, response) => {
    accepted.push(request.socket);
    response.writeHead(200, { 'Content-Length': '9' });
    response.write('x');
  });
  server.on('connection', (socket) => accepted.push(socket));
  server.listen(0, '127.0.0.1'); // opens listen
  await once(server, 'listening');
  const { port } = server.address();
  print(server, 'listen');
  print(await dial(port, '127.0.0.1'), 'dial');
  print(await dial(port, 'localhost'), 'dial');
  print((await fetch(port)).socket, 'fetch');
  print(accepted[0], 'listen');
  process.exit(0);
}

main();

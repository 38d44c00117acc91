// One keep-alive Agent with at most 20 sockets: it fills, and then stays.
const http = require('http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });

setInterval(() => {
  for (let i = 0; i < 20; i++) {
    http.get({ host: '127.0.0.1', port: Number(process.argv[2]), agent }, (res) => res.resume());
  }
}, 2000);

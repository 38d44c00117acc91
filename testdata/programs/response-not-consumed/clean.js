// Looks at the status of each answer and lets its body flow away.
const http = require('http');

setInterval(() => {
  http.get({ host: '127.0.0.1', port: Number(process.argv[2]) }, (res) => res.resume());
}, 200);

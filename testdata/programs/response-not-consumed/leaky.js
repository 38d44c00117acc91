// Looks at the status of each answer and never consumes its body.
//
// Stands for: http.get() callbacks without res.resume(): the socket is paused
// with the page unread, for ever.
// Fix: res.resume() (or res.destroy()) where the body is not wanted.
const http = require('http');
const agent = new http.Agent();
let n = 0;

function check() {
  n++;
  http.get({ host: '127.0.0.1', port: Number(process.argv[2]), agent }, (res) => {
    if (res.statusCode !== 200) console.log('down');
  });
  setTimeout(check, n < 10 ? 100 : 2000);
}
check();

// A keep-alive Agent per request, never destroyed.
//
// Stands for: new http.Agent({ keepAlive: true }) inside the function that
// makes the request: nothing is ever reused, nothing ever closed.
// Fix: one Agent for the process, or agent.destroy().
const http = require('http');
let n = 0;

function job() {
  n++;
  const agent = new http.Agent({ keepAlive: true });
  http.get({ host: '127.0.0.1', port: Number(process.argv[2]), agent }, (res) => res.resume());
  setTimeout(job, n < 14 ? 100 : 1500);
}
job();

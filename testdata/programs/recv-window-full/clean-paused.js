// Backpressure in Node: pause() for 6 s whenever 1 MB has come, then resume().
const net = require('net');

for (let i = 0; i < 3; i++) {
  const socket = net.connect(Number(process.argv[2]), '127.0.0.1');
  let seen = 0;
  socket.on('data', (data) => {
    seen += data.length;
    if (seen < 1 << 20) return;
    seen = 0;
    socket.pause();
    setTimeout(() => socket.resume(), 6000);
  });
}

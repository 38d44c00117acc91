//! Prints the inode of each of its sockets, and which line has opened it.
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::os::unix::io::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread;

struct Pool {
    kept: Vec<TcpStream>,
}

impl Pool {
    fn borrow(&mut self, to: SocketAddr) -> &TcpStream {
        self.kept.push(TcpStream::connect(to).unwrap()); // opens connect
        self.kept.last().unwrap()
    }
}

fn print(socket: &impl AsRawFd, name: &str) {
    let link = format!("/proc/self/fd/{}", socket.as_raw_fd());
    println!("{} {}", std::fs::metadata(link).unwrap().ino(), name);
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap(); // opens bind
    let address = listener.local_addr().unwrap();
    print(&listener, "bind");
    let server = thread::spawn(move || {
        let (accepted, _) = listener.accept().unwrap(); // opens accept
        print(&accepted, "accept");
        accepted
    });
    let mut pool = Pool { kept: Vec::new() };
    print(pool.borrow(address), "connect");
    let _accepted = server.join().unwrap();
    let pair: Vec<_> = (0..1).map(|_| UnixStream::pair().unwrap()).collect(); // opens pair
    print(&pair[0].0, "pair");
    print(&pair[0].1, "pair");
}

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Prints the inode of each of its sockets, and which line has opened it. */
public class Leak {
    static Socket dial(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port); // opens dial
    }

    static Socket serve(ServerSocket server) {
        try {
            return server.accept(); // opens serve
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress()); // opens listen
        int port = server.getLocalPort();
        CompletableFuture<Socket> accepted = CompletableFuture.supplyAsync(() -> serve(server));
        Socket client = dial(port);
        print(port, 0, "listen");
        print(client.getLocalPort(), port, "dial");
        print(port, accepted.get().getPort(), "serve");
    }

    /** Finds a socket by its ports (proc_pid_net(5)). */
    static void print(int local, int remote, String name) throws IOException {
        for (String table : new String[] {"tcp", "tcp6"}) {
            for (String line : Files.readAllLines(Path.of("/proc/self/net/" + table))) {
                String[] f = line.trim().split("\\s+");
                if (f[1].endsWith(String.format(":%04X", local)) && f[2].endsWith(String.format(":%04X", remote)) && !f[9].equals("0")) {
                    System.out.println(f[9] + " " + name);
                }
            }
        }
    }
}

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** An echo server with a thread for each connection. */
class Echo {
    static void echo(Socket s) {
        try (s) {
            byte[] buf = new byte[64];
            for (int n; (n = s.getInputStream().read(buf)) > 0; ) {
                s.getOutputStream().write(buf, 0, n);
            }
        } catch (java.io.IOException e) {
            System.err.println(e);
        }
    }

    public static void main(String[] args) throws Exception {
        ServerSocket listener = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
        System.out.println(listener.getLocalPort());
        while (true) {
            Socket s = listener.accept();
            new Thread(() -> echo(s)).start();
        }
    }
}

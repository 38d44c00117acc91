import java.net.InetAddress;
import java.net.ServerSocket;

/** A server whose thread has a name and waits in accept. It prints its port. */
class Wait {
    public static void main(String[] args) throws Exception {
        ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread t = new Thread(() -> {
            try {
                while (true) {
                    listener.accept();
                }
            } catch (java.io.IOException e) {
                System.err.println(e);
            }
        }, "acceptor");
        t.start();
        System.out.println(listener.getLocalPort());
        t.join();
    }
}

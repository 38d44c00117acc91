// A server thread reads to EOF and drops out of its loop without close().
//
// Stands for: Java sockets handled without try-with-resources, kept alive by
// a session list. Fix: try (Socket s = socket) { ... }.
import java.io.*;
import java.net.*;
import java.util.*;

class Leaky {
    static final List<Socket> sessions = Collections.synchronizedList(new ArrayList<>());

    static void serve(Socket socket) {
        sessions.add(socket);
        try {
            byte[] data = new byte[4096];
            for (int n; (n = socket.getInputStream().read(data)) > 0;)
                socket.getOutputStream().write(data, 0, n);
        } catch (IOException e) {
            System.err.println(e);
        } // wrong: nobody closes the socket
    }

    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[0]), 64, InetAddress.getLoopbackAddress());
        while (true) {
            Socket socket = listener.accept();
            new Thread(() -> serve(socket)).start();
        }
    }
}

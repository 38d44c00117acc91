// The leaky Java server with try-with-resources.
import java.io.*;
import java.net.*;

class Clean {
    static void serve(Socket socket) {
        try (socket) {
            byte[] data = new byte[4096];
            for (int n; (n = socket.getInputStream().read(data)) > 0;)
                socket.getOutputStream().write(data, 0, n);
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[0]), 64, InetAddress.getLoopbackAddress());
        while (true) {
            Socket socket = listener.accept();
            new Thread(() -> serve(socket)).start();
        }
    }
}

// Eight idle subscriptions, a thread each, blocked in read().
import java.io.*;
import java.net.*;

class Idle {
    static void subscribe(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write("subscribe\n".getBytes());
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    public static void main(String[] args) {
        for (int i = 0; i < 8; i++)
            new Thread(() -> subscribe(Integer.parseInt(args[0]))).start();
    }
}

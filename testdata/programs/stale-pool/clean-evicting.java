// A pool of five connections whose evictor closes stale ones every 20 s.
import java.io.*;
import java.net.*;
import java.util.*;

class Pool {
    static Socket dial(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.getOutputStream().write("question\n".getBytes());
        socket.getInputStream().read(new byte[100]);
        return socket;
    }

    public static void main(String[] args) throws Exception {
        Deque<Socket> idle = new ArrayDeque<>();
        while (true) {
            while (idle.size() < 5)
                idle.add(dial(Integer.parseInt(args[0])));
            Thread.sleep(20000);
            while (!idle.isEmpty())
                idle.pop().close();
        }
    }
}

// A health check opens a socket for each probe and keeps it in its history.
//
// Stands for: java.net.Socket without try-with-resources; the answer is read
// to its end of line, so the EOF stays unread.
// Fix: try (Socket socket = new Socket(...)) { ... }.
import java.io.*;
import java.net.*;
import java.util.*;

class Probe {
    public static void main(String[] args) throws Exception {
        List<Socket> history = new ArrayList<>();
        for (int i = 0;; i++) {
            Socket socket = new Socket("127.0.0.1", Integer.parseInt(args[0]));
            socket.getOutputStream().write("ping\n".getBytes());
            new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
            history.add(socket);
            Thread.sleep(i < 12 ? 50 : 1500);
        }
    }
}

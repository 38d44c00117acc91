// The same health check with try-with-resources.
import java.io.*;
import java.net.*;

class Probe {
    public static void main(String[] args) throws Exception {
        while (true) {
            try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(args[0]))) {
                socket.getOutputStream().write("ping\n".getBytes());
                new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
            }
            Thread.sleep(100);
        }
    }
}

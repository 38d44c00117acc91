package example;

import static org.junit.Assert.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Test;

/** Tests that start what they need themselves. With LEAK=1 one of them leaks. */
public class FetchTest {
    private static final List<Socket> kept = new ArrayList<>();
    private static ServerSocket server;

    @BeforeClass
    public static void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(FetchTest::serve);
        thread.setDaemon(true);
        thread.start();
    }

    @AfterClass
    public static void stop() throws IOException {
        server.close();
    }

    /** Answers one line on each connection and closes it. */
    private static void serve() {
        while (true) {
            try (Socket client = server.accept();
                    BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()))) {
                client.getOutputStream().write(in.readLine().toUpperCase().getBytes());
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static String fetch(String line) throws IOException {
        Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write((line + "\n").getBytes());
        String answer = new String(socket.getInputStream().readAllBytes());
        if ("1".equals(System.getenv("LEAK")) && line.equals("two")) {
            kept.add(socket); // wrong: nobody closes it
        } else {
            socket.close();
        }
        return answer;
    }

    @Test
    public void one() throws IOException {
        assertEquals("ONE", fetch("one"));
    }

    @Test
    public void two() throws IOException {
        for (int i = 0; i < 5; i++) {
            assertEquals("TWO", fetch("two"));
        }
    }
}

package com.acme.firstday;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A way to a server by another port, so that the server seems to be there only once the way is open. */
final class Forwarder implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;

    private Forwarder(int port, int target) throws IOException {
        this.listener = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
        this.target = target;
        daemon(this::accept);
    }

    static Forwarder open(int port, int target) throws IOException {
        return new Forwarder(port, target);
    }

    private void accept() {
        try {
            while (true) {
                Socket from = listener.accept();
                Socket to = new Socket("127.0.0.1", target);
                daemon(() -> copy(from, to));
                daemon(() -> copy(to, from));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // One of the ends has gone.
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}

package io.tinyllm.cache.benchmarks;

import io.tinyllm.cache.benchmarks.replay.Replay;
import java.io.IOException;
import java.util.Arrays;

/** The entry point of {@code benchmarks.jar}: {@code replay ...} replays traces, {@code jmh ...} runs JMH with its own options. */
public final class Benchmarks {

    private Benchmarks() {}

    public static void main(String[] args) throws IOException {
        String command = args.length == 0 ? "" : args[0];
        String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
        switch (command) {
            case "replay" -> Replay.main(rest);
            case "jmh" -> org.openjdk.jmh.Main.main(rest);
            default -> {
                System.err.println("usage: replay --trace FILE... --feature NAME [options] | jmh [options of JMH]");
                System.exit(2);
            }
        }
    }
}

package io.tinyllm.cache.benchmarks.replay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * A recorded sequence of accesses, one a line: {@code key[,epochMillis[,client]]}, plain or gzip. Keys and clients
 * become 0, 1, 2 ... in order of first use. Where a time is missing, the line number is the clock and the whole trace
 * takes 24 hours. Immutable but for its arrays, which nobody may change.
 */
public final class Trace {

    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    private final String name;
    private final int[] keys;
    private final long[] millis;
    private final int[] clients;
    private final int footprint;

    private Trace(String name, int[] keys, long[] millis, int[] clients, int footprint) {
        this.name = name;
        this.keys = keys;
        this.millis = millis;
        this.clients = clients;
        this.footprint = footprint;
    }

    /** Reads a trace from a file; a name that ends in {@code .gz} is decompressed. */
    public static Trace read(Path file) {
        String fileName = String.valueOf(file.getFileName());
        int[] keys = new int[1 << 16];
        long[] millis = new long[1 << 16];
        int[] clients = new int[1 << 16];
        Map<String, Integer> keyIds = new HashMap<>();
        Map<String, Integer> clientIds = new HashMap<>();
        boolean timed = true;
        int n = 0;
        try (BufferedReader lines = open(file, fileName.endsWith(".gz"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                if (n == keys.length) {
                    keys = Arrays.copyOf(keys, 2 * n);
                    millis = Arrays.copyOf(millis, 2 * n);
                    clients = Arrays.copyOf(clients, 2 * n);
                }
                String[] fields = line.split(",", 3);
                keys[n] = id(keyIds, fields[0].strip());
                boolean hasTime = fields.length > 1 && !fields[1].isBlank();
                timed &= hasTime;
                millis[n] = hasTime ? Long.parseLong(fields[1].strip()) : 0;
                clients[n] = fields.length > 2 ? id(clientIds, fields[2].strip()) : 0;
                n++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the trace " + file, e);
        }
        if (!timed) {
            for (int i = 0; i < n; i++) {
                millis[i] = Math.round((double) i * DAY_MILLIS / n);
            }
        }
        return new Trace(
                fileName.replaceFirst("(\\.csv)?(\\.gz)?$", ""),
                Arrays.copyOf(keys, n),
                Arrays.copyOf(millis, n),
                Arrays.copyOf(clients, n),
                keyIds.size());
    }

    /**
     * A trace made by a program: {@code keys} are used as they are and must be 0 ... footprint - 1; it takes 24 hours.
     */
    public static Trace of(String name, int[] keys, int footprint) {
        long[] millis = new long[keys.length];
        for (int i = 0; i < keys.length; i++) {
            millis[i] = Math.round((double) i * DAY_MILLIS / keys.length);
        }
        return new Trace(name, keys, millis, new int[keys.length], footprint);
    }

    private static int id(Map<String, Integer> ids, String text) {
        Integer id = ids.putIfAbsent(text, ids.size());
        return id == null ? ids.size() - 1 : id;
    }

    private static BufferedReader open(Path file, boolean gzip) throws IOException {
        InputStream in = Files.newInputStream(file);
        return new BufferedReader(
                new InputStreamReader(gzip ? new GZIPInputStream(in, 1 << 16) : in, StandardCharsets.UTF_8));
    }

    /** The file's name without its extension. */
    public String name() {
        return name;
    }

    /** How many accesses there are. */
    public int length() {
        return keys.length;
    }

    /** How many different keys there are; every key is below this. */
    public int footprint() {
        return footprint;
    }

    /** The key of the access {@code i}. */
    public int key(int i) {
        return keys[i];
    }

    /** The time of the access {@code i}, in milliseconds since an epoch of the trace's own. */
    public long millis(int i) {
        return millis[i];
    }

    /** The client of the access {@code i}, 0 where the trace knows none. */
    public int client(int i) {
        return clients[i];
    }

    /** A well-mixed 64-bit hash of a key, what the classes of the product sample by. */
    public static long hash(int key) {
        long z = (key + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

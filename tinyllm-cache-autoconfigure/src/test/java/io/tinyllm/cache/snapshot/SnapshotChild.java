package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What runs in a process of its own: saves until it is killed, holds a directory, or saves more than its heap holds.
 */
final class SnapshotChild {

    static final int ENTRIES = 2_000;

    private SnapshotChild() {}

    /** Starts one. Its first line says that it is ready. */
    static Process start(String memory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + memory,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                SnapshotChild.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws Exception {
        Fixture fixture = new Fixture(Path.of(arguments[1]));
        switch (arguments[0]) {
            case "save" -> saveForEver(fixture);
            case "hold" -> {
                fixture.start();
                say("ready");
                System.in.read();
            }
            case "stream" -> stream(fixture, Integer.parseInt(arguments[2]), Boolean.parseBoolean(arguments[3]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void saveForEver(Fixture fixture) {
        fixture.start();
        for (int round = 1; true; round++) {
            for (int i = 0; i < ENTRIES; i++) {
                fixture.cache.put("key" + i, "round " + round);
            }
            fixture.save();
            say(String.valueOf(round));
        }
    }

    private static void stream(Fixture fixture, int entries, boolean compress) {
        EndlessTier tier = new EndlessTier(entries);
        TieredCache cache = TieredCache.named("large").memory(tier).build();
        try (Snapshots snapshots = new Snapshots(
                SnapshotStore.open(fixture.directory, 1, compress),
                fixture.keys,
                fixture.values,
                fixture.notShared,
                () -> 0,
                Clock.systemUTC())) {
            snapshots.register(cache, key -> false);
            say("saved " + snapshots.save("large").entries());
            say("restored " + snapshots.restore("large").entries() + " wrong " + tier.wrong);
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** A tier of any size in no memory: makes its entries when it is visited, and checks and drops what is put. */
    private static final class EndlessTier implements MemoryTier {

        private final int entries;
        private long puts;
        private long wrong;

        EndlessTier(int entries) {
            this.entries = entries;
        }

        private static String value(int i) {
            return ("value " + i + " ").repeat(200).substring(0, 1_600);
        }

        @Override
        public void forEach(BiConsumer<Object, CacheEntry> visitor) {
            for (int i = 0; i < entries; i++) {
                visitor.accept(
                        i,
                        CacheEntry.Factory.PLAIN.create(
                                value(i), System.nanoTime(), CacheEntry.NEVER, CacheEntry.Policy.NONE));
            }
        }

        @Override
        public void replace(Object key, CacheEntry former, CacheEntry entry) {}

        @Override
        public void put(Object key, CacheEntry entry) {
            wrong += value((Integer) key).equals(entry.value()) && key.equals((int) puts) ? 0 : 1;
            puts++;
        }

        @Override
        public CacheEntry get(Object key) {
            return null;
        }

        @Override
        public CacheEntry peek(Object key) {
            return null;
        }

        @Override
        public CacheEntry remove(Object key) {
            return null;
        }

        @Override
        public void expire(Object key, CacheEntry entry) {}

        @Override
        public void clear() {}

        @Override
        public long size() {
            return 0;
        }

        @Override
        public long evictions() {
            return 0;
        }

        @Override
        public long maximumSize() {
            return entries;
        }

        @Override
        public void resize(long maximumSize) {}
    }
}

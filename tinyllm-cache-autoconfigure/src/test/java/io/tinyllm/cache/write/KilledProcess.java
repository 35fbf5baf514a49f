package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.FaultyDisk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * A process to be killed. It brings the store up to date with what the former process has left, says what is in the
 * store, and writes through write-back as fast as it can, announcing every operation and acknowledging it when it is
 * done.
 *
 * <p>Lines: {@code S key value} in the store, {@code READY}, {@code B key value} begins, {@code A key} acknowledged,
 * {@code N key} not acknowledged; the value is 0 for none. With {@code -Dtinyllm.test.faults=true} its disk fails at
 * random.
 */
final class KilledProcess {

    static final int THREADS = 3;
    static final int KEYS = 100;

    private KilledProcess() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        long run = Long.parseLong(args[1]);
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        SlotStore store = new SlotStore(directory.resolve("store"));
        policy(directory, store).close(Duration.ofMinutes(1));
        StringBuilder contents = new StringBuilder();
        for (int key = 0; key < THREADS * KEYS; key++) {
            String value = store.load(Integer.toString(key));
            contents.append("S ")
                    .append(key)
                    .append(' ')
                    .append(value == null ? "0" : value)
                    .append('\n');
        }
        FaultyDisk disk = new FaultyDisk();
        StoreWriter policy = policy(directory, store, disk);
        if (Boolean.getBoolean("tinyllm.test.faults")) {
            disk.fault = new RandomFaults(run);
        }
        out.write(contents.append("READY\n").toString().getBytes(StandardCharsets.US_ASCII));
        for (int writer = 0; writer < THREADS; writer++) {
            int first = writer * KEYS;
            new Thread(() -> write(policy, first, run, out)).start();
        }
    }

    private static StoreWriter policy(Path directory, SlotStore store) {
        return policy(directory, store, Disk.local());
    }

    private static StoreWriter policy(Path directory, SlotStore store, Disk disk) {
        return new WriteBackPolicy(
                "cache",
                Untyped.of(store),
                new WriteBackSettings(Duration.ofMillis(5), 20, THREADS * KEYS / 2, 5, 10),
                DirtyBytes.unlimited(),
                () -> Journals.open(directory.resolve("journal"), disk, Fsync.INTERVAL, System::nanoTime, 1 << 16),
                task -> new Thread(task).start(),
                System::nanoTime,
                new Random());
    }

    private static void write(StoreWriter policy, int first, long run, FileOutputStream out) {
        Random random = new Random(run + first);
        try {
            for (long value = run << 32 | 1; ; value++) {
                String key = Integer.toString(first + random.nextInt(KEYS));
                boolean delete = random.nextInt(4) == 0;
                say(out, "B " + key + " " + (delete ? 0 : value));
                try {
                    if (delete) {
                        policy.evict(key).close();
                    } else {
                        policy.put(key, Long.toString(value)).close();
                    }
                    say(out, "A " + key);
                } catch (RuntimeException notAcknowledged) {
                    say(out, "N " + key);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One line in one call, so that lines of several threads do not mix. */
    private static void say(FileOutputStream out, String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** One call of the disk in some fails, whatever it is, and now and then the disk is full for a while. */
    private static final class RandomFaults implements FaultyDisk.Fault {

        private final Random random;
        private int full;

        RandomFaults(long seed) {
            this.random = new Random(seed);
        }

        @Override
        public synchronized void before(String call, Path path) throws IOException {
            if (full > 0) {
                full--;
                throw new IOException("No space left on device");
            }
            int fate = random.nextInt(2_000);
            if (fate == 0) {
                full = random.nextInt(300);
            }
            if (fate < 10) {
                throw new IOException("Input/output error");
            }
        }
    }
}

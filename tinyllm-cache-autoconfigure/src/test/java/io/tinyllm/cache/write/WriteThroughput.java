package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * Prints the writes a second of write-back against write-through on a store that takes 1 ms a call, and of the journal
 * against an MVStore that hands every write, or every group of writes, to the operating system as the journal does.
 */
final class WriteThroughput {

    private static final Duration MEASURED = Duration.ofSeconds(3);
    private static final String VALUE = "v".repeat(200);

    private WriteThroughput() {}

    public static void main(String[] args) throws Exception {
        for (int threads : new int[] {1, 4}) {
            double through = measure(threads, WritePolicies.writeThrough(new SlowStore()));
            System.out.printf("%d threads: write-through %.0f/s%n", threads, through);
            for (Fsync fsync : Fsync.values()) {
                Path directory = Files.createTempDirectory("journal");
                double back = measure(threads, writeBack(directory, fsync));
                System.out.printf(
                        "%d threads: write-back, fsync %s %.0f/s, %.0f times%n",
                        threads, fsync.name().toLowerCase(java.util.Locale.ROOT), back, back / through);
            }
            System.out.printf("%d threads: journal alone %.0f/s%n", threads, journalAlone(threads));
            System.out.printf("%d threads: MVStore, a commit a write %.0f/s%n", threads, mvStore(threads));
        }
        System.exit(0);
    }

    private static StoreWriter writeBack(Path directory, Fsync fsync) {
        return WritePolicies.writeBack(
                "cache",
                new SlowStore(),
                WriteBackSettings.DEFAULTS,
                DirtyBytes.unlimited(),
                directory,
                fsync,
                new StringCodec(),
                task -> new Thread(task).start(),
                System::nanoTime,
                new Random());
    }

    private static double measure(int threads, StoreWriter policy) throws InterruptedException {
        double rate = rate(threads, key -> policy.put(key, VALUE).close());
        policy.close(Duration.ofSeconds(30));
        return rate;
    }

    private static double journalAlone(int threads) throws Exception {
        Journal journal = Journals.open(
                Files.createTempDirectory("journal"),
                Disk.local(),
                Fsync.NEVER,
                System::nanoTime,
                FileJournal.WORTH_RENEWING);
        double rate = rate(threads, key -> Journals.append(journal, key, VALUE));
        journal.close();
        return rate;
    }

    private static double mvStore(int threads) throws Exception {
        MVStore store = new MVStore.Builder()
                .fileName(Files.createTempDirectory("mvstore").resolve("store").toString())
                .autoCommitDisabled()
                .open();
        MVMap<String, String> map = store.openMap("journal");
        double rate = rate(threads, key -> {
            map.put(key, VALUE);
            store.commit();
        });
        store.close();
        return rate;
    }

    private interface Writer {
        void write(String key) throws IOException;
    }

    private static double rate(int threads, Writer writer) throws InterruptedException {
        AtomicLong written = new AtomicLong();
        CountDownLatch done = new CountDownLatch(threads);
        long begin = System.nanoTime();
        for (int t = 0; t < threads; t++) {
            new Thread(() -> {
                        try {
                            while (System.nanoTime() - begin < MEASURED.toNanos()) {
                                writer.write("key" + written.incrementAndGet() % 100_000);
                            }
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }
        done.await();
        return written.get() / ((System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /** A store that takes 1 ms a call. */
    private static final class SlowStore extends RecordingStore {
        @Override
        public void writeAll(Map<String, String> entries) {
            LockSupport.parkNanos(1_000_000);
            rows.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            LockSupport.parkNanos(1_000_000);
            rows.keySet().removeAll(keys);
        }
    }
}

package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every remote tier promises. */
public abstract class RemoteTierContract {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** An empty tier that works. */
    protected abstract RemoteTier tier();

    /** Whether a dependent of a future may run on this thread. */
    protected boolean mayRunDependents(Thread thread) {
        return true;
    }

    private static RemoteEntry read(RemoteTier tier, Object key) throws Exception {
        return tier.get(key).get(10, TimeUnit.SECONDS);
    }

    private static void write(RemoteTier tier, Object key, Object value, long ttlNanos) throws Exception {
        tier.prepare(key, value, ttlNanos).send().get(10, TimeUnit.SECONDS);
    }

    @Test
    void holdsNothingAtFirst() throws Exception {
        assertThat(read(tier(), "absent")).isNull();
    }

    @Test
    void readsWhatWasWritten() throws Exception {
        RemoteTier tier = tier();
        write(tier, "key", "value", MINUTE);

        RemoteEntry entry = read(tier, "key");

        assertThat(entry.value()).isEqualTo("value");
        assertThat(entry.remainingNanos()).isPositive().isLessThanOrEqualTo(MINUTE);
    }

    @Test
    void whatIsSentWhereNothingIsThereReplacesNothing() throws Exception {
        RemoteTier tier = tier();
        write(tier, "there", "newer", MINUTE);
        for (String key : List.of("there", "absent")) {
            tier.prepareLoaded(key, "loaded", MINUTE).sendIfAbsent().get(10, TimeUnit.SECONDS);
        }

        assertThat(read(tier, "there").value()).isEqualTo("newer");
        assertThat(read(tier, "absent").value()).isEqualTo("loaded");
    }

    @Test
    void keepsNullsApartFromNothing() throws Exception {
        RemoteTier tier = tier();
        write(tier, "key", null, MINUTE);

        assertThat(read(tier, "key").value()).isNull();
    }

    @Test
    void keepsWhatNeverExpires() throws Exception {
        RemoteTier tier = tier();
        write(tier, "key", 1L, CacheEntry.NEVER);

        assertThat(read(tier, "key").remainingNanos()).isEqualTo(CacheEntry.NEVER);
    }

    @Test
    void forgetsWhatHasExpired() throws Exception {
        RemoteTier tier = tier();
        write(tier, "key", "value", TimeUnit.MILLISECONDS.toNanos(1));

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (read(tier, "key") != null) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    void forgetsWhatIsRemoved() throws Exception {
        RemoteTier tier = tier();
        write(tier, "key", "value", MINUTE);
        write(tier, "other", "value", MINUTE);

        tier.remove("key").get(10, TimeUnit.SECONDS);

        assertThat(read(tier, "key")).isNull();
        assertThat(read(tier, "other")).isNotNull();
    }

    @Test
    void forgetsEverythingWhenCleared() throws Exception {
        RemoteTier tier = tier();
        write(tier, "one", 1, MINUTE);
        write(tier, "two", 2, MINUTE);

        tier.clear().get(10, TimeUnit.SECONDS);

        assertThat(read(tier, "one")).isNull();
        assertThat(read(tier, "two")).isNull();
        write(tier, "one", 11, MINUTE);
        assertThat(read(tier, "one").value()).isEqualTo(11);
    }

    @Test
    void tellsSimilarKeysApart() throws Exception {
        RemoteTier tier = tier();
        List<Object> keys =
                List.of(1, 1L, "1", List.of("1"), List.of("a, b", "c"), List.of("a", "b, c"), "*", "a:b", "{a}");
        for (Object key : keys) {
            write(tier, key, key.getClass().getSimpleName() + key, MINUTE);
        }
        for (Object key : keys) {
            assertThat(read(tier, key).value()).isEqualTo(key.getClass().getSimpleName() + key);
        }
    }

    @Test
    void takesKeysOfAnyLength() throws Exception {
        RemoteTier tier = tier();
        String prompt = "a long prompt ".repeat(1000);
        write(tier, prompt + 1, "one", MINUTE);
        write(tier, prompt + 2, "two", MINUTE);

        assertThat(read(tier, prompt + 1).value()).isEqualTo("one");
        assertThat(read(tier, prompt + 2).value()).isEqualTo("two");
    }

    @Test
    void takesEffectInTheOrderOfSending() throws Exception {
        RemoteTier tier = tier();
        List<CompletableFuture<RemoteEntry>> reads = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            tier.prepare("key", i, MINUTE).send();
            reads.add(tier.get("key"));
            tier.remove("key");
            reads.add(tier.get("key"));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(reads.get(2 * i).get(10, TimeUnit.SECONDS).value()).isEqualTo(i);
            assertThat(reads.get(2 * i + 1).get(10, TimeUnit.SECONDS)).isNull();
        }
    }

    @Test
    void runsDependentsAwayFromItsInputAndOutput() throws Exception {
        RemoteTier tier = tier();
        write(tier, "key", "value", MINUTE);
        ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<?>> dependents = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            dependents.add(tier.get("key").thenRun(() -> threads.add(Thread.currentThread())));
            dependents.add(
                    tier.prepare("key", "value", MINUTE).send().thenRun(() -> threads.add(Thread.currentThread())));
            if (i % 100 == 99) {
                CompletableFuture.allOf(dependents.toArray(CompletableFuture<?>[]::new))
                        .get(10, TimeUnit.SECONDS);
            }
        }
        assertThat(threads).hasSize(2000).allMatch(this::mayRunDependents);
    }
}

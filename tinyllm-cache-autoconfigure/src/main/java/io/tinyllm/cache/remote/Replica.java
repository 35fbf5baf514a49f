package io.tinyllm.cache.remote;

import io.tinyllm.cache.core.port.RemoteTier.Write;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a replicated cache, the primary too: its tier, the writes that it has missed, and whether it answers.
 * Writes of one key are sent by one thread at a time. Thread-safe.
 */
final class Replica {

    private static final Write NOTHING =
            () -> CompletableFuture.failedFuture(new RemoteFailure(Reason.DISCONNECTED, "Not there yet"));

    final ReplicaTier tier;
    final RecoveryLog<Object> missed;
    final AtomicBoolean catchingUp = new AtomicBoolean();
    private final AtomicLong underWay = new AtomicLong();

    /** Whether it has what it needs to answer: it is neither away nor behind. */
    private volatile boolean settled;

    /** Whether what it lacks is looked up elsewhere. */
    private volatile boolean filling;

    // The rest belongs to the failover, which has one thread at a time.
    long upSinceNanos;
    long holdNanos;
    long settledNanos;
    volatile long fillUntilNanos;
    boolean everSettled;
    boolean away = true;

    /** Whether the backend was away since it was looked at last. */
    volatile boolean gone;

    /**
     * @param tier where it is
     * @param maximumMissed how many missed writes are remembered
     */
    Replica(ReplicaTier tier, int maximumMissed) {
        this.tier = tier;
        this.missed = new RecoveryLog<>(maximumMissed, RecoveryLog.maximumOfHeap(), tier::weigh);
    }

    boolean answers() {
        return settled && tier.isUsable();
    }

    /** Returns whether what it has for a key is the newest. */
    boolean isReadable(Object key) {
        return missed.isReadable(key);
    }

    boolean isSettled() {
        return settled;
    }

    boolean isFilling() {
        return filling;
    }

    void settled(boolean settled, boolean filling) {
        this.filling = filling;
        this.settled = settled;
    }

    long lag() {
        return underWay.get() + missed.size();
    }

    /** Encodes a write; where the backend is away a removal, which costs nothing and is remembered too. */
    Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        return tier.isUsable() ? tier.prepare(key, value, ttlNanos) : () -> tier.remove(key);
    }

    /** As {@link #prepare}, for what a load has brought. */
    Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        return tier.isUsable() ? tier.prepareLoaded(key, value, ttlNanos) : () -> tier.removeLoaded(key);
    }

    /** Sends what a load has brought; nothing to a backend that has not been there yet, which may know better. */
    CompletableFuture<?> sendLoaded(Object key, Write write) {
        return tier.hasConnected() ? send(key, write) : NOTHING.send();
    }

    /** Offers what may be outdated by now: where it does not arrive, nothing is missed. */
    CompletableFuture<?> offer(Write write) {
        return tier.hasConnected() ? sent(write::sendIfAbsent, () -> {}, () -> {}) : NOTHING.send();
    }

    CompletableFuture<?> send(Object key, Write write) {
        long number = missed.begin(key);
        return sent(write, () -> missed.arrived(key, number), () -> missed.failed(key, number));
    }

    CompletableFuture<?> remove(Object key) {
        return send(key, () -> tier.remove(key));
    }

    CompletableFuture<?> clear() {
        long number = missed.beginClear();
        return sent(tier::clear, () -> missed.clearArrived(number), () -> missed.clearFailed(number));
    }

    private CompletableFuture<?> sent(Write write, Runnable arrived, Runnable failed) {
        underWay.incrementAndGet();
        CompletableFuture<?> sent;
        try {
            sent = write.send();
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        // Counted before anybody who waits for the returned future goes on.
        return sent.whenComplete((done, failure) -> {
            underWay.decrementAndGet();
            if (failure == null) {
                arrived.run();
            } else {
                failed.run();
            }
        });
    }
}

package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A copy in a map, whose backend goes away and comes back, with what it had or without. */
final class FlakyReplicaTier implements ReplicaTier {

    private final String name;
    private final InMemoryRemoteTier entries;
    private final List<Runnable> observers = new CopyOnWriteArrayList<>();
    private final AtomicInteger reads = new AtomicInteger();
    private volatile boolean usable = true;
    private volatile @Nullable CompletableFuture<?> gate;
    private volatile Runnable beforeRemoval = () -> {};
    private volatile CompletableFuture<?> answers = CompletableFuture.completedFuture(null);

    FlakyReplicaTier(String name, LongSupplier ticker) {
        this.name = name;
        this.entries = new InMemoryRemoteTier(ticker, Outcome.REMOTE_HIT);
    }

    /** Its operations fail; whether that is noticed is another matter. */
    void fail(boolean fails) {
        entries.failWith(fails ? new RemoteFailure(RemoteFailure.Reason.CONNECTION, "broken") : null);
    }

    /** Its backend is known to be away. */
    void away() {
        fail(true);
        usable = false;
        observers.forEach(Runnable::run);
    }

    /** Its backend is back, with what it had. */
    void back() {
        fail(false);
        usable = true;
        observers.forEach(Runnable::run);
    }

    /** Its backend is back and empty. */
    void backEmpty() {
        fail(false);
        entries.clear();
        back();
    }

    /** Its writes take effect, but are not acknowledged before this ends. */
    void acknowledgeAfter(@Nullable CompletableFuture<?> gate) {
        this.gate = gate;
    }

    /** Its reads see what it has, but are not answered before this ends. */
    void answerAfter(CompletableFuture<?> gate) {
        answers = gate;
    }

    /** The next removal begins with this, on the thread that sends it. */
    void beforeRemoval(Runnable task) {
        beforeRemoval = task;
    }

    InMemoryRemoteTier entries() {
        return entries;
    }

    int reads() {
        return reads.get();
    }

    @Override
    public String backend() {
        return name;
    }

    @Override
    public boolean isUsable() {
        return usable;
    }

    @Override
    public boolean isCatchingUp() {
        return false;
    }

    @Override
    public void onStateChange(Runnable observer) {
        observers.add(observer);
    }

    private CompletableFuture<?> acknowledged(CompletableFuture<?> done) {
        CompletableFuture<?> current = gate;
        return current == null ? done : current.thenCompose(open -> done);
    }

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        CompletableFuture<@Nullable RemoteEntry> found = entries.get(key);
        reads.incrementAndGet();
        return answers.thenCompose(open -> found);
    }

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        Write write = entries.prepare(key, value, ttlNanos);
        return new Write() {
            @Override
            public CompletableFuture<?> send() {
                return acknowledged(write.send());
            }

            @Override
            public CompletableFuture<?> sendIfAbsent() {
                return acknowledged(write.sendIfAbsent());
            }
        };
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        Runnable before = beforeRemoval;
        beforeRemoval = () -> {};
        before.run();
        return acknowledged(entries.remove(key));
    }

    @Override
    public CompletableFuture<?> clear() {
        return acknowledged(entries.clear());
    }

    @Override
    public void onInvalidation(InvalidationListener listener) {
        entries.onInvalidation(listener);
    }
}

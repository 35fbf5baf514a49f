package io.tinyllm.cache.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/**
 * The keys whose newest write did not arrive at a store, so that what the store has for them is not to be read. A key
 * leaves when a later write of it has arrived, even if it is only a deletion. Bounded in number and in the bytes of
 * keys: where there are too many, the whole store counts as lost until it was cleared. Thread-safe.
 *
 * <p>Writes are numbered as they are sent; the numbers of one key's writes rise in the order of their effect.
 */
final class RecoveryLog<K> {

    private final ConcurrentHashMap<K, Missed> keys = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final int capacity;
    private final long maximumBytes;
    private final ToLongFunction<? super K> weigher;

    /** The number of the newest clear that did not arrive, 0 where there is none. */
    private volatile long lost;

    /**
     * @param capacity the most keys
     * @param maximumBytes the most bytes that they may take
     * @param weigher estimates the bytes of a key, each time the same
     */
    RecoveryLog(int capacity, long maximumBytes, ToLongFunction<? super K> weigher) {
        this.capacity = capacity;
        this.maximumBytes = maximumBytes;
        this.weigher = weigher;
    }

    /** The bytes that the keys of one may take: a hundred-and-twenty-eighth of the heap. */
    static long maximumOfHeap() {
        return Runtime.getRuntime().maxMemory() / 128;
    }

    /** Numbers a write that is about to be sent. */
    long begin(K key) {
        long number = numbers.incrementAndGet();
        if (!keys.isEmpty()) {
            keys.computeIfPresent(key, (k, missed) -> new Missed(missed.number, number));
        }
        return number;
    }

    void failed(K key, long number) {
        keys.compute(key, (k, missed) -> {
            if (missed == null) {
                bytes.addAndGet(weigher.applyAsLong(k));
            }
            return missed == null || missed.number < number ? new Missed(number, number) : missed;
        });
        if (keys.size() > capacity || bytes.get() > maximumBytes) {
            lose(numbers.incrementAndGet());
        }
    }

    void arrived(K key, long number) {
        if (!keys.isEmpty()) {
            keys.computeIfPresent(key, (k, missed) -> {
                if (missed.number > number) {
                    return missed;
                }
                bytes.addAndGet(-weigher.applyAsLong(k));
                return null;
            });
        }
    }

    /** Numbers a clear that is about to be sent. */
    long beginClear() {
        return numbers.incrementAndGet();
    }

    void clearFailed(long number) {
        lose(number);
    }

    synchronized void clearArrived(long number) {
        if (lost <= number) {
            lost = 0;
        }
        forgetBefore(number);
    }

    private synchronized void lose(long number) {
        lost = Math.max(lost, number);
        forgetBefore(number);
    }

    private void forgetBefore(long number) {
        keys.forEach((key, missed) -> {
            if (missed.number < number && keys.remove(key, missed)) {
                bytes.addAndGet(-weigher.applyAsLong(key));
            }
        });
    }

    /** Returns whether what the store has for a key may be read. */
    boolean isReadable(K key) {
        return lost == 0 && (keys.isEmpty() || !keys.containsKey(key));
    }

    boolean isEmpty() {
        return lost == 0 && keys.isEmpty();
    }

    /** Returns whether only a clear can make the store readable again. */
    boolean isLost() {
        return lost != 0;
    }

    int size() {
        return keys.size();
    }

    /** Keys that no write under way is about to make good, at most so many. */
    List<K> due(int most) {
        List<K> due = new ArrayList<>();
        for (var entry : keys.entrySet()) {
            if (due.size() == most) {
                break;
            }
            if (entry.getValue().sent == entry.getValue().number) {
                due.add(entry.getKey());
            }
        }
        return due;
    }

    /** The number of the missed write of a key, where no write under way is about to make it good; else 0. */
    long due(K key) {
        Missed missed = keys.get(key);
        return missed == null || missed.sent != missed.number ? 0 : missed.number;
    }

    /**
     * A write that did not arrive.
     * @param number its number
     * @param sent the number of the newest write of the key that was sent; greater while that one is under way
     */
    private record Missed(long number, long sent) {}
}

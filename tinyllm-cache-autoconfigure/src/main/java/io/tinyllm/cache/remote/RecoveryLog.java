package io.tinyllm.cache.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The keys whose newest write did not arrive at a store, so that what the store has for them is not to be read. A key
 * leaves when a later write of it has arrived, even if it is only a deletion. Bounded: where there are too many, the
 * whole store counts as lost until it was cleared. Thread-safe.
 *
 * <p>Writes are numbered as they are sent; the numbers of one key's writes rise in the order of their effect.
 */
final class RecoveryLog<K> {

    private final ConcurrentHashMap<K, Missed> keys = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final int capacity;

    /** The number of the newest clear that did not arrive, 0 where there is none. */
    private volatile long lost;

    RecoveryLog(int capacity) {
        this.capacity = capacity;
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
        keys.compute(
                key, (k, missed) -> missed == null || missed.number < number ? new Missed(number, number) : missed);
        if (keys.size() > capacity) {
            lose(numbers.incrementAndGet());
        }
    }

    void arrived(K key, long number) {
        if (!keys.isEmpty()) {
            keys.computeIfPresent(key, (k, missed) -> missed.number <= number ? null : missed);
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
        keys.values().removeIf(missed -> missed.number < number);
    }

    private synchronized void lose(long number) {
        lost = Math.max(lost, number);
        keys.values().removeIf(missed -> missed.number < number);
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

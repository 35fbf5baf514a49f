package io.tinyllm.cache.tuning.curve;

import java.util.Arrays;

/**
 * An LRU stack of the last different hashes, up to a capacity, that tells at which depth a hash was found. The
 * positions are time slots, one bit each, so that a depth is a count of bits. Not thread safe; about 105 bytes to an
 * entry of its capacity.
 */
final class SampledStack {

    private final int capacity;
    private final int mask;
    /** Open addressing with linear probing: hashes, 0 where free, and their slots. */
    private final long[] table;

    private final short[] slotOf;
    /** By time slot: the hash, and whether this is where it was last seen. */
    private final long[] hashAt;

    private final long[] live;
    private int next;
    private int oldest;
    private int size;

    /** A stack of a capacity that is a power of two, 64 ... 2048. */
    SampledStack(int capacity) {
        this.capacity = capacity;
        int slots = 8 * capacity;
        mask = 4 * capacity - 1;
        table = new long[mask + 1];
        slotOf = new short[mask + 1];
        hashAt = new long[slots];
        live = new long[slots / 64];
    }

    /** Moves a hash to the top; its depth before, 1 for the top, 0 when it was not there. */
    int access(long hash) {
        long h = hash == 0 ? 1 : hash;
        if (next > 0 && hashAt[next - 1] == h) {
            return 1;
        }
        if (next == hashAt.length) {
            compact();
        }
        int index = find(h);
        int depth = 0;
        if (table[index] == h) {
            int slot = slotOf[index];
            depth = depth(slot);
            live[slot >>> 6] &= ~(1L << slot);
        } else {
            table[index] = h;
            size++;
        }
        slotOf[index] = (short) next;
        hashAt[next] = h;
        live[next >>> 6] |= 1L << next;
        next++;
        if (size > capacity) {
            removeOldest();
        }
        return depth;
    }

    long bytes() {
        return 8L * table.length + 2L * slotOf.length + 8L * hashAt.length + 8L * live.length;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == capacity;
    }

    private int find(long h) {
        int index = (int) (h ^ (h >>> 32)) & mask;
        while (table[index] != 0 && table[index] != h) {
            index = (index + 1) & mask;
        }
        return index;
    }

    private int depth(int slot) {
        int word = slot >>> 6;
        int depth = Long.bitCount(live[word] & (-1L << slot));
        for (int i = word + 1, end = (next - 1) >>> 6; i <= end; i++) {
            depth += Long.bitCount(live[i]);
        }
        return depth;
    }

    private void removeOldest() {
        int word = oldest >>> 6;
        long bits = live[word] & (-1L << oldest);
        while (bits == 0) {
            bits = live[++word];
        }
        oldest = (word << 6) + Long.numberOfTrailingZeros(bits);
        live[word] = bits & (bits - 1);
        remove(find(hashAt[oldest]));
        oldest++;
        size--;
    }

    private void remove(int index) {
        int hole = index;
        int i = hole;
        while (true) {
            i = (i + 1) & mask;
            long h = table[i];
            if (h == 0) {
                break;
            }
            int home = (int) (h ^ (h >>> 32)) & mask;
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                table[hole] = h;
                slotOf[hole] = slotOf[i];
                hole = i;
            }
        }
        table[hole] = 0;
    }

    private void compact() {
        int to = 0;
        for (int word = 0; word < live.length; word++) {
            for (long bits = live[word]; bits != 0; bits &= bits - 1) {
                long h = hashAt[(word << 6) + Long.numberOfTrailingZeros(bits)];
                hashAt[to] = h;
                slotOf[find(h)] = (short) to;
                to++;
            }
        }
        Arrays.fill(live, 0);
        Arrays.fill(live, 0, to >>> 6, -1L);
        if ((to & 63) != 0) {
            live[to >>> 6] = (1L << to) - 1;
        }
        next = to;
        oldest = 0;
    }
}

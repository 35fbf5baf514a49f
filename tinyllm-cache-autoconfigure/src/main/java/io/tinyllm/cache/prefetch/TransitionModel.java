package io.tinyllm.cache.prefetch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A bounded model of which key follows which within the next four accesses of the same session. A context (the key that
 * comes first) is kept as a hash, with up to four successors; the counts halve as they grow, so that what no longer
 * holds fades. A full table learns only every fourth key of an unknown sequence, which is enough to foretell all of it,
 * and gives up first the contexts whose successors were never seen twice. Two keys of one hash are taken for each
 * other: the price is a wrong guess, no more.
 *
 * <p>Not thread safe. Memory: 53 bytes a context, allocated at once, 80 bytes a session, and at most four keys a
 * context, which the model keeps alive. The keys have a bound in bytes of their own: beyond it successors are given up
 * in turn, those that were seen once before those that came again.
 */
final class TransitionModel {

    /** How many accesses of a session a context foretells, and how many successors it keeps. */
    static final int REACH = 4;

    private static final int WAYS = 16;
    private static final int COUNT_LIMIT = 32;
    private static final int FEEDBACK_LIMIT = 32;

    /** By how many fillings of the table a context whose successor came again outlives one that was seen once. */
    private static final int CONFIRMED_FILLINGS = 4;

    private final int contexts;
    private final Map<Long, int[]> sessions;

    private final int[] hashes;
    private final int[] lastUse;
    private final byte[] uses;
    private final int[] nextHashes;
    private final @Nullable Object[] nextKeys;
    private final byte[] nextCounts;
    private final byte[] good;
    private final byte[] bad;
    private final long maximumKeyBytes;
    private final ToLongFunction<Object> weigher;

    private boolean full;
    private int clock;
    private long keyBytes;

    /** The successor that is looked at first where keys take too many bytes. */
    private int hand;

    /** Receives what is likely to come next. */
    interface Sink {

        /** Takes one successor; answers whether to go on. */
        boolean offer(Object key, double confidence, int support, long edge);
    }

    /**
     * @param contexts how many contexts to keep at most, rounded up to a multiple of 16
     * @param maximumSessions how many sessions to keep apart at most; the one idle longest is forgotten
     * @param maximumKeyBytes how many bytes the keys of the successors may take
     * @param weigher estimates the bytes of a key
     */
    TransitionModel(int contexts, int maximumSessions, long maximumKeyBytes, ToLongFunction<Object> weigher) {
        this.maximumKeyBytes = maximumKeyBytes;
        this.weigher = weigher;
        this.contexts = Math.max(1, (contexts + WAYS - 1) / WAYS) * WAYS;
        hashes = new int[this.contexts];
        lastUse = new int[this.contexts];
        uses = new byte[this.contexts];
        nextHashes = new int[this.contexts * REACH];
        nextKeys = new Object[this.contexts * REACH];
        nextCounts = new byte[this.contexts * REACH];
        good = new byte[this.contexts * REACH];
        bad = new byte[this.contexts * REACH];
        sessions = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, int[]> eldest) {
                return size() > maximumSessions;
            }
        };
    }

    /**
     * Learns that a session asked for a key. Answers whether that was anything new: the same key twice in a row is not.
     */
    boolean observe(long session, Object key) {
        int[] recent = sessions.computeIfAbsent(session, s -> new int[REACH + 1]);
        int hash = hash(key);
        if (recent[0] == hash) {
            return false;
        }
        clock++;
        boolean told = false;
        for (int i = 0; i < REACH && recent[i] != 0 && recent[i] != hash; i++) {
            int context = find(recent[i]);
            if (context >= 0) {
                told |= i < REACH - 1;
                link(context, hash, key);
            }
        }
        int context = find(hash);
        if (context < 0 && !(full && told)) {
            context = create(hash);
        }
        if (context >= 0) {
            lastUse[context] = clock;
            if (++uses[context] >= COUNT_LIMIT) {
                fade(context);
            }
        }
        System.arraycopy(recent, 0, recent, 1, REACH - 1);
        recent[0] = hash;
        recent[REACH]++;
        return true;
    }

    /** How many accesses a session has made that were learnt from, 0 for one that is not known any more. */
    int progress(long session) {
        int[] recent = sessions.get(session);
        return recent == null ? 0 : recent[REACH];
    }

    /**
     * Offers the likely successors of a key: its own, then, along the likeliest, theirs, up to {@code hops} contexts
     * far. The confidence is the share of the visits to the context that the successor followed, multiplied along the
     * way.
     */
    void predict(Object key, int hops, double minimumConfidence, Sink sink) {
        int first = find(hash(key));
        int context = first;
        double confidence = 1;
        for (int hop = 0; hop < hops && context >= 0; hop++) {
            int next = -1;
            double best = 0;
            // the visit that is under way has not shown its successors yet
            int visits = hop == 0 ? uses[context] - 1 : uses[context];
            for (int e = context * REACH; e < (context + 1) * REACH; e++) {
                int support = nextCounts[e];
                Object successor = nextKeys[e];
                double likely = confidence * support / Math.max(Math.max(support, visits), 1);
                if (successor == null || support == 0 || likely < minimumConfidence) {
                    continue;
                }
                int candidate = find(nextHashes[e]);
                if (likely >= best && candidate >= 0 && candidate != first) {
                    best = likely;
                    next = candidate;
                }
                if (!sink.offer(successor, likely, support, edge(context, e))) {
                    return;
                }
            }
            context = next;
            confidence = best;
        }
    }

    /** How often a prediction along this edge came true, lately. */
    int good(long edge) {
        int e = find(edge);
        return e < 0 ? 0 : good[e];
    }

    /** How often a prediction along this edge did not come true, lately. */
    int bad(long edge) {
        int e = find(edge);
        return e < 0 ? 0 : bad[e];
    }

    /**
     * Learns whether a prediction along an edge came true. An edge that the model has given up meanwhile is no error.
     */
    void judge(long edge, boolean cameTrue) {
        int e = find(edge);
        if (e < 0) {
            return;
        }
        if (cameTrue) {
            good[e]++;
        } else {
            bad[e]++;
        }
        if (good[e] + bad[e] >= FEEDBACK_LIMIT) {
            good[e] /= 2;
            bad[e] /= 2;
        }
    }

    int contexts() {
        return contexts;
    }

    int sessions() {
        return sessions.size();
    }

    /** How many references to keys the model keeps. */
    int keysHeld() {
        int held = 0;
        for (Object key : nextKeys) {
            held += key == null ? 0 : 1;
        }
        return held;
    }

    /** The bytes of the tables, with references of four bytes. */
    long bytes() {
        return contexts * (9L + REACH * 11L) + sessions.size() * 80L;
    }

    private void link(int context, int hash, Object key) {
        int least = context * REACH;
        for (int e = context * REACH; e < (context + 1) * REACH; e++) {
            if (nextHashes[e] == hash) {
                nextCounts[e] = (byte) Math.min(Byte.MAX_VALUE, nextCounts[e] + 1);
                return;
            }
            if (nextCounts[e] < nextCounts[least]) {
                least = e;
            }
        }
        if (nextCounts[least] > 1) {
            nextCounts[least]--;
        } else {
            giveUp(least);
            long weight = weigher.applyAsLong(key);
            if (weight > maximumKeyBytes) {
                return;
            }
            nextHashes[least] = hash;
            nextKeys[least] = key;
            nextCounts[least] = 1;
            keyBytes += weight;
            if (keyBytes > maximumKeyBytes) {
                makeRoom();
            }
        }
    }

    /**
     * Sums the bytes of the keys anew, and where less than an eighth is free gives up successors in turn until a
     * quarter is: so much is learnt before they are summed again. One that came again outlives as many turns of the
     * hand as its count has halves.
     */
    private void makeRoom() {
        keyBytes = 0;
        for (Object key : nextKeys) {
            keyBytes += key == null ? 0 : weigher.applyAsLong(key);
        }
        boolean few = keyBytes <= maximumKeyBytes - maximumKeyBytes / 8;
        long enough = few ? keyBytes : maximumKeyBytes - maximumKeyBytes / 4;
        for (int i = 0; keyBytes > enough && i < nextKeys.length * Byte.SIZE; i++) {
            Object key = nextKeys[hand];
            if (key != null && nextCounts[hand] > 1) {
                nextCounts[hand] /= 2;
            } else if (key != null) {
                keyBytes -= weigher.applyAsLong(key);
                giveUp(hand);
            }
            hand = (hand + 1) % nextKeys.length;
        }
    }

    private void giveUp(int e) {
        nextHashes[e] = 0;
        nextKeys[e] = null;
        nextCounts[e] = 0;
        good[e] = 0;
        bad[e] = 0;
    }

    private void fade(int context) {
        uses[context] /= 2;
        for (int e = context * REACH; e < (context + 1) * REACH; e++) {
            nextCounts[e] /= 2;
        }
    }

    private int create(int hash) {
        int set = set(hash);
        int victim = set;
        long least = Long.MAX_VALUE;
        for (int c = set; c < set + WAYS; c++) {
            if (hashes[c] == 0) {
                hashes[c] = hash;
                return c;
            }
            long worth = lastUse[c] - clock + (confirmed(c) ? (long) CONFIRMED_FILLINGS * contexts : 0);
            if (worth < least) {
                least = worth;
                victim = c;
            }
        }
        full = true;
        hashes[victim] = hash;
        uses[victim] = 0;
        for (int e = victim * REACH; e < (victim + 1) * REACH; e++) {
            giveUp(e);
        }
        return victim;
    }

    private boolean confirmed(int context) {
        for (int e = context * REACH; e < (context + 1) * REACH; e++) {
            if (nextCounts[e] >= 2) {
                return true;
            }
        }
        return false;
    }

    private long edge(int context, int e) {
        return (long) hashes[context] << 32 | nextHashes[e] & 0xFFFF_FFFFL;
    }

    private int find(long edge) {
        int context = find((int) (edge >>> 32));
        if (context >= 0) {
            for (int e = context * REACH; e < (context + 1) * REACH; e++) {
                if (nextHashes[e] == (int) edge) {
                    return e;
                }
            }
        }
        return -1;
    }

    private int find(int hash) {
        int set = set(hash);
        for (int c = set; c < set + WAYS; c++) {
            if (hashes[c] == hash) {
                return c;
            }
        }
        return -1;
    }

    private int set(int hash) {
        return Integer.remainderUnsigned(hash >>> 8, contexts / WAYS) * WAYS;
    }

    /** Spreads the hash code (the finalizer of MurmurHash3); 0 means none. */
    private static int hash(Object key) {
        int h = key.hashCode() * 0x9E3779B9;
        h = (h ^ h >>> 16) * 0x85EBCA6B;
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        h ^= h >>> 16;
        return h == 0 ? 1 : h;
    }
}

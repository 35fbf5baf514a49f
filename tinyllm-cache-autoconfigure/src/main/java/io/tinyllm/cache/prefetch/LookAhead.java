package io.tinyllm.cache.prefetch;

/**
 * How far ahead predictions look, in contexts of {@link TransitionModel#REACH} accesses each: further while too many
 * prefetches come late, and nearer again when hardly any does, since far guesses are worse. One thread reports; any may
 * read.
 */
final class LookAhead {

    /** So many prefetches that were asked for decide. */
    private static final int ROUND = 64;

    private final int most;
    private int late;
    private int inTime;
    private volatile int hops = 1;

    /**
     * Creates one that looks one context ahead.
     * @param window how many accesses ahead a prediction reaches at most
     */
    LookAhead(int window) {
        this.most = Math.max(1, window / TransitionModel.REACH);
    }

    int hops() {
        return hops;
    }

    /** The same in accesses. */
    int reach() {
        return hops * TransitionModel.REACH;
    }

    void cameLate() {
        late++;
        decide();
    }

    void cameInTime() {
        inTime++;
        decide();
    }

    private void decide() {
        if (late + inTime < ROUND) {
            return;
        }
        if (late * 8 > ROUND) {
            hops = Math.min(hops + 1, most);
        } else if (late == 0) {
            hops = Math.max(1, hops - 1);
        }
        late = 0;
        inTime = 0;
    }
}

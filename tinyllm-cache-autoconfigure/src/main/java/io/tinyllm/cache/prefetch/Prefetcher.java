package io.tinyllm.cache.prefetch;

import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.prefetch.figures.PrefetchRejection;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the keys that a session is about to ask for into the memory tier. It learns from the accesses of callers and
 * acts on an executor of its own; no caller ever waits for it. Prefetched entries are staged until somebody asks for
 * them: when it is full, the oldest unused one leaves the cache if its session has gone on without it or fallen silent,
 * else nothing new is prefetched.
 *
 * <p>{@link #onAccesses} is for one thread at a time; all else is thread safe.
 */
public final class Prefetcher implements AccessConsumer, AutoCloseable {

    /** So many notices of the cache may wait; accesses tell about the rest, less exactly. */
    private static final int MAXIMUM_NOTICES = 4096;

    /** A session that falls silent has its predictions judged after so many windows of everybody's accesses. */
    private static final int SILENT_WINDOWS = 64;

    /** A prediction keeps its place for so many times the reach; then it gives way to a new one. */
    private static final int PATIENCE = 2;

    /** While prefetching saves hardly anything, a prediction leaves the cache after so many times the reach. */
    private static final int PATIENCE_IN_VAIN = 4;

    private final PrefetchTarget target;
    private final PrefetchOptions settings;
    private final LongSupplier nanoClock;
    private final TransitionModel model;
    private final PrecisionLedger ledger;
    private final PrefetchQueue queue;
    private final LookAhead lookAhead;

    private final StagedPredictions staged;

    private final ConcurrentLinkedQueue<Notice> notices = new ConcurrentLinkedQueue<>();
    private final AtomicInteger noticeCount = new AtomicInteger();

    private final LongAdder observed = new LongAdder();
    private final LongAdder useful = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder wasted = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder savedNanos = new LongAdder();
    private final Map<PrefetchRejection, LongAdder> rejected = new EnumMap<>(PrefetchRejection.class);

    private long batch;
    private long clock;

    /** Whether the access that is looked at has led to a try. */
    private boolean triedNow;

    private int failures;
    private long pauseNanos;
    private long pausedSince;
    private volatile int stagedCount;
    private volatile String paused = "";
    private volatile boolean closed;

    /**
     * @param executor runs the prefetches; not closed by this class
     * @param nanoClock a monotonic time in nanoseconds
     * @param random numbers in 0..1, to choose what is tried again
     */
    public Prefetcher(
            PrefetchTarget target,
            PrefetchOptions settings,
            Executor executor,
            LongSupplier nanoClock,
            DoubleSupplier random) {
        this.target = target;
        this.settings = settings;
        this.nanoClock = nanoClock;
        model = new TransitionModel(
                settings.contexts(), settings.sessions(), settings.maximumKeyBytes(), target::weigh);
        staged = new StagedPredictions(maximumStaged());
        lookAhead = new LookAhead(settings.window());
        ledger = new PrecisionLedger(settings.minimumConfidence(), random);
        queue = new PrefetchQueue(target, executor, settings.maximumConcurrency(), settings.queueCapacity(), nanoClock);
        for (PrefetchRejection reason : PrefetchRejection.values()) {
            rejected.put(reason, new LongAdder());
        }
    }

    /**
     * Learns from the accesses of callers, in their order, and begins the prefetches they suggest. One thread at a
     * time.
     */
    public void onAccesses(List<ObservedAccess> accesses) {
        if (closed) {
            return;
        }
        begin();
        accesses.forEach(this::see);
        stagedCount = staged.size();
    }

    @Override
    public void onAccesses(AccessBatch accesses) {
        if (closed) {
            return;
        }
        begin();
        for (int i = 0; i < accesses.size(); i++) {
            see(new ObservedAccess(accesses.session(i), accesses.key(i), accesses.outcome(i), accesses.nanos(i)));
        }
        stagedCount = staged.size();
    }

    private void see(ObservedAccess access) {
        noticeEnded();
        takeNotice();
        switch (access.outcome()) {
            case MEMORY_HIT, STALE_HIT -> demanded(access, true);
            case REMOTE_HIT, REPLICA_HIT, STORE_HIT, MISS -> demanded(access, false);
            case PUT, EVICT, NEGATIVE_HIT -> settled(access.key());
            case BYPASS, LOAD, LOAD_FAILURE -> {
                // no value was asked for in vain, none became known
            }
        }
    }

    /** Says that somebody has asked for a prefetched entry for the first time, and got it. Never blocks. */
    public void onUsed(Object key) {
        notice(key, true);
    }

    /**
     * Says that a prefetched entry was written or removed by somebody else before anybody asked for it. Never blocks.
     */
    public void onGone(Object key) {
        notice(key, false);
    }

    private void notice(Object key, boolean used) {
        if (noticeCount.get() < MAXIMUM_NOTICES) {
            noticeCount.incrementAndGet();
            notices.add(new Notice(key, used));
        }
    }

    /** The figures so far. */
    public PrefetchReport report() {
        Map<PrefetchRejection, Long> reasons = new EnumMap<>(PrefetchRejection.class);
        rejected.forEach((reason, count) -> reasons.put(reason, count.sum()));
        long right = useful.sum() + late.sum();
        long judged = right + wasted.sum();
        return new PrefetchReport(
                settings.observe(),
                closed ? "closed" : paused,
                settings.observe() ? observed.sum() : queue.begun(),
                useful.sum(),
                late.sum(),
                wasted.sum(),
                failed.sum(),
                Collections.unmodifiableMap(reasons),
                judged == 0 ? 0 : (double) right / judged,
                savedNanos.sum() / 1e9,
                stagedCount,
                lookAhead.reach());
    }

    /** Stops: nothing waiting is begun any more, and what runs ends without consequence. */
    @Override
    public void close() {
        closed = true;
        queue.close();
    }

    /** Goes on after {@link #close}, with what has been learnt. */
    public void reopen() {
        queue.reopen();
        closed = false;
    }

    private void begin() {
        batch++;
        staged.limit(maximumStaged());
    }

    private int maximumStaged() {
        return Math.min(settings.maximumStaged(), PrefetchOptions.maximumStagedOf(target.maximumSize()));
    }

    private void demanded(ObservedAccess access, boolean hit) {
        Object key = access.key();
        Prediction prediction = staged.remove(key);
        boolean saved = prediction != null && cameTrue(prediction, access, hit);
        if (saved || !hit) {
            ledger.missed();
        } else {
            staged.foundElsewhere(target.maximumSize());
        }
        while (staged.size() > staged.places()) {
            expel();
        }
        if (access.session() != Sessions.NOBODY && model.observe(access.session(), key)) {
            clock++;
            endOverdue();
            predict(access.session(), key);
        }
    }

    /**
     * While verdicts are wanting, what a session has not asked for within the window was wrong; it is sooner where
     * hardly anything is saved, so that its place is the rest of the cache's again. Else it may wait as long as there
     * is room.
     */
    private void endOverdue() {
        for (Prediction oldest = staged.oldest();
                oldest != null && isOverdue(oldest, patience());
                oldest = staged.oldest()) {
            expel();
        }
    }

    private int patience() {
        if (ledger.savesHardlyAny()) {
            return Math.min(settings.window(), PATIENCE_IN_VAIN * lookAhead.reach());
        }
        return ledger.isWaiting() ? settings.window() : Integer.MAX_VALUE;
    }

    /**
     * Whether the session has gone on for so many accesses, or everybody else for so many more that it must have fallen
     * silent.
     */
    private boolean isOverdue(Prediction prediction, int accesses) {
        return model.progress(prediction.session) - prediction.madeAt > accesses
                || clock - prediction.clock > (long) accesses * SILENT_WINDOWS;
    }

    /** Judges a prediction whose key was asked for; answers whether the caller was spared a miss. */
    private boolean cameTrue(Prediction prediction, ObservedAccess access, boolean hit) {
        if (settings.observe()) {
            // found in memory: somebody else has put it there, and nothing would have been gained or lost
            judge(prediction, hit ? null : Boolean.TRUE, hit ? null : useful);
            savedNanos.add(hit ? 0 : Math.max(0, access.nanos()));
            return false;
        }
        if (prediction.landedIn < 0 || !hit && prediction.landedIn >= batch - 1) {
            prediction.abandoned = true;
            lookAhead.cameLate();
            target.keep(prediction.key);
            judge(prediction, true, late);
            return false;
        }
        if (hit) {
            target.keep(prediction.key);
            used(prediction);
            return true;
        }
        judge(prediction, false, wasted);
        return false;
    }

    private void used(Prediction prediction) {
        lookAhead.cameInTime();
        savedNanos.add(prediction.nanos);
        judge(prediction, true, useful);
    }

    /** The caller has its answer, or somebody else's: the prediction proves nothing any more. */
    private void settled(Object key) {
        Prediction prediction = staged.remove(key);
        if (prediction != null) {
            prediction.abandoned = true;
            if (prediction.landedIn >= 0) {
                // It has come after what is told only now: nobody would remove it any more.
                discard(prediction);
            }
            judge(prediction, null, null);
        }
    }

    private void predict(long session, Object key) {
        int[] left = {settings.maximumPredictions()};
        triedNow = false;
        model.predict(key, lookAhead.hops(), settings.minimumConfidence(), (successor, confidence, support, edge) -> {
            if (consider(session, successor, PrecisionLedger.classOf(support, confidence), edge)) {
                left[0]--;
            }
            return left[0] > 0;
        });
    }

    private boolean consider(long session, Object key, int kind, long edge) {
        if (staged.holds(key) || !target.wanted(key)) {
            return reject(PrefetchRejection.UNWANTED);
        }
        if (staged.size() >= staged.places()) {
            Prediction oldest = staged.oldest();
            if (oldest == null || !isOverdue(oldest, PATIENCE * lookAhead.reach())) {
                return reject(PrefetchRejection.OVERFLOW);
            }
        }
        PrecisionLedger.Verdict verdict = ledger.ask(kind, model.good(edge), model.bad(edge));
        paused = ledger.paused() ? "imprecise" : "";
        boolean tried = verdict == PrecisionLedger.Verdict.TRY;
        if (verdict == PrecisionLedger.Verdict.REFUSE || tried && triedNow && !ledger.affordsMore()) {
            return reject(PrefetchRejection.IMPRECISE);
        }
        if (failures >= PrefetchOptions.FAILURES_TO_PAUSE && nanoClock.getAsLong() - pausedSince < pauseNanos) {
            paused = "failing";
            return reject(PrefetchRejection.FAILING);
        }
        if (!target.available()) {
            paused = "unavailable";
            return reject(PrefetchRejection.UNAVAILABLE);
        }
        if (tried) {
            triedNow = true;
            ledger.trying();
        }
        Prediction prediction = new Prediction(key, edge, kind, tried, session, model.progress(session), clock);
        while (staged.size() >= staged.places()) {
            expel();
        }
        staged.add(prediction);
        if (settings.observe()) {
            prediction.landedIn = batch;
            observed.increment();
        } else {
            Prediction dropped = queue.add(prediction);
            if (dropped != null && staged.get(dropped.key) == dropped) {
                staged.remove(dropped.key);
                reject(PrefetchRejection.OVERFLOW);
                judge(dropped, null, null);
            }
        }
        return true;
    }

    private boolean reject(PrefetchRejection reason) {
        adder(reason).increment();
        return false;
    }

    private LongAdder adder(PrefetchRejection reason) {
        return Objects.requireNonNull(rejected.get(reason));
    }

    /** Gives up the oldest prediction. */
    private void expel() {
        Prediction prediction = Objects.requireNonNull(staged.oldest());
        staged.remove(prediction.key);
        if (prediction.landedIn >= 0) {
            discard(prediction);
        } else {
            prediction.unwelcome = true;
            prediction.abandoned = true;
        }
        judge(prediction, false, wasted);
    }

    private void discard(Prediction prediction) {
        if (!settings.observe()) {
            target.discard(prediction.key);
        }
    }

    private void noticeEnded() {
        for (Prediction prediction = queue.pollEnded(); prediction != null; prediction = queue.pollEnded()) {
            Prediction.End end = prediction.end;
            boolean open = staged.get(prediction.key) == prediction;
            if (end == Prediction.End.HELD) {
                failures = 0;
                prediction.landedIn = batch;
                if (prediction.unwelcome && !staged.holds(prediction.key)) {
                    discard(prediction);
                } else if (prediction.abandoned && !prediction.unwelcome) {
                    target.keep(prediction.key);
                }
                continue;
            }
            if (end == Prediction.End.FAILED) {
                failed.increment();
                pauseAfterFailure();
            } else if (!prediction.abandoned) {
                reject(reasonOf(end));
            }
            if (open) {
                staged.remove(prediction.key);
                // What an earlier prediction of the key has brought after all has nobody else to remove it.
                discard(prediction);
                judge(prediction, null, null);
            }
        }
    }

    private static PrefetchRejection reasonOf(Prediction.@Nullable End end) {
        if (end == Prediction.End.NOTHING) {
            return PrefetchRejection.UNLOADABLE;
        }
        return end == Prediction.End.CROWDED ? PrefetchRejection.OVERFLOW : PrefetchRejection.UNWANTED;
    }

    private void pauseAfterFailure() {
        if (++failures >= PrefetchOptions.FAILURES_TO_PAUSE) {
            pausedSince = nanoClock.getAsLong();
            int doublings = Math.min(6, failures - PrefetchOptions.FAILURES_TO_PAUSE);
            pauseNanos =
                    Math.min(PrefetchOptions.LONGEST_PAUSE_NANOS, PrefetchOptions.SHORTEST_PAUSE_NANOS << doublings);
        }
    }

    private void takeNotice() {
        for (Notice notice = notices.poll(); notice != null; notice = notices.poll()) {
            noticeCount.decrementAndGet();
            Prediction prediction = staged.remove(notice.key());
            if (prediction == null) {
                continue;
            }
            if (notice.used()) {
                used(prediction);
                ledger.missed();
            } else {
                judge(prediction, null, null);
            }
        }
    }

    /** Closes the account of a prediction: right, wrong, or (null) neither. */
    private void judge(Prediction prediction, @Nullable Boolean cameTrue, @Nullable LongAdder counter) {
        if (counter != null) {
            counter.increment();
        }
        if (cameTrue == null) {
            if (prediction.tried) {
                ledger.cancelled();
            }
            return;
        }
        if (cameTrue) {
            staged.cameTrue(prediction);
        }
        model.judge(prediction.edge, cameTrue);
        ledger.judge(prediction.kind, prediction.tried, cameTrue);
    }

    /** News of a prefetched entry from the cache: that it was used, or that it is gone. */
    private record Notice(Object key, boolean used) {}
}

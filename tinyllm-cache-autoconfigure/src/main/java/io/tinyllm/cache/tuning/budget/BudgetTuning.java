package io.tinyllm.cache.tuning.budget;

import io.tinyllm.cache.access.tuner.Decision;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.SizeTunerSettings;
import io.tinyllm.cache.settings.TuningMode;
import io.tinyllm.cache.tuning.SizeTuner;
import io.tinyllm.cache.tuning.SizeTuning;
import io.tinyllm.cache.tuning.figures.SizeObservation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * One budget of memory for the local tiers of several caches: divides it at every interval so that the expected time of
 * loads is least, and sets the bounds of the caches, or only says what they would be. Thread-safe.
 */
public final class BudgetTuning {

    private static final Log log = LogFactory.getLog(BudgetTuning.class);

    /** The property that the total is set by. */
    public static final String PROPERTY = "tinyllm.cache.memory.budget.total";

    /** The bytes of a place in a tier that the budget bounds by bytes; no entry counts less. */
    public static final long BYTES_OF_PLACE = EntrySizes.LEAST;

    private final @Nullable Total total;
    private final boolean acting;
    private final Set<String> names;
    private final Clock clock;
    private final MemoryBudget budget;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private Duration interval = Duration.ofDays(1);
    private Instant started;
    private boolean begun;
    private boolean warned;

    /**
     * The total that is divided.
     * @param amount how much, positive
     * @param bytes whether that is bytes, and not entries
     * @param setting what the application has written, for messages
     */
    public record Total(long amount, boolean bytes, String setting) {}

    /** No budget. */
    public static BudgetTuning none() {
        return new BudgetTuning(null, TuningMode.OBSERVE, Set.of(), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    }

    /**
     * Creates a budget that no cache has a share of yet.
     * @param total what is divided, null for no budget
     * @param mode whether decisions are carried out
     * @param names the caches that share it, besides those with a size tuner; empty for all
     * @param clock the time
     */
    public BudgetTuning(@Nullable Total total, TuningMode mode, Set<String> names, Clock clock) {
        this.total = total;
        this.acting = mode == TuningMode.ACT;
        this.names = Set.copyOf(names);
        this.clock = clock;
        this.budget = new MemoryBudget(total == null ? 0 : total.amount(), isBytes(), acting, clock);
        this.started = clock.instant();
    }

    private boolean isBytes() {
        return total != null && total.bytes();
    }

    /** Returns whether a cache has a share. */
    public boolean includes(CacheDefinition definition) {
        return total != null
                && !definition.isOfAny()
                && definition.settings().getMemory().isEnabled()
                && (names.isEmpty()
                        || names.contains(definition.name())
                        || definition.settings().getSizeTuner().isEnabled());
    }

    /** Returns whether the budget sets the size of a cache, and nothing else does. */
    public boolean governs(CacheDefinition definition) {
        return acting && includes(definition);
    }

    /** Returns whether the budget bounds the bytes of a cache, so that its values have to be weighed. */
    public boolean weighs(CacheDefinition definition) {
        return isBytes() && governs(definition);
    }

    /**
     * Checks what can be wrong about a cache that has a share.
     * @throws InvalidCacheSettingException if it is listed and holds nothing in memory, or has a bound of bytes while
     *     the budget is of entries
     */
    public void check(CacheDefinition definition) {
        if (total == null) {
            return;
        }
        if (names.contains(definition.name())
                && !definition.settings().getMemory().isEnabled()) {
            throw new InvalidCacheSettingException(
                    "tinyllm.cache.memory.budget.caches",
                    definition.name(),
                    "the names of caches that hold entries in memory",
                    "Set " + definition.path() + ".memory.enabled to true, or remove the name.");
        }
        if (governs(definition)
                && !isBytes()
                && definition.settings().getMemory().getMaximumWeight() != null) {
            throw new InvalidCacheSettingException(
                    PROPERTY,
                    total.setting(),
                    "a size or a share of the heap, since '" + definition.name() + "' is bounded by bytes",
                    "Write the total as a size such as 64MB, or remove " + definition.path()
                            + ".memory.maximum-weight.");
        }
    }

    /**
     * Gives a new cache its share.
     * @param definition the cache
     * @param memory its local tier
     * @param demand what it would do with memory, guarded by this budget
     * @param tiers makes an empty tier of so many entries, with the eviction of the cache
     */
    public synchronized void join(
            CacheDefinition definition, MemoryTier memory, CacheDemand demand, LongFunction<MemoryTier> tiers) {
        Total divided = total;
        if (divided == null || !includes(definition)) {
            return;
        }
        SizeTunerSettings settings = definition.settings().getSizeTuner();
        Member member = new Member(definition, memory, demand, divided.bytes());
        members.put(definition.name(), member);
        if (begun) {
            warnOfMinimums(divided);
        }
        interval = interval.compareTo(settings.getInterval()) < 0 ? interval : settings.getInterval();
        int index = budget.add(member, demand.estimator(), tiers);
        demand.compareWith(new CacheDemand.Comparison() {
            @Override
            public void requested(long hash, boolean hit) {
                budget.compare(index, hash, hit);
            }

            @Override
            public void evicted(long hash) {
                budget.remove(index, hash);
            }
        });
    }

    /**
     * Says that the caches are made that are known as the application starts. Those made from now on share what there
     * is.
     * @throws InvalidCacheSettingException if the total is less than the minimums
     */
    public synchronized void begin() {
        Total divided = total;
        if (divided != null && !begun && minimums() > divided.amount()) {
            throw new InvalidCacheSettingException(
                    PROPERTY,
                    divided.setting(),
                    "at least " + Amounts.memory((long) Math.ceil(minimums()), divided.bytes())
                            + ", what size-tuner.minimum of its caches (" + String.join(", ", members.keySet())
                            + ") takes"
                            + (divided.bytes() ? ", at " + EntrySizes.UNKNOWN + " bytes an entry" : ""),
                    "Raise the total, or lower size-tuner.minimum of these caches.");
        }
        begun = true;
    }

    private double minimums() {
        return members.values().stream().mapToDouble(Member::minimum).sum();
    }

    private void warnOfMinimums(Total divided) {
        double minimums = minimums();
        if (minimums > divided.amount() && !warned) {
            warned = true;
            log.warn(String.format(
                    Locale.ROOT,
                    "The minimums of the caches that share %s (%s) take %s together: each keeps %.0f %% of its own",
                    PROPERTY,
                    divided.setting(),
                    Amounts.memory((long) Math.ceil(minimums), divided.bytes()),
                    100 * divided.amount() / minimums));
        }
    }

    /** Divides if the interval is over and its caches have seen enough requests. */
    public synchronized void stepIfDue() {
        if (clock.instant().isBefore(started.plus(interval))) {
            return;
        }
        long requests = members.values().stream()
                .mapToLong(member -> member.demand.requestsSince())
                .sum();
        if (requests >= SizeTuner.MINIMUM_REQUESTS) {
            stepNow();
        }
    }

    /** Divides now. */
    public synchronized void stepNow() {
        Total divided = total;
        if (divided == null || members.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        double took = Duration.between(started, now).toNanos() / 1e9;
        started = now;
        if (begun) {
            warnOfMinimums(divided);
        }
        budget.step(took);
    }

    /** Returns the state of a cache's share, null where it has none. */
    public synchronized @Nullable Report report(String name) {
        Member member = members.get(name);
        Total divided = total;
        if (member == null || divided == null) {
            return null;
        }
        int index = new ArrayList<>(members.keySet()).indexOf(name);
        List<Decision<Long>> decisions = budget.decisions().stream()
                .filter(decision -> index < decision.from().size())
                .map(decision -> new Decision<>(
                        decision.at(), decision.from().get(index), decision.to().get(index), decision.reason()))
                .toList();
        CacheDemand.Worth worth = member.demand.worth();
        return new Report(
                acting ? "act" : "observe",
                divided.bytes() ? "bytes" : "entries",
                divided.amount(),
                acting || decisions.isEmpty()
                        ? member.share()
                        : decisions.get(decisions.size() - 1).to(),
                worth == null ? 0 : worth.secondsSavedPerMb(),
                worth == null ? 0 : worth.secondsSavedByTenMoreMb(),
                worth == null ? 0 : worth.secondsLostByTenFewerMb(),
                worth == null ? "nothing is known yet" : worth.text(),
                decisions);
    }

    /** Returns the size of a cache that the budget governs as a size tuner would, null where it does not. */
    public synchronized SizeTuning.@Nullable Report size(String name) {
        Member member = members.get(name);
        Report report = acting ? report(name) : null;
        if (member == null || report == null) {
            return null;
        }
        double unit = member.unitsPerEntry();
        return new SizeTuning.Report(
                "budget",
                entries(member.share(), unit),
                entries(member.minimum(), unit),
                entries(Math.min(member.maximum(), report.total()), unit),
                member.targetHitRate(),
                report.decisions().stream()
                        .map(decision -> new Decision<>(
                                decision.at(),
                                entries(decision.from(), unit),
                                entries(decision.to(), unit),
                                decision.reason()))
                        .collect(Collectors.toList()),
                member.demand.curve());
    }

    private static long entries(double units, double unit) {
        return Math.round(units / unit);
    }

    /**
     * The state of a cache's share.
     * @param mode {@code act} or {@code observe}
     * @param unit what total and shares count, {@code bytes} or {@code entries}
     * @param total what all its caches share
     * @param share what this one has of it; what it would have, where the budget only observes
     * @param secondsSavedPerMb seconds of loads an hour that the next megabyte would save here
     * @param secondsSavedByTenMoreMb the same of ten megabytes
     * @param secondsLostByTenFewerMb seconds of loads an hour that ten megabytes less would cost here
     * @param text the same in words for a person
     * @param decisions the last decisions, oldest first, with the share of this cache before and after
     */
    public record Report(
            String mode,
            String unit,
            long total,
            long share,
            double secondsSavedPerMb,
            double secondsSavedByTenMoreMb,
            double secondsLostByTenFewerMb,
            String text,
            List<Decision<Long>> decisions) {}

    /** A cache that has a share. Guarded by the budget. */
    private static final class Member implements MemoryBudget.Member {

        private final CacheDefinition definition;
        private final MemoryTier memory;
        private final CacheDemand demand;
        private final boolean bytes;

        Member(CacheDefinition definition, MemoryTier memory, CacheDemand demand, boolean bytes) {
            this.definition = definition;
            this.memory = memory;
            this.demand = demand;
            this.bytes = bytes;
        }

        @Override
        public String name() {
            return definition.name();
        }

        @Override
        public double minimum() {
            return definition.settings().getSizeTuner().getMinimum() * unitsPerEntry();
        }

        @Override
        public double maximum() {
            SizeTunerSettings settings = definition.settings().getSizeTuner();
            double most = settings.hasMaximum() ? settings.getMaximum() * unitsPerEntry() : Double.POSITIVE_INFINITY;
            var weight = definition.settings().getMemory().getMaximumWeight();
            return bytes && weight != null ? Math.min(most, weight.toBytes()) : most;
        }

        @Override
        public double targetHitRate() {
            SizeTunerSettings settings = definition.settings().getSizeTuner();
            return settings.hasTargetHitRate() ? settings.getTargetHitRate() : 1;
        }

        @Override
        public SizeObservation observe() {
            return demand.observe();
        }

        @Override
        public double costPerMiss() {
            return demand.secondsPerMiss();
        }

        @Override
        public double unitsPerEntry() {
            return bytes ? demand.bytesPerEntry() : 1;
        }

        @Override
        public long share() {
            if (!bytes) {
                return memory.maximumSize();
            }
            return memory.isWeighed()
                    ? memory.maximumWeight()
                    : Math.round(memory.maximumSize() * demand.bytesPerEntry());
        }

        /** Of bytes, a tier that weighs has a place for each {@value EntrySizes#LEAST}. */
        @Override
        public void resize(long share) {
            memory.resize(bytes ? share / EntrySizes.LEAST : share);
        }
    }
}

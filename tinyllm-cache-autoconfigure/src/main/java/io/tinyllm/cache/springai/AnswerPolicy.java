package io.tinyllm.cache.springai;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.settings.LlmSettings;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.util.unit.DataSize;

/**
 * The rules by which one cache keeps answers.
 * @param maximumTemperature the hottest temperature that is cached, null for all
 * @param storeToolCalls whether answers that call tools are kept
 * @param storeIncomplete whether truncated and filtered answers are
 * @param checkJson whether what should be JSON has to be
 * @param ignored the options that do not count, as {@link #plain} writes them
 * @param maximumSize the largest answer in characters
 * @param timeToLive how long an answer is fresh, zero for ever
 */
record AnswerPolicy(
        @Nullable Double maximumTemperature,
        boolean storeToolCalls,
        boolean storeIncomplete,
        boolean checkJson,
        Set<String> ignored,
        long maximumSize,
        Duration timeToLive) {

    /**
     * The most characters of one answer that are held, whatever a cache allows: a model that never ends is no answer.
     */
    static final long LARGEST = 16L << 20;

    static AnswerPolicy of(CacheSettings settings) {
        LlmSettings llm = settings.getLlm();
        DataSize size = settings.getBypass().getMaximumValueSize();
        return new AnswerPolicy(
                llm.getMaximumTemperature(),
                llm.isStoreToolCalls(),
                llm.isStoreIncomplete(),
                llm.isCheckJson(),
                llm.getIgnore().stream().map(AnswerPolicy::plain).collect(Collectors.toUnmodifiableSet()),
                size == null ? LARGEST : Math.min(LARGEST, size.toBytes()),
                settings.getTimeToLive());
    }

    /** How long an answer is to be fresh as far as settings say, in nanoseconds; null for ever. */
    @Nullable
    Long lifeNanos(StoredAnswer answer) {
        long own = answer.timeToLiveSeconds();
        if (own < 0 && timeToLive.isZero()) {
            return null;
        }
        long seconds = own >= 0 ? own : timeToLive.toSeconds();
        return seconds > TimeUnit.NANOSECONDS.toSeconds(Long.MAX_VALUE)
                ? null
                : (Long) (own >= 0 ? TimeUnit.SECONDS.toNanos(own) : timeToLive.toNanos());
    }

    /** For how many seconds more an answer is fresh as far as settings say; null for ever. */
    @Nullable
    Long remainingSeconds(StoredAnswer answer, long nowMicros) {
        Long life = lifeNanos(answer);
        return life == null ? null : (Long) Math.floorDiv(life / 1000 - answer.ageMicros(nowMicros), 1_000_000L);
    }

    /** The name of an option without what differs between properties and Java. */
    static String plain(String option) {
        return option.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Returns whether a request is too hot to be cached. */
    boolean isTooHot(@Nullable ChatOptions options) {
        if (maximumTemperature == null) {
            return false;
        }
        Double temperature = options == null ? null : options.getTemperature();
        return temperature == null || !(temperature <= maximumTemperature);
    }
}

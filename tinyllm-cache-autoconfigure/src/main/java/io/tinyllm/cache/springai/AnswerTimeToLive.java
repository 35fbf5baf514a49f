package io.tinyllm.cache.springai;

import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.llm.StoredAnswer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Keeps an answer as long as its request wanted, whatever else rules the life of entries. */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class AnswerTimeToLive implements TimeToLive {

    /** Creates the rule. */
    public AnswerTimeToLive() {}

    @Override
    public @Nullable Duration timeToLive(String cacheName, Object key, @Nullable Object value) {
        return value instanceof StoredAnswer answer && answer.timeToLiveSeconds() >= 0
                ? Duration.ofSeconds(answer.timeToLiveSeconds())
                : null;
    }
}

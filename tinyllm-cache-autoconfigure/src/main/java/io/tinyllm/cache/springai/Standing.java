package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.CacheStatus;
import io.tinyllm.cache.llm.HeldAnswers;
import io.tinyllm.cache.llm.HeldAnswers.Held;
import io.tinyllm.cache.llm.NotStored;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.llm.ledger.AnswerLedger;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells how the cache has handled a request: not what it should have done, but what it holds afterwards. Thread-safe.
 */
final class Standing {

    private final HeldAnswers tiers;
    private final AnswerTime time;

    Standing(HeldAnswers tiers, AnswerTime time) {
        this.tiers = tiers;
        this.time = time;
    }

    /** The status of an answer that the caller's own load has brought. Never fails. */
    CompletableFuture<String> ofOwn(AskedAnswer asked, Object answer) {
        AnswerLedger ledger = asked.account().ledger();
        if (answer instanceof UnstoredAnswer unstored) {
            return CompletableFuture.completedFuture(CacheStatus.notStored(unstored.reason()));
        }
        if (!tiers.knows(asked.cacheName())) {
            return CompletableFuture.completedFuture(CacheStatus.stored());
        }
        if (tiers.isBypassed(asked.cacheName(), asked.key())) {
            ledger.counters().bypassed("rule");
            ledger.notKept(asked.key());
            return CompletableFuture.completedFuture(CacheStatus.bypassed("rule"));
        }
        return tiers.held(asked.cacheName(), asked.key()).handle((held, failure) -> {
            if (held == null || !answer.equals(held.value())) {
                ledger.counters().notStored(NotStored.NOT_KEPT);
                ledger.notKept(asked.key());
                return CacheStatus.notStored(NotStored.NOT_KEPT);
            }
            ledger.kept(asked.key(), held.remainingNanos());
            return CacheStatus.stored();
        });
    }

    /** Returns whether an answer of the cache was made while its caller waited for it. */
    static boolean isJoined(AskedAnswer asked, StoredAnswer answer) {
        return answer.createdMicros() > asked.startedMicros();
    }

    /** The status of an answer of the cache: stored before the request began, or since. Never fails. */
    CompletableFuture<String> ofFound(AskedAnswer asked, StoredAnswer answer) {
        if (isJoined(asked, answer)) {
            return CompletableFuture.completedFuture(CacheStatus.collapsed());
        }
        return tiers.held(asked.cacheName(), asked.key()).handle((held, failure) -> {
            Long remaining = held != null && answer.equals(held.value())
                    ? seconds(held)
                    : asked.policy().remainingSeconds(answer, time.micros());
            AnswerLedger ledger = asked.account().ledger();
            ledger.note(asked.key(), asked.prints()::get);
            ledger.kept(asked.key(), remaining == null ? null : (Long) TimeUnit.SECONDS.toNanos(remaining));
            return CacheStatus.hit(remaining);
        });
    }

    private static @Nullable Long seconds(Held held) {
        Long nanos = held.remainingNanos();
        return nanos == null ? null : (Long) Math.floorDiv(nanos, 1_000_000_000L);
    }
}

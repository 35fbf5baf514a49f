package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.HeldAnswers;
import io.tinyllm.cache.llm.StoredAnswer;
import java.util.ArrayList;
import java.util.List;

/** Finds the stored request that is nearest to one without an answer. Stateless. */
final class NearestAnswer {

    private NearestAnswer() {}

    /** Says that there is no answer to a request, and what the nearest stored one differs in. */
    static AnswerNotCachedException none(AskedAnswer asked, HeldAnswers tiers) {
        List<StoredAnswer> held = new ArrayList<>();
        tiers.forEachInMemory(asked.cacheName(), value -> {
            if (value instanceof StoredAnswer answer) {
                held.add(answer);
            }
        });
        return AnswerNotCachedException.of(
                asked.cacheName(),
                asked.account()
                        .ledger()
                        .nearest(asked.key(), asked.prints().get(), held, key -> isHeld(asked, key, tiers)));
    }

    /** Returns whether there still is an answer, as far as that can be known: it may wait for a tier. */
    private static boolean isHeld(AskedAnswer asked, String key, HeldAnswers tiers) {
        return !tiers.knows(asked.cacheName())
                || tiers.held(asked.cacheName(), key)
                        .handle((held, failure) -> failure != null || held != null)
                        .join();
    }
}

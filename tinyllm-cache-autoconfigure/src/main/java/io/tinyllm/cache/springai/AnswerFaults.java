package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** Counts what goes wrong with caches of answers, and says each kind of it once in the log. Thread-safe. */
final class AnswerFaults {

    private static final Log logger = LogFactory.getLog(AnswerFaults.class);

    private final AnswerLedgers ledgers;
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    AnswerFaults(AnswerLedgers ledgers) {
        this.ledgers = ledgers;
    }

    /** A fault of a cache, in whose place the model is asked. */
    void fault(String cacheName, Throwable fault) {
        ledgers.of(cacheName).counters().fault();
        if (said.add("fault " + cacheName + fault.getClass().getName())) {
            logger.warn("Cache '" + cacheName + "' fails (" + fault.getClass().getName()
                    + "); the model is asked in its place");
        }
    }

    /** A request that cannot be cached. */
    void bypassed(String cacheName, String reason, String warning) {
        ledgers.of(cacheName).counters().bypassed(reason);
        if (said.size() < 1000 && said.add(reason + " " + warning)) {
            logger.warn(warning);
        }
    }
}

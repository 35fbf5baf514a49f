package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** The reading side of a store, which counts what fails. */
final class StoreReader {

    private static final Log log = LogFactory.getLog(StoreReader.class);

    private final BackingStore<Object, Object> store;
    private final LongAdder failures = new LongAdder();

    StoreReader(BackingStore<Object, Object> store) {
        this.store = store;
    }

    @Nullable
    Object load(Object key) {
        boolean done = false;
        try {
            Object value = store.load(key);
            done = true;
            return value;
        } finally {
            if (!done) {
                failures.increment();
            }
        }
    }

    Map<Object, Object> loadAll(Collection<?> keys) {
        Map<Object, Object> found = new LinkedHashMap<>();
        for (Object key : keys) {
            try {
                Object value = load(key);
                if (value != null) {
                    found.put(key, value);
                }
            } catch (Throwable counted) {
                log.debug("A load of the store has failed", counted);
            }
        }
        return found;
    }

    long failures() {
        return failures.sum();
    }
}

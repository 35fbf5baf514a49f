package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A store in memory that remembers its calls, and fails when it is told to. */
class RecordingStore implements BackingStore<String, String> {

    final Map<String, String> rows = new ConcurrentHashMap<>();
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    /** Keys that a call must not contain. */
    volatile Predicate<String> refuses = key -> false;

    /** Runs in each call, before anything is changed. */
    volatile Runnable before = () -> {};

    /** Told each row before it is there. */
    volatile BiConsumer<String, String> onWrite = (key, value) -> {};

    /** Runs in each load, once its answer is known. */
    volatile Runnable afterLoad = () -> {};

    @Override
    public Set<String> cacheNames() {
        return Set.of("cache");
    }

    @Override
    public @Nullable String load(String key) {
        check(List.of(key));
        String value = rows.get(key);
        afterLoad.run();
        return value;
    }

    @Override
    public void writeAll(Map<String, String> entries) {
        calls.add("write " + entries);
        check(entries.keySet());
        entries.forEach(onWrite);
        rows.putAll(entries);
    }

    @Override
    public void deleteAll(Collection<String> keys) {
        calls.add("delete " + keys);
        check(keys);
        rows.keySet().removeAll(keys);
    }

    private void check(Collection<String> keys) {
        before.run();
        for (String key : keys) {
            if (refuses.test(key)) {
                throw new IllegalStateException("refused");
            }
        }
    }

    void refuseEverything() {
        refuses = key -> true;
    }

    void refuseNothing() {
        refuses = key -> false;
    }

    /** A store that is cleared with its cache. */
    static final class Clearing extends RecordingStore {
        @Override
        public void clear() {
            calls.add("clear");
            before.run();
            if (refuses.test("clear")) {
                throw new IllegalStateException("refused");
            }
            rows.clear();
        }
    }
}

package io.tinyllm.cache.springai;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers that are being made now, and who waits for them. A stream of a model goes on as long as anybody waits for
 * its answer. Thread-safe.
 */
final class LiveAnswers {

    private final ConcurrentHashMap<String, Slot> slots = new ConcurrentHashMap<>();

    /** Begins to wait for an answer. */
    Slot enter(AskedAnswer asked) {
        String key = asked.cacheName() + ' ' + asked.key();
        while (true) {
            Slot slot = slots.computeIfAbsent(key, Slot::new);
            if (slot.enter()) {
                return slot;
            }
        }
    }

    /** How many answers somebody waits for. */
    int size() {
        return slots.size();
    }

    /** Those who wait for one answer, and the streams that bring it. */
    final class Slot {

        private final String key;
        private final List<LiveAnswer> running = new ArrayList<>(1);
        private final List<Consumer<LiveAnswer>> listeners = new ArrayList<>(1);
        private @Nullable LiveAnswer current;
        private int waiting;

        /** Whether it is left to those who are in it. */
        private boolean retired;

        /** Whether nobody is in it any more. */
        private boolean closed;

        private Slot(String key) {
            this.key = key;
        }

        private synchronized boolean enter() {
            boolean open = !retired && !closed;
            waiting += open ? 1 : 0;
            return open;
        }

        /**
         * Waits no more. The last one takes with him the streams that nobody else wants; and whoever leaves takes a
         * stream that another has replaced since, after an evict, where nobody follows it any more.
         */
        void leave() {
            List<LiveAnswer> orphans = new ArrayList<>(1);
            boolean last;
            synchronized (this) {
                last = --waiting == 0;
                closed |= last;
                for (LiveAnswer live : running) {
                    if (last || live != current && !live.isFollowed()) {
                        orphans.add(live);
                    }
                }
            }
            if (last) {
                slots.remove(key, this);
            }
            orphans.forEach(LiveAnswer::abandon);
        }

        /** Takes note of a stream that begins. Whether anybody waits for it. */
        boolean starts(LiveAnswer live) {
            List<Consumer<LiveAnswer>> told;
            synchronized (this) {
                if (closed) {
                    return false;
                }
                running.add(live);
                current = live;
                told = List.copyOf(listeners);
                listeners.clear();
            }
            live.loaded().whenComplete((answer, failure) -> ended(live));
            told.forEach(listener -> listener.accept(live));
            return true;
        }

        /**
         * The load of a stream has ended. Nobody can join one that goes on because it is too large: he waits for
         * another.
         */
        private void ended(LiveAnswer live) {
            synchronized (this) {
                if (live.isTooLarge()) {
                    retired = true;
                } else {
                    running.remove(live);
                }
                if (current == live) {
                    current = null;
                }
            }
            if (live.isTooLarge()) {
                slots.remove(key, this);
            }
        }

        /** Calls a listener once, with the stream that runs or the next one that begins. */
        void onLive(Consumer<LiveAnswer> listener) {
            LiveAnswer live;
            synchronized (this) {
                live = current;
                if (live == null) {
                    listeners.add(listener);
                    return;
                }
            }
            listener.accept(live);
        }
    }
}

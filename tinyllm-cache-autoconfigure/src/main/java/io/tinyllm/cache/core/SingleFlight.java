package io.tinyllm.cache.core;

import io.tinyllm.cache.core.Slot.End;
import io.tinyllm.cache.core.Slot.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The in-flight table: which keys of a cache are being loaded, by whom, and who waits. Thread-safe.
 *
 * <p>A key that is being loaded has a slot. Its members are the loads whose results count, in the order in which they
 * began: a leader and, where somebody has waited for it too long, one more beside it; without single flight,
 * everybody's load. A load leaves when it ends. The result of a load also dismisses the members that began before it,
 * so that nothing older overwrites it. A put, an evict or a clear dismisses all: it takes the slot out of the table,
 * and what the loads bring then answers those who wait for them and is stored nowhere.
 *
 * <p><b>Locking.</b> A slot and its members are read and written only inside {@code table.compute} of the slot's key,
 * which is atomic for the key, whether or not the slot is still in the table. Every change of what the tiers hold of a
 * key runs there as well, and that alone decides between a change and a load that overlap. What runs there is short,
 * and never touches the table. Futures are completed outside.
 *
 * <p>A slot is found again by the identity of the key that it was made with: a load that changes its key object leaves
 * nothing behind.
 */
final class SingleFlight {

    private final SlotTable table = new SlotTable();
    private final boolean shared;
    private final long longestNanos;

    SingleFlight(boolean shared) {
        this(shared, Long.MAX_VALUE);
    }

    /**
     * Creates an empty table.
     * @param shared whether callers of a key share a load
     * @param longestNanos after how long a load that goes on without a thread does not keep others from beginning
     */
    SingleFlight(boolean shared, long longestNanos) {
        this.shared = shared;
        this.longestNanos = longestNanos;
    }

    // ----------------------------------------------------------------------------------------------- coming and going

    /**
     * Makes a flight the leader of its key, or tells whom to wait for.
     * @param candidate what the caller leads where there is no load to wait for
     * @return null if the candidate leads; else the load of another
     */
    @Nullable
    Waiting join(Flight candidate) {
        return join(candidate, shared ? 0 : Integer.MAX_VALUE);
    }

    /**
     * Makes a flight a leader of its key beside one that was waited for too long, unless there is one already.
     * @return null if the candidate leads; else whom to go on waiting for
     */
    @Nullable
    Waiting joinBeside(Flight candidate) {
        return join(candidate, Slot.LEADERS - 1);
    }

    private @Nullable Waiting join(Flight candidate, int beside) {
        Waiting[] waiting = new Waiting[1];
        table.compute(new SlotKey(candidate.key()), (key, current) -> {
            Slot slot = current == null ? new Slot(key) : current;
            int running = slot.running(candidate.startedNanos(), longestNanos);
            if (running == 0 || running <= beside || slot.letsPass(candidate)) {
                slot.add(candidate);
            } else {
                waiting[0] = slot.join();
            }
            return slot;
        });
        return waiting[0];
    }

    /**
     * Makes a flight that is its caller's own a leader of its key, which nobody waits for and which waits for nobody.
     * @return null if it leads; else the load of the key that its caller is inside of
     */
    @Nullable
    Waiting joinApart(Flight candidate) {
        Waiting[] waiting = new Waiting[1];
        table.compute(new SlotKey(candidate.key()), (key, current) -> {
            Slot slot = current == null ? new Slot(key) : current;
            waiting[0] = slot.ofCaller();
            if (waiting[0] == null) {
                slot.add(candidate);
            }
            return slot;
        });
        return waiting[0];
    }

    /**
     * Makes a flight the leader of a key that nobody loads or is about to.
     * @return whether it leads
     */
    boolean joinAlone(Flight candidate) {
        table.compute(new SlotKey(candidate.key()), (key, slot) -> slot == null ? new Slot(key).add(candidate) : slot);
        return candidate.seat != null;
    }

    /** Returns the wait for the load of a key that runs or is about to; null where there is none. */
    @Nullable
    Waiting waiting(Object key) {
        Waiting[] waiting = new Waiting[1];
        table.computeIfPresent(new SlotKey(key), (k, slot) -> {
            waiting[0] = slot.join();
            return slot;
        });
        return waiting[0];
    }

    /**
     * Registers a load that is to run soon, where nobody loads its key. Nobody who could load waits for it before it
     * runs.
     * @return whether it is to run
     */
    boolean enqueue(Flight candidate) {
        table.compute(
                new SlotKey(candidate.key()), (key, slot) -> slot == null ? new Slot(key).queue(candidate) : slot);
        return candidate.seat != null;
    }

    /**
     * Makes a load that was to run soon the leader of its key, unless somebody else has become that.
     * @return whether it leads
     */
    boolean begin(Flight queued) {
        boolean[] leads = new boolean[1];
        Slot.Member member = member(queued);
        if (member != null) {
            table.computeIfPresent(member.slot().key(), (key, slot) -> {
                leads[0] = slot.begin(queued);
                return slot;
            });
        }
        return leads[0];
    }

    /**
     * Takes a flight that ends out of the table.
     * @param flight the flight
     * @param end how it ends
     * @param change changes the tiers
     * @return the future to complete for those who wait; null if another load is to answer them
     */
    @Nullable
    CompletableFuture<@Nullable Answer> leave(Flight flight, End end, Change change) {
        Slot.Member member = member(flight);
        if (member == null) {
            // Nobody waits for it, and its result does not count.
            table.compute(new SlotKey(flight.key()), (key, current) -> {
                change.make(Standing.OUTDATED);
                return current;
            });
            return null;
        }
        Slot slot = member.slot();
        boolean[] answers = new boolean[1];
        table.compute(slot.key(), (key, current) -> {
            boolean counts = slot == current && slot.holds(member);
            change.make(counts ? member.standing(end) : Standing.OUTDATED);
            answers[0] = slot.remove(member, end);
            return slot == current && slot.isEmpty() ? null : current;
        });
        return answers[0] ? member.answer() : null;
    }

    private static Slot.@Nullable Member member(Flight flight) {
        return (Slot.Member) flight.seat;
    }

    // ------------------------------------------------------------------------------------------------ changes of keys

    /**
     * Changes a key, and dismisses its loads.
     * @param key the key
     * @param change the change
     */
    void dismiss(Object key, Runnable change) {
        dismissIf(key, () -> {
            change.run();
            return true;
        });
    }

    /**
     * Changes a key on a condition, and dismisses its loads if it was changed.
     * @param key the key
     * @param change the change; answers whether it was made
     */
    void dismissIf(Object key, BooleanSupplier change) {
        table.compute(new SlotKey(key), (k, current) -> change.getAsBoolean() ? null : current);
    }

    /**
     * Drops what this JVM holds of a key, and dismisses its loads. One that is still reading lower tiers goes on, and
     * keeps nothing of what it finds there.
     * @param key the key
     * @param change the change
     */
    void invalidate(Object key, Runnable change) {
        table.compute(new SlotKey(key), (k, slot) -> {
            change.run();
            if (slot == null) {
                return null;
            }
            slot.suspect();
            return slot.dismissLoading() ? null : slot;
        });
    }

    /**
     * Drops what this JVM holds of a key, whose loads may be outdated by now.
     * @param key the key
     * @param change the change
     * @return to be run once they are known not to be
     */
    Runnable doubt(Object key, Runnable change) {
        List<Slot.Member> doubted = new ArrayList<>(Slot.LEADERS);
        table.compute(new SlotKey(key), (k, slot) -> {
            change.run();
            if (slot != null) {
                slot.doubt(doubted);
            }
            return slot;
        });
        return () -> doubted.forEach(member -> table.compute(member.slot().key(), (k, current) -> {
            member.trust();
            return current;
        }));
    }

    /**
     * Changes a key on a condition, where nobody loads it.
     * @param key the key
     * @param change the change; answers whether it was made
     * @return whether it ran and was made
     */
    boolean ifNone(Object key, BooleanSupplier change) {
        boolean[] made = new boolean[1];
        table.compute(new SlotKey(key), (k, current) -> {
            made[0] = current == null && change.getAsBoolean();
            return current;
        });
        return made[0];
    }

    /** Dismisses every load. */
    void dismissAll() {
        table.forEachKey(key -> table.computeIfPresent(key, (k, current) -> null));
    }

    /** Returns how many keys are being loaded. */
    int size() {
        return table.size();
    }

    /** Returns whether the result of a flight would count now. */
    boolean counts(Flight flight) {
        Slot.Member member = member(flight);
        boolean[] counts = new boolean[1];
        if (member != null) {
            table.computeIfPresent(member.slot().key(), (key, current) -> {
                counts[0] = current == member.slot() && current.holds(member);
                return current;
            });
        }
        return counts[0];
    }

    /** Shows every key that is being loaded. */
    void forEachKey(Consumer<Object> visitor) {
        table.forEachKey(slot -> visitor.accept(slot.key));
    }

    /** Returns whether a key is being loaded, or is about to be. */
    boolean contains(Object key) {
        return table.contains(new SlotKey(key));
    }

    /** The action of the end of a flight on its key. */
    @FunctionalInterface
    interface Change {

        /**
         * Does it.
         * @param standing whether anything newer has happened to the key
         */
        void make(Standing standing);
    }
}

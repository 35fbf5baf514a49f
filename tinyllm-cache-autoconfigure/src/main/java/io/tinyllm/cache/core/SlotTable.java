package io.tinyllm.cache.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The slots of keys, with a lock for each key. Thread-safe.
 *
 * <p>A {@code ConcurrentHashMap} alone would do: its {@code compute} is atomic for a key. But it locks a bin, and what
 * runs inside writes to the local tier, where a thread may wait or lose its processor; sooner or later all others have
 * a key in that bin and wait as well, as often as there are more threads than processors. Here the map is locked for
 * as long as a reference takes, and a key for as long as its change does.
 */
final class SlotTable {

    /**
     * Makes it unlikely that two keys meet in a bin: the map is next to empty most of the time, and so seldom grows by
     * itself. Its bins are made at the first change.
     */
    private static final int CAPACITY = 256;

    private final Map<SlotKey, Cell> cells = new ConcurrentHashMap<>(CAPACITY);

    /** The place of a key while it has a slot or somebody is changing it. Its monitor is the lock of the key. */
    private static final class Cell {

        final SlotKey key;

        /** Written under the lock. */
        volatile @Nullable Slot slot;

        /** Whether the cell has left the table, and its key another lock. Guarded by the lock. */
        boolean gone;

        /** Whether a change is running. Guarded by the lock. */
        boolean changing;

        Cell(SlotKey key) {
            this.key = key;
        }
    }

    /**
     * Changes the slot of a key, atomically for the key.
     * @param change gets the key in the table, and the slot or null; returns the slot or null for none. What it throws
     *     is thrown, and the slot stays
     */
    void compute(SlotKey key, BiFunction<SlotKey, @Nullable Slot, @Nullable Slot> change) {
        boolean changed = false;
        while (!changed) {
            Cell found = cells.get(key);
            if (found == null) {
                Cell made = new Cell(key);
                found = cells.putIfAbsent(key, made);
                found = found == null ? made : found;
            }
            changed = change(found, change);
        }
    }

    /** As {@link #compute}, where the key has a slot. */
    void computeIfPresent(SlotKey key, BiFunction<SlotKey, Slot, @Nullable Slot> change) {
        boolean changed = false;
        while (!changed) {
            Cell found = cells.get(key);
            changed = found == null || change(found, (k, slot) -> slot == null ? null : change.apply(k, slot));
        }
    }

    /** Returns whether the cell was that of its key, and the change ran. */
    private boolean change(Cell cell, BiFunction<SlotKey, @Nullable Slot, @Nullable Slot> change) {
        synchronized (cell) {
            if (cell.gone) {
                return false;
            }
            if (cell.changing) {
                throw new IllegalStateException("A change of a key changes that key");
            }
            cell.changing = true;
            try {
                cell.slot = change.apply(cell.key, cell.slot);
            } finally {
                cell.changing = false;
                if (cell.slot == null) {
                    // In this order: keys of the same hash are compared, and the cell of one that throws is used again.
                    cells.remove(cell.key, cell);
                    cell.gone = true;
                }
            }
            return true;
        }
    }

    /** Returns whether a key has a slot. */
    boolean contains(SlotKey key) {
        Cell cell = cells.get(key);
        return cell != null && cell.slot != null;
    }

    /** Shows every key that has a slot. */
    void forEachKey(Consumer<SlotKey> visitor) {
        for (Cell cell : cells.values()) {
            if (cell.slot != null) {
                visitor.accept(cell.key);
            }
        }
    }

    /** Returns how many keys have a slot. */
    int size() {
        int[] size = new int[1];
        forEachKey(key -> size[0]++);
        return size[0];
    }
}

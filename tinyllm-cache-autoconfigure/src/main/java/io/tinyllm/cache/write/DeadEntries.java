package io.tinyllm.cache.write;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The entries of a buffer that were given up on, oldest first. Guarded by the lock of the buffer. */
final class DeadEntries {

    private final int maximum;
    private final Set<DirtyEntry> entries = new LinkedHashSet<>();
    private long probeAt;

    DeadEntries(int maximum) {
        this.maximum = maximum;
    }

    int size() {
        return entries.size();
    }

    boolean hasRoom() {
        return entries.size() < maximum;
    }

    void add(DirtyEntry entry) {
        entries.add(entry);
    }

    void remove(DirtyEntry entry) {
        entries.remove(entry);
    }

    List<DirtyEntry> all() {
        return List.copyOf(entries);
    }

    /** Those that may have been given up on for nothing but an outage of the store. */
    List<DirtyEntry> revivable() {
        return entries.isEmpty()
                ? List.of()
                : entries.stream().filter(DirtyEntry::isRevivable).toList();
    }

    void probeAt(long nanos) {
        probeAt = nanos;
    }

    /** Takes one out by which to find out whether the store is back; null if that is not due, or there is none. */
    @Nullable
    DirtyEntry probe(long now) {
        if (probeAt - now > 0) {
            return null;
        }
        for (DirtyEntry entry : entries) {
            if (entry.isRevivable()) {
                entries.remove(entry);
                return entry;
            }
        }
        return null;
    }
}

package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch, and finds out which of its operations the store refuses: what fails together is tried in halves,
 * until the culprits stand alone. A store that refuses everything is asked only a few times. For one thread and one
 * batch.
 */
final class BatchWriter {

    private final BackingStore<Object, Object> store;
    private final BooleanSupplier stopped;
    private final boolean ownThread;
    private final List<Operation> taken = new ArrayList<>();
    private final Map<Operation, Throwable> refused = new IdentityHashMap<>();
    private final Map<Operation, Object> values = new IdentityHashMap<>();
    private int budget;
    private long successes;
    private long failures;
    private @Nullable Throwable lastFailure;

    /**
     * @param ownThread whether an interrupt that the store leaves behind concerns nobody
     */
    BatchWriter(BackingStore<Object, Object> store, BooleanSupplier stopped, boolean ownThread) {
        this.store = store;
        this.stopped = stopped;
        this.ownThread = ownThread;
    }

    /** Writes operations on different keys. What the store throws is in {@link #refused()}. */
    void write(List<Operation> operations) {
        budget = 4 + 4 * (Integer.SIZE - Integer.numberOfLeadingZeros(operations.size()));
        writeAlike(operations.stream().filter(Operation::isDeletion).toList());
        writeAlike(operations.stream()
                .filter(operation -> !operation.isDeletion() && isReadable(operation))
                .toList());
        values.clear();
    }

    /** Reads the value once, whatever becomes of the batch; what cannot be read does not concern the store. */
    private boolean isReadable(Operation operation) {
        try {
            values.put(operation, Objects.requireNonNull(operation.load()));
            return true;
        } catch (Throwable e) {
            refused.put(operation, e);
            return false;
        }
    }

    private void writeAlike(List<Operation> operations) {
        if (operations.isEmpty()) {
            return;
        }
        if (lastFailure != null && (stopped.getAsBoolean() || successes == 0 && failures >= budget)) {
            Throwable reason = lastFailure;
            operations.forEach(operation -> refused.put(operation, reason));
            return;
        }
        try {
            try {
                call(operations);
            } finally {
                if (ownThread) {
                    Thread.interrupted();
                }
            }
            successes++;
            taken.addAll(operations);
        } catch (Throwable e) {
            failures++;
            lastFailure = e;
            if (operations.size() == 1) {
                refused.put(operations.get(0), e);
            } else {
                int half = operations.size() / 2;
                writeAlike(operations.subList(0, half));
                writeAlike(operations.subList(half, operations.size()));
            }
        }
    }

    private void call(List<Operation> operations) {
        if (operations.get(0).isDeletion()) {
            store.deleteAll(operations.stream().map(Operation::key).toList());
        } else {
            Map<Object, Object> entries = new LinkedHashMap<>();
            for (Operation operation : operations) {
                entries.put(operation.key(), Objects.requireNonNull(values.get(operation)));
            }
            store.writeAll(entries);
        }
    }

    /** The operations that the store has taken. */
    List<Operation> taken() {
        return taken;
    }

    /** The operations that the store refuses, and why. */
    Map<Operation, Throwable> refused() {
        return refused;
    }

    /** The calls of the store that succeeded. */
    long successes() {
        return successes;
    }

    /** The calls of the store that failed. */
    long failures() {
        return failures;
    }
}

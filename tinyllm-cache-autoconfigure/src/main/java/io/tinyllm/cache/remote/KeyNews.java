package io.tinyllm.cache.remote;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.core.port.RemoteTier.InvalidationListener;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The news of a store, which are of stored keys, told as news of the application's keys. Only keys in use here are
 * news. Memory is bounded: what is held of the keys that were used longest ago is dropped before they are forgotten.
 * Thread-safe.
 */
final class KeyNews implements RemoteStore.ChangeListener {

    /** How much memory the keys of one cache may take that news could not be told of without them. */
    private static final long KEY_BYTES = Runtime.getRuntime().maxMemory() / 64;

    private final KnownKeys known;
    private final KeyCodec codec;
    private final Executor executor;
    private final Runnable heard;
    private final AtomicBoolean givingUp = new AtomicBoolean();
    private volatile @Nullable InvalidationListener listener;

    /**
     * @param codec of the keys
     * @param executor drops what is held of keys that are too many
     * @param heard is told of every change, be it of a key that nobody uses here
     */
    KeyNews(KeyCodec codec, Executor executor, Runnable heard) {
        this(codec, executor, heard, KEY_BYTES);
    }

    KeyNews(KeyCodec codec, Executor executor, Runnable heard, long maximumBytes) {
        this.codec = codec;
        this.executor = executor;
        this.heard = heard;
        this.known = new KnownKeys(maximumBytes);
    }

    /** Says who wants to know. */
    void tell(InvalidationListener wants) {
        this.listener = wants;
    }

    /** Notes that something of a key may be held here from now on. */
    void inUse(Address address) {
        Object key = address.key();
        if (key != null && known.add(address.id(), key, address.encoded().length)) {
            giveUpElsewhere();
        }
    }

    /** Notes that nothing is held of any key. */
    void forget() {
        known.clear();
    }

    @Override
    public void changed(byte[] stored) {
        heard.run();
        InvalidationListener wants = listener;
        Object key = known.find(stored, codec);
        if (wants != null && key != null) {
            wants.invalidate(key);
        }
    }

    @Override
    public Runnable doubted(byte[] stored) {
        InvalidationListener wants = listener;
        Object key = known.find(stored, codec);
        return wants == null || key == null ? () -> {} : wants.doubt(key);
    }

    @Override
    public void allChanged() {
        known.clear();
        InvalidationListener wants = listener;
        if (wants != null) {
            wants.invalidateAll();
        }
    }

    /** Not here: whoever uses a key may have its books for itself. */
    private void giveUpElsewhere() {
        if (givingUp.compareAndSet(false, true)) {
            try {
                executor.execute(this::giveUp);
            } catch (RejectedExecutionException closing) {
                givingUp.set(false);
            }
        }
    }

    private void giveUp() {
        try {
            for (KnownKeys.Known oldest = known.excess(); oldest != null; oldest = known.excess()) {
                InvalidationListener wants = listener;
                if (wants != null) {
                    wants.invalidate(oldest.key());
                }
                known.remove(oldest);
            }
        } finally {
            givingUp.set(false);
        }
    }
}

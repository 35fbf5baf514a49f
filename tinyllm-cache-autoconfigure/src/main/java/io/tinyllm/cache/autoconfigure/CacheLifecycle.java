package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.assembly.Codecs;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.snapshot.SnapshotStore;
import io.tinyllm.cache.snapshot.Snapshots;
import io.tinyllm.cache.tags.BarrierFile;
import io.tinyllm.cache.tags.TagBarriers;
import io.tinyllm.cache.write.StoreWriter;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * The start and the stop of the caches with the application. They are restored before the web server takes requests;
 * when it has stopped, nothing is prefetched any more, what is pending is written to the stores, and what has changed
 * is saved, while connections are still open. A context may be stopped and started any number of times.
 */
final class CacheLifecycle implements SmartLifecycle, DisposableBean {

    /** When caches are restored and saved: before the web server starts, and after it has stopped. */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

    /** No clock has to count beyond that. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final TagBarriers tags;
    private final ControlPlane controlPlane;
    private final TinyLlmCacheProperties.Snapshots properties;
    private final StoreWriters storeWriters;
    private final Supplier<@Nullable Codecs> codecs;
    private final Duration shutdownTimeout;
    private Consumer<String> manager = name -> {};
    private @Nullable Snapshots snapshots;
    private @Nullable ScheduledExecutorService executor;
    private volatile boolean running;
    private boolean stopped;

    CacheLifecycle(
            TagBarriers tags,
            ControlPlane controlPlane,
            TinyLlmCacheProperties.Snapshots properties,
            StoreWriters storeWriters,
            Supplier<@Nullable Codecs> codecs,
            Duration shutdownTimeout) {
        this.tags = tags;
        this.controlPlane = controlPlane;
        this.properties = properties;
        this.storeWriters = storeWriters;
        this.codecs = codecs;
        this.shutdownTimeout = shutdownTimeout.compareTo(LONGEST) < 0 ? shutdownTimeout : LONGEST;
    }

    /** Says how caches come into being, for those that are saved and not named in the properties. */
    void manage(Consumer<String> manager) {
        this.manager = manager;
    }

    /** Takes note of a new cache. One that is made after the start is restored at once. */
    void created(TieredCache cache, CacheDefinition definition) {
        if (!definition.settings().getSnapshot().isEnabled()) {
            return;
        }
        Snapshots service = open();
        StoreWriter writer = storeWriters.all().get(cache.name());
        Predicate<Object> dirty = writer == null ? key -> false : writer::isDirty;
        service.register(cache, dirty);
        if (running && properties.isOnStartup()) {
            service.restoreAtStart(cache.name());
        }
    }

    /** The snapshots, null while no cache is saved. */
    synchronized @Nullable Snapshots snapshots() {
        return snapshots;
    }

    /**
     * Checks what can be wrong about the snapshots of a cache.
     * @throws InvalidCacheSettingException if there is nothing to write them by, or a common setting is out of range
     */
    void check(CacheDefinition definition) {
        if (!definition.settings().getSnapshot().isEnabled()) {
            return;
        }
        if (codecs.get() == null) {
            throw definition.invalid(
                    "snapshot.enabled",
                    true,
                    "true only with Jackson on the class path",
                    "Add the dependency org.springframework.boot:spring-boot-starter-jackson, or set the property to "
                            + "false.");
        }
        validate();
    }

    private synchronized Snapshots open() {
        Snapshots service = snapshots;
        if (service == null) {
            Codecs known = Objects.requireNonNull(codecs.get());
            SnapshotStore store =
                    SnapshotStore.open(properties.getDirectory(), properties.getGenerations(), properties.isCompress());
            tags.keepIn(new Evictions(store));
            service = new Snapshots(
                    store, known.keys(), known.lasting(), known.notShared(), System::nanoTime, Clock.systemUTC());
            snapshots = service;
        }
        return service;
    }

    private void validate() {
        String path = TinyLlmCacheProperties.PREFIX + ".snapshots.";
        if (properties.getGenerations() < 1) {
            throw new InvalidCacheSettingException(
                    path + "generations",
                    properties.getGenerations(),
                    "a whole number from 1 up",
                    "Choose a number in that range.");
        }
        positive(path + "interval", properties.getInterval());
        positive(path + "startup-timeout", properties.getStartupTimeout());
    }

    private static void positive(String property, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new InvalidCacheSettingException(
                    property,
                    value,
                    "a positive duration of at most " + LONGEST.toDays() + "d",
                    "Use a value such as 30s.");
        }
    }

    @Override
    public void start() {
        stopped = false;
        storeWriters.start();
        controlPlane.resumePrefetching();
        // what an earlier process has acknowledged waits for its cache, also where nobody asks for that
        storeWriters.journaledCaches().forEach(manager);
        Snapshots service = snapshots();
        if (service != null) {
            service.reopen();
            ScheduledExecutorService threads = Executors.newScheduledThreadPool(
                    2, task -> BackgroundThreads.daemon(task, "tinyllm-cache-snapshots"));
            executor = threads;
            if (properties.isOnStartup()) {
                service.savedCaches().forEach(manager);
                service.restoreAll(properties.getStartupTimeout(), threads);
            }
            service.start(threads, properties.getInterval());
        }
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        stopped = true;
        controlPlane.stopPrefetching();
        // Some of the time is left for the rest of this phase.
        storeWriters.close(shutdownTimeout.multipliedBy(8).dividedBy(10));
        Snapshots service = snapshots();
        ScheduledExecutorService threads = executor;
        if (service != null) {
            if (properties.isOnShutdown()) {
                service.saveAtShutdown();
            }
            if (threads != null) {
                threads.shutdown();
                try {
                    threads.awaitTermination(shutdownTimeout.toMillis() / 10, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            service.close();
        }
    }

    /** For an application whose start has failed, and so is never stopped. */
    @Override
    public void destroy() {
        if (!stopped) {
            stop();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Keeps evictions by tag beside the snapshots, which may hold what was evicted. */
    private record Evictions(SnapshotStore store) implements BarrierFile {

        @Override
        public byte @Nullable [] read() throws IOException {
            return store.readEvictions();
        }

        @Override
        public void write(byte[] content) throws IOException {
            store.writeEvictions(content);
        }
    }

    /** Started before, and stopped after, the web server, which is in the phases above. */
    @Override
    public int getPhase() {
        return PHASE;
    }
}

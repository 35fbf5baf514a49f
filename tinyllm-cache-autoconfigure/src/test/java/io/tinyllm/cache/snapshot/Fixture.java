package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.snapshot.figures.SnapshotResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Caches and their snapshots in one process after the other, with the time in the hands of the test. */
final class Fixture implements AutoCloseable {

    static final Duration TTL = Duration.ofMinutes(10);

    final Path directory;
    final ValueTypes types = new ValueTypes(List.of("io.tinyllm.cache.snapshot."), Fixture.class.getClassLoader());
    final ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
    final KeyCodec keys = new KeyCodec(types, List.of(), values.beanKeys());

    final NotShared notShared = new NotShared();

    /** Moves on with time, from an arbitrary value in each process. */
    final AtomicLong ticker = new AtomicLong(-7_000_000_000_000L);

    /** Moves on with time, and at the whim of whoever sets it. */
    Instant wall = Instant.parse("2026-01-31T12:00:00.123Z");

    Disk disk = Disk.local();
    int generations = 2;
    boolean compress;
    int bound = 10_000;
    BypassPolicy bypass = BypassPolicy.none();
    Predicate<Object> leftOut = key -> false;
    TieredCache cache;
    CaffeineMemoryTier memory;
    Snapshots snapshots;

    Fixture(Path directory) {
        this.directory = directory;
    }

    /** Ends the process, without saving, and begins the next one, with an empty cache and another monotonic time. */
    Fixture restart() {
        close();
        ticker.addAndGet(123_456_789_012_345L);
        return start();
    }

    Fixture start() {
        memory = new CaffeineMemoryTier(bound, ticker::get, Runnable::run);
        cache = TieredCache.named("users")
                .ticker(ticker::get)
                .memory(memory)
                .bypass(bypass)
                .ttl(TtlPolicy.fixed(TTL))
                .build();
        snapshots = new Snapshots(
                SnapshotStore.open(disk, directory, generations, compress),
                keys,
                values,
                notShared,
                ticker::get,
                new Wall());
        snapshots.register(cache, key -> leftOut.test(key));
        return this;
    }

    void pass(Duration time) {
        ticker.addAndGet(time.toNanos());
        wall = wall.plus(time);
    }

    SnapshotResult save() {
        return snapshots.save("users");
    }

    SnapshotResult restore() {
        return snapshots.restore("users");
    }

    Object value(Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .sorted()
                    .toList();
        }
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    @Override
    public void close() {
        if (snapshots != null) {
            snapshots.close();
        }
    }

    private final class Wall extends Clock {

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return wall;
        }
    }
}

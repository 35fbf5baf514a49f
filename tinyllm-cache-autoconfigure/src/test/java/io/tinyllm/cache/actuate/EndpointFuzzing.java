package io.tinyllm.cache.actuate;

import io.tinyllm.cache.analytics.keys.KeyNames;
import io.tinyllm.cache.analytics.keys.ShowKeys;
import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.snapshot.SnapshotStore;
import io.tinyllm.cache.snapshot.Snapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Asks endpoints with any texts: the first line is the name of a cache, the rest an action or a key. How a body becomes
 * these is Spring's.
 */
public final class EndpointFuzzing {

    private static final ValueTypes TYPES = new ValueTypes(List.of(), EndpointFuzzing.class.getClassLoader());
    private static final TieredCache CACHE = TieredCache.named("users")
            .memory(new CaffeineMemoryTier(100, System::nanoTime, Runnable::run))
            .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
            .build();
    private static final CacheSnapshotsEndpoint SNAPSHOTS = snapshots();
    private static final KeyExplainer KEYS = new KeyExplainer(new KeyNames(ShowKeys.PLAIN, new byte[16]));

    private EndpointFuzzing() {}

    private static CacheSnapshotsEndpoint snapshots() {
        Path directory;
        try {
            directory = Files.createTempDirectory("endpoint-fuzzing");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Snapshots snapshots = new Snapshots(
                SnapshotStore.open(directory, 2, false),
                new KeyCodec(TYPES, List.of(), BeanKeys.NONE),
                new ValueCodec(TYPES, ValueLimits.DEFAULT, List.of()),
                new NotShared(),
                System::nanoTime,
                Clock.systemUTC());
        CACHE.put("alice", "value");
        snapshots.register(CACHE, key -> false);
        return new CacheSnapshotsEndpoint(() -> snapshots);
    }

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        String cache = end < 0 ? "users" : text.substring(0, end);
        String rest = text.substring(end + 1);
        SNAPSHOTS.act(cache, rest);
        SNAPSHOTS.act(cache, null);
        SNAPSHOTS.delete(cache);
        KEYS.explain(CACHE, rest, null);
    }
}

package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import io.tinyllm.cache.testing.MapStore;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Acknowledged writes of a release whose classes the next one has changed, or has no more. */
@Timeout(120)
class ReleaseChangeTests {

    private static final String ORDER = "public record Order(String customer, int amount) {}";
    private static final String NOTE = "public record Note(String text) {}";
    private static final String NUMBER = "public record Number(int year, long count) {}";

    @TempDir
    Path parent;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MapStore<Object, Object> store = new MapStore<>(Journals.CACHE);
    private StoreWriter policy;

    @AfterEach
    void everyThreadEnds() throws InterruptedException {
        policy.close(Duration.ofSeconds(10));
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatTheNextReleaseCannotReadIsShownKeptAndDeliveredOnceOneCan() throws Exception {
        ClassLoader first = release("1", ORDER, NOTE, NUMBER);
        Object order = make(first, "Order", "Ada", 3);
        Object note = make(first, "Note", "call back");
        Object number = make(first, "Number", 2026, 12L);
        store.failing = true;
        open(first);
        policy.put("an order", order).close();
        policy.put("a note", note).close();
        policy.put(number, "of an unchanged key").close();
        policy.put("a text", "unchanged").close();
        policy.close(Duration.ZERO);
        store.failing = false;

        // A field is of another type, one is new, a class is gone, and a key has a field more.
        String ordersOfTheNext = "public record Order(String customer, long amount, String currency) {}";
        String numbersOfTheNext = "public record Number(int year, long count, String series) {}";
        ClassLoader second = release("2", ordersOfTheNext, numbersOfTheNext);
        for (int life = 0; life < 2; life++) {
            open(second);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> policy.statistics().deadLetters().size() == 3);
            assertThat(policy.statistics().deadLetters())
                    .extracting(DeadLetter::type, DeadLetter::reason)
                    .containsExactlyInAnyOrder(
                            tuple("shop.Order", DeadLetter.VALUE_UNREADABLE),
                            tuple("shop.Note", DeadLetter.VALUE_UNREADABLE),
                            tuple("java.lang.String", DeadLetter.KEY_UNREADABLE));
            await().until(() -> store.rows.containsKey("a text"));
            assertThat(store.rows).as("and nothing half-filled").isEqualTo(Map.of("a text", "unchanged"));
            policy.retryDeadLetters();
            policy.close(Duration.ofSeconds(10));
        }

        open(first);
        policy.retryDeadLetters();
        await().atMost(Duration.ofSeconds(30)).until(() -> store.rows.size() == 4);
        assertThat(store.rows)
                .isEqualTo(Map.of(
                        "an order", order, "a note", note, number, "of an unchanged key", "a text", "unchanged"));
        assertThat(policy.statistics().deadLetters()).isEmpty();
    }

    private void open(ClassLoader release) {
        ValueTypes types = new ValueTypes(List.of("shop."), release);
        types.declare(Journals.CACHE, Object.class);
        ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
        JournalCodec codec =
                new CodecOfJournal(Journals.CACHE, new KeyCodec(types, List.of(), values.beanKeys()), values);
        policy = new WriteBackPolicy(
                Journals.CACHE,
                store,
                new WriteBackSettings(Duration.ofMillis(20), 10, 100, 3, 20),
                DirtyBytes.unlimited(),
                () -> Journals.open(parent, Disk.local(), Fsync.NEVER, System::nanoTime, 1 << 20, codec),
                threads,
                System::nanoTime,
                new Random(1));
    }

    private ClassLoader release(String name, String... sources) throws Exception {
        Path directory = Files.createDirectories(parent.resolve("release-" + name));
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", directory.toString()));
        for (String source : sources) {
            Path file = directory.resolve(source.replaceAll(".*record (\\w+).*", "$1") + ".java");
            Files.writeString(file, "package shop; " + source);
            arguments.add(file.toString());
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        return new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader());
    }

    private static Object make(ClassLoader release, String name, Object... parts) throws Exception {
        Constructor<?> constructor = release.loadClass("shop." + name).getDeclaredConstructors()[0];
        return constructor.newInstance(parts);
    }
}

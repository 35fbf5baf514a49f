package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.CacheTags;
import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.interceptor.KeyGenerator;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;

/** A hit answers the same by the short way and by Spring's, and takes the short one where it may. */
class FreshHitsTests {

    private static final Title TITLE = new Title("t");

    private AnnotationConfigApplicationContext here;
    private AnnotationConfigApplicationContext springs;

    @BeforeEach
    void start() {
        here = new AnnotationConfigApplicationContext();
        springs = new AnnotationConfigApplicationContext();
        SpringsWay.choose(springs);
        for (AnnotationConfigApplicationContext each : List.of(here, springs)) {
            each.register(TinyLlmCacheAutoConfiguration.class, Books.class, Beans.class, Novels.class, Poems.class);
            each.refresh();
        }
    }

    @AfterEach
    void stop() {
        here.close();
        springs.close();
    }

    public record Title(String text) {

        public String getText() {
            return text + "!";
        }
    }

    interface Shelf {

        @Cacheable("shelf")
        Object first(String key);
    }

    abstract static class Works<T> {

        final AtomicInteger calls = new AtomicInteger();

        @Cacheable(cacheNames = "works", key = "#root.targetClass.simpleName + #p0")
        public Object find(T key) {
            return getClass().getSimpleName().charAt(0) + ":" + key + calls.incrementAndGet();
        }
    }

    static class Novels extends Works<String> {}

    static class Poems extends Works<String> {}

    /** Every method tells how often it has run. */
    static class Books {

        final AtomicInteger calls = new AtomicInteger();

        private String next(@org.jspecify.annotations.Nullable Object... arguments) {
            return Arrays.deepToString(arguments) + calls.incrementAndGet();
        }

        @Cacheable("none")
        public String none() {
            return next();
        }

        @Cacheable("one")
        public String one(@org.jspecify.annotations.Nullable String key) {
            return next(key);
        }

        @Cacheable("number")
        public String number(long key) {
            return next(key);
        }

        @Cacheable("array")
        public String array(String[] key) {
            return next((Object) key);
        }

        @Cacheable("two")
        public String two(String key, int number) {
            return next(key, number);
        }

        @Cacheable("many")
        public String many(String key, String... more) {
            return next(key, more);
        }

        @Cacheable(cacheNames = "name", key = "#key")
        public String name(String key, Object ignored) {
            return next(key);
        }

        @Cacheable(cacheNames = "index", key = " #p1 ")
        public String index(Object ignored, String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "property", key = "#title.text")
        public String property(Title title) {
            return next(title.text());
        }

        @Cacheable(cacheNames = "length", key = "#a0.bytes.length")
        public String length(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "condition", condition = "#key.length() > 1")
        public String condition(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "unless", unless = "#result.startsWith('[no')")
        public String unless(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "generator", keyGenerator = "firstLetter")
        public String generator(String key) {
            return next(key);
        }

        @Cacheable(cacheResolver = "byArgument")
        public String resolver(String key) {
            return next(key);
        }

        @Cacheable(cacheNames = "synchronised", sync = true)
        public String synchronised(String key) {
            return next(key);
        }

        @Cacheable("optional")
        public Optional<String> optional(String key) {
            String value = next(key);
            return key.isEmpty() ? Optional.empty() : Optional.of(value);
        }

        @Cacheable("nothing")
        public @org.jspecify.annotations.Nullable String nothing(String key) {
            next(key);
            return null;
        }

        @Cacheable("primitive")
        public int primitive(String key) {
            return calls.incrementAndGet();
        }

        @Cacheable({"left", "right"})
        public String twoCaches(String key) {
            return next(key);
        }
    }

    static class Beans {

        @Bean
        KeyGenerator firstLetter() {
            return (target, method, parameters) -> ((String) parameters[0]).substring(0, 1);
        }

        @Bean
        CacheResolver byArgument(CacheManager manager) {
            return context -> List.of(manager.getCache((String) context.getArgs()[0]));
        }

        @Bean
        TagResolver tags() {
            return (cacheName, key, value) -> key.equals("tagged") ? List.of("tag") : List.of();
        }

        @Bean
        Shelf shelf() {
            AtomicInteger calls = new AtomicInteger();
            return key -> key + calls.incrementAndGet();
        }
    }

    interface Call {

        Object on(AnnotationConfigApplicationContext application) throws Exception;
    }

    record Case(String name, Call call) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static Case on(String name, java.util.function.Function<Books, Object> call) {
        return new Case(name, application -> call.apply(application.getBean(Books.class)));
    }

    static Stream<Case> calls() {
        return Stream.of(
                on("none", Books::none),
                on("one", books -> books.one("a")),
                on("null", books -> books.one(null)),
                on("empty", books -> books.one("")),
                on("number", books -> books.number(1234567)),
                on("array", books -> books.array(new String[] {"a", "b"})),
                on("two", books -> books.two("a", 1)),
                on("many", books -> books.many("a", "b", "c")),
                on("many of none", books -> books.many("a")),
                on("name", books -> books.name("a", new Object())),
                on("index", books -> books.index(new Object(), "a")),
                on("property", books -> books.property(new Title("a"))),
                on("length", books -> books.length("abc")),
                on("condition", books -> books.condition("abc")),
                on("condition that fails", books -> books.condition("a")),
                on("unless", books -> books.unless("a")),
                on("unless that holds", books -> books.unless("no")),
                on("generator", books -> books.generator("abc")),
                on("resolver", books -> books.resolver("abc")),
                on("synchronised", books -> books.synchronised("a")),
                on("optional", books -> books.optional("a")),
                on("optional empty", books -> books.optional("")),
                on("nothing", books -> String.valueOf(books.nothing("a"))),
                on("primitive", books -> books.primitive("a")),
                on("two caches", books -> books.twoCaches("a")),
                new Case(
                        "interface",
                        application -> application.getBean(Shelf.class).first("a")),
                new Case(
                        "generic base class",
                        application -> application.getBean(Novels.class).find("a")
                                + application.getBean(Poems.class).find("a").toString()));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void callsAnswerTheSameOnBothWays(Case each) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(each.call.on(here)).isEqualTo(each.call.on(springs));
        }
        for (String name : here.getBean(CacheManager.class).getCacheNames()) {
            assertThat(counters(here, name)).as(name).isEqualTo(counters(springs, name));
        }
    }

    private static List<Long> counters(AnnotationConfigApplicationContext application, String name) {
        var counters = application.getBean(TinyLlmCacheManager.class).find(name).counters();
        return List.of(counters.hits(), counters.misses(), counters.loads(), counters.puts());
    }

    @Test
    void anExpressionThatFailsIsToldInSpringsWords() {
        Books books = here.getBean(Books.class);
        assertThatThrownBy(() -> books.name(null, "ignored"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Null key");
    }

    @Test
    void aMethodThatAnEvictHasEmptiedRunsAgain() {
        Books books = here.getBean(Books.class);
        String first = books.one("a");
        assertThat(books.one("a")).isEqualTo(first);
        here.getBean(CacheManager.class).getCache("one").evict("a");
        assertThat(books.one("a")).isNotEqualTo(first);
        here.getBean(CacheManager.class).getCache("one").clear();
        assertThat(books.one("a")).isEqualTo("[a]3");
    }

    @Test
    void aMethodWhoseTagWasEvictedRunsAgain() {
        Books books = here.getBean(Books.class);
        assertThat(books.one("tagged")).isEqualTo(books.one("tagged"));
        String other = books.one("other");
        String before = books.one("tagged");
        here.getBean(CacheTags.class).evict("tag");
        assertThat(books.one("tagged")).isNotEqualTo(before);
        assertThat(books.one("other")).isEqualTo(other);
    }

    /** Spring's way makes contexts for a hit, which the short way does not. */
    @Test
    void aHitTakesTheShortWay() throws Exception {
        Books books = here.getBean(Books.class);
        Books longWay = springs.getBean(Books.class);
        for (Callable<?>[] pair : List.of(
                new Callable<?>[] {() -> books.one("a"), () -> longWay.one("a")},
                new Callable<?>[] {() -> books.two("a", 7), () -> longWay.two("a", 7)},
                new Callable<?>[] {() -> books.name("a", "b"), () -> longWay.name("a", "b")},
                new Callable<?>[] {() -> books.property(TITLE), () -> longWay.property(TITLE)},
                new Callable<?>[] {() -> books.synchronised("a"), () -> longWay.synchronised("a")},
                new Callable<?>[] {() -> books.optional("a"), () -> longWay.optional("a")})) {
            assertThat(bytes(pair[0])).isLessThan(bytes(pair[1]) * 2 / 3);
        }
    }

    /** Bytes that a call allocates: the least of several looks, since compiled code allocates less. */
    private static long bytes(Callable<?> call) throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int look = 0; look < 5; look++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2_000; i++) {
                call.call();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least / 2_000;
    }
}

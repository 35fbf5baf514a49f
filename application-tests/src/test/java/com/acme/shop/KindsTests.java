package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.cache.annotation.CacheResult;
import lombok.Builder;
import lombok.Data;
import lombok.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.CacheOperationInvocationContext;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.support.NullValue;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.LinkedCaseInsensitiveMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one instance has loaded another gets from Redis, with its very first call, whatever it is, and however the
 * method is declared.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KindsTests {

    @Value
    @Builder
    public static class Offer {
        String name;
        long cents;
        List<Tag> tags;
    }

    @Data
    public static class Tag {
        private final String name;
        private transient int weight;
    }

    public interface Animal {}

    public record Dog(String name) implements Animal {}

    public static class Result<T> {
        private T value;
        private Throwable failure;

        static <T> Result<T> of(T value) {
            Result<T> result = new Result<>();
            result.value = value;
            return result;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Result<?> result && Objects.equals(value, result.value);
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(value);
        }
    }

    abstract static class Base<T> {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        abstract T make(String name);

        @Cacheable("inherited")
        public T inherited(String name) {
            calls.incrementAndGet();
            return make(name);
        }
    }

    static class Offers extends Base<Offer> {
        @Override
        Offer make(String name) {
            return Offer.builder()
                    .name(name)
                    .cents(5)
                    .tags(List.of(new Tag("t")))
                    .build();
        }
    }

    @Cacheable("classLevel")
    static class ClassLevel {
        private final AtomicInteger calls = new AtomicInteger();

        AtomicInteger calls() { // no method of its cache, since it is not public
            return calls;
        }

        public String first(String name) {
            calls.incrementAndGet();
            return name;
        }

        public Dog second(String name, int number) {
            calls.incrementAndGet();
            return new Dog(name);
        }
    }

    static class Shop {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        private <T> T called(T value) {
            calls.incrementAndGet();
            return value;
        }

        @Cacheable("pages")
        public Page<Offer> page(int number) {
            Offer offer = Offer.builder().name("o").tags(new ArrayList<>()).build();
            return called(new PageImpl<>(
                    List.of(offer), PageRequest.of(number, 1, Sort.by("name").descending()), 7));
        }

        @Cacheable("rows")
        public List<Map<String, Object>> rows(String table) {
            Map<String, Object> row = new LinkedCaseInsensitiveMap<>();
            row.put("ID", 7L);
            row.put("AMOUNT", new java.math.BigDecimal("1.50"));
            row.put("AT", java.sql.Timestamp.valueOf("2026-01-31 12:00:00.123456789"));
            row.put("NOTHING", null);
            return called(List.of(row));
        }

        @Cacheable("responses")
        public ResponseEntity<Dog> response(String name) {
            return called(ResponseEntity.status(HttpStatus.CREATED)
                    .contentType(MediaType.APPLICATION_JSON)
                    .header("X-Name", name)
                    .body(new Dog(name)));
        }

        @Cacheable("trees")
        public JsonNode tree(String name) {
            return called(JsonMapper.shared().readTree("{\"a\":[1,2.50,null,\"" + name + "\"]}"));
        }

        @Cacheable("animals")
        public List<? extends Animal> animals(String name) {
            return called(List.of(new Dog(name)));
        }

        @Cacheable("anything")
        public Object anything(String name) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("dog", new Dog(name));
            map.put("long", 7L);
            map.put("int", 7);
            return called(map);
        }

        @Cacheable("generic")
        public <T> T generic(Class<T> type) throws ReflectiveOperationException {
            return called(type.getConstructor(String.class).newInstance("g"));
        }

        @Cacheable("results")
        public Result<Offer> result(String name) {
            return called(Result.of(Offer.builder().name(name).build()));
        }

        @Cacheable(
                cacheResolver = "byLength",
                cacheNames = {})
        public Dog resolved(String name) {
            return called(new Dog(name));
        }

        @CacheResult(cacheName = "standard")
        public Dog standard(String name) {
            return called(new Dog(name));
        }

        @Cacheable("optionals")
        public Optional<Dog> optional(String name) {
            return called(Optional.of(new Dog(name)));
        }

        @Cacheable("futures")
        public CompletableFuture<Dog> future(String name) {
            return called(CompletableFuture.completedFuture(new Dog(name)));
        }

        @Cacheable("monos")
        public Mono<Dog> mono(String name) {
            return Mono.fromSupplier(() -> called(new Dog(name)));
        }

        @Cacheable("fluxes")
        public Flux<Dog> flux(String name) {
            return Flux.defer(() -> called(Flux.just(new Dog(name), new Dog("second"))));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Shop.class, Offers.class, ClassLevel.class, Library.class})
    static class App {

        @Bean
        CacheResolver byLength(CacheManager manager) {
            return (CacheOperationInvocationContext<?> context) ->
                    List.of(manager.getCache("length" + ((String) context.getArgs()[0]).length()));
        }
    }

    private ConfigurableApplicationContext one;
    private ConfigurableApplicationContext two;

    @BeforeAll
    void start() {
        String keys = Apps.ownKeys();
        one = Apps.shared(App.class, keys);
        two = Apps.shared(App.class, keys);
    }

    @AfterAll
    void stop() {
        one.close();
        two.close();
    }

    /** A call of some method. */
    record Call(String name, Function<ConfigurableApplicationContext, Object> made) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Call shop(String name, Throwing call) {
        return new Call(name, app -> call.of(app.getBean(Shop.class)));
    }

    @FunctionalInterface
    interface Throwing {
        Object make(Shop shop) throws Exception;

        default Object of(Shop shop) {
            try {
                return make(shop);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static Stream<Call> calls() {
        return Stream.of(
                shop("a page of Spring Data", shop -> shop.page(2)),
                shop("rows of JdbcTemplate", shop -> shop.rows("t")),
                shop("a response", shop -> shop.response("r")),
                shop("a tree of JSON", shop -> shop.tree("t")),
                shop("a list of an interface", shop -> shop.animals("a")),
                shop("an object", shop -> shop.anything("o")),
                shop("a type variable of the method", shop -> shop.generic(Dog.class)),
                shop("a generic class", shop -> shop.result("r")),
                shop("through a cache resolver", shop -> shop.resolved("four")),
                shop("through JSR-107", shop -> shop.standard("s")),
                shop("an optional", shop -> shop.optional("o")),
                shop("a future", shop -> shop.future("f").get()),
                shop("a mono", shop -> shop.mono("m").block()),
                shop("a flux", shop -> shop.flux("f").collectList().block()),
                new Call(
                        "Lombok, from a generic base class",
                        app -> app.getBean(Offers.class).inherited("o")),
                new Call(
                        "the first method of a class",
                        app -> app.getBean(ClassLevel.class).first("c")),
                new Call(
                        "the second method of a class",
                        app -> app.getBean(ClassLevel.class).second("c", 2)),
                new Call(
                        "a data class of Kotlin",
                        app -> app.getBean(Library.class).book("b")),
                new Call(
                        "a sealed class of Kotlin",
                        app -> app.getBean(Library.class).stock("some")),
                new Call(
                        "an object of Kotlin", app -> app.getBean(Library.class).stock("none")),
                new Call(
                        "a data object of Kotlin",
                        app -> app.getBean(Library.class).stock("unknown")),
                new Call(
                        "the empty list of Kotlin",
                        app -> app.getBean(Library.class).books()),
                new Call(
                        "a suspending function of Kotlin",
                        app -> KindsKt.suspendedNow(app.getBean(Library.class), "s")));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void theOtherInstanceGetsItFromRedisWithItsFirstCall(Call call) {
        Object loaded = call.made().apply(one);
        Apps.hasArrived(one);
        int before = calls(two);

        Object got = call.made().apply(two);

        assertThat(got).isEqualTo(loaded);
        assertThat(got.getClass()).isEqualTo(loaded.getClass());
        assertThat(calls(two)).as("loads of the second instance").isEqualTo(before);
    }

    @Test
    void anObjectOfKotlinIsItself() {
        one.getBean(Library.class).stock("none");
        Apps.hasArrived(one);
        assertThat(two.getBean(Library.class).stock("none")).isSameAs(Stock.None.INSTANCE);
    }

    private static int calls(ConfigurableApplicationContext app) {
        return app.getBean(Shop.class).calls().get()
                + app.getBean(Offers.class).calls().get()
                + app.getBean(ClassLevel.class).calls().get()
                + app.getBean(Library.class).getCalls().get();
    }

    // ---------------------------------------------------------------------------------------- what the cache answers

    @Test
    void theMarkerOfANullIsANull() {
        Cache cache = one.getBean(CacheManager.class).getCache("nulls");
        cache.put("k", NullValue.INSTANCE);
        assertThat(cache.get("k").get()).isNull();
        assertThat(two.getBean(CacheManager.class).getCache("nulls").get("k").get())
                .isNull();
    }

    @Test
    void withRedisOnlyAnEvictReturnsWhetherTheKeyWasThere() {
        try (ConfigurableApplicationContext app =
                Apps.shared(App.class, Apps.ownKeys(), "tinyllm.cache.defaults.memory.enabled=false")) {
            Cache cache = app.getBean(CacheManager.class).getCache("only");
            assertThat(cache.evictIfPresent("k")).isFalse();
            assertThat(cache.invalidate()).isFalse();
            cache.put("k", "v");
            assertThat(cache.evictIfPresent("k")).isTrue();
            assertThat(cache.evictIfPresent("k")).isFalse();
            cache.put("k", "v");
            assertThat(cache.invalidate()).isTrue();
            assertThat(cache.invalidate()).isFalse();
        }
    }
}

package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Maybe;
import io.reactivex.rxjava3.core.Observable;
import io.reactivex.rxjava3.core.Single;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What Spring adapts to a publisher works in memory, with Redis, and with Redis alone. */
@Timeout(120)
class OtherPublisherTests {

    private static final ConfigurableApplicationContext MEMORY = Apps.start(App.class, Apps.PLAIN);
    private static final String KEYS = "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":";
    private static final ConfigurableApplicationContext REDIS = shared(true);
    private static final ConfigurableApplicationContext REDIS_ONLY = shared(false);

    private static ConfigurableApplicationContext shared(boolean memory) {
        return Apps.start(
                App.class,
                Apps.PLAIN,
                KEYS,
                "spring.data.redis.port=" + Apps.redis(),
                "tinyllm.cache.defaults.redis.enabled=true",
                "tinyllm.cache.defaults.redis.timeout=5s",
                "tinyllm.cache.defaults.memory.enabled=" + memory);
    }

    @AfterAll
    static void stop() {
        MEMORY.close();
        REDIS.close();
        REDIS_ONLY.close();
    }

    enum Type {
        SINGLE((service, key) -> service.single(key).blockingGet()),
        SYNCHRONIZED_SINGLE((service, key) -> service.synchronizedSingle(key).blockingGet()),
        MAYBE((service, key) -> service.maybe(key).blockingGet()),
        OBSERVABLE((service, key) -> service.observable(key).toList().blockingGet()),
        FLOWABLE((service, key) -> service.flowable(key).toList().blockingGet());

        private final BiFunction<Service, String, Object> call;

        Type(BiFunction<Service, String, Object> call) {
            this.call = call;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAPublisherHadIsAnsweredAgain(Type type) {
        for (ConfigurableApplicationContext app : List.of(MEMORY, REDIS, REDIS_ONLY)) {
            Service service = app.getBean(Service.class);
            // A key for each: what one instance has loaded may reach Redis after the answer of the next.
            String key = type + "again" + System.identityHashCode(app) + "-";
            Object first = type.call.apply(service, key);
            assertThat(first).isNotNull();
            assertThat(type.call.apply(service, key)).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatOneInstanceHasLoadedAnotherOneReads(Type type) {
        String key = type + "shared";
        Object first = type.call.apply(REDIS.getBean(Service.class), key);
        // A load sends without waiting; a put goes the same way behind it, and waits.
        REDIS.getBean(CacheManager.class).getCache("afterwards").put("sent", "before this");
        int calls = REDIS_ONLY.getBean(Service.class).calls();
        assertThat(type.call.apply(REDIS_ONLY.getBean(Service.class), key)).isEqualTo(first);
        assertThat(REDIS_ONLY.getBean(Service.class).calls()).isEqualTo(calls);
    }

    @ParameterizedTest
    @EnumSource
    void callersOfOneColdKeyMakeOneCall(Type type) throws Exception {
        for (ConfigurableApplicationContext app : List.of(MEMORY, REDIS, REDIS_ONLY)) {
            Service service = app.getBean(Service.class);
            int before = service.calls();
            Thread[] callers = new Thread[16];
            for (int i = 0; i < callers.length; i++) {
                callers[i] = new Thread(() -> type.call.apply(service, type + "slow"));
                callers[i].start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(service.calls() - before).isLessThanOrEqualTo(app == REDIS_ONLY ? 0 : 1);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class App {}

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();

        int calls() {
            return calls.get();
        }

        private String next(String key) {
            if (key.endsWith("slow")) {
                java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
            }
            return key + calls.incrementAndGet();
        }

        @Cacheable("singles")
        public Single<String> single(String key) {
            return Single.fromCallable(() -> next(key));
        }

        @Cacheable(cacheNames = "synchronizedSingles", sync = true)
        public Single<String> synchronizedSingle(String key) {
            return Single.fromCallable(() -> next(key));
        }

        @Cacheable("maybes")
        public Maybe<String> maybe(String key) {
            return Maybe.fromCallable(() -> next(key));
        }

        @Cacheable("observables")
        public Observable<String> observable(String key) {
            return Observable.defer(() -> Observable.just(next(key), "more"));
        }

        @Cacheable("flowables")
        public Flowable<String> flowable(String key) {
            return Flowable.defer(() -> Flowable.just(next(key), "more"));
        }
    }
}

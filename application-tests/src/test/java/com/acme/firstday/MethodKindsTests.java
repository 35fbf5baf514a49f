package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Maybe;
import io.reactivex.rxjava3.core.Observable;
import io.reactivex.rxjava3.core.Single;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheConfig;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.CacheOperationInvocationContext;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What each kind of cached method gets, cell by cell of the table in docs/in-your-application.md: in memory, with
 * Redis, and where it makes a difference with Redis alone.
 *
 * <p>A question says which cache is asked ({@code cache/rest}), so that one method serves caches of all settings.
 */
@Timeout(120)
class MethodKindsTests {

    private static final String KEYS = "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":";
    private static final Duration SHORT_LIFE = Duration.ofMillis(200);

    private static ConfigurableApplicationContext memory;
    private static ConfigurableApplicationContext redis;
    private static ConfigurableApplicationContext redisOnly;

    private static ConfigurableApplicationContext start(boolean memory, boolean redis) {
        return Apps.start(
                App.class,
                Apps.PLAIN,
                KEYS,
                "spring.data.redis.port=" + Apps.redis(),
                "tinyllm.cache.defaults.memory.enabled=" + memory,
                "tinyllm.cache.defaults.redis.enabled=" + redis,
                "tinyllm.cache.defaults.redis.timeout=5s",
                "tinyllm.cache.caches.remembering.negative.enabled=true",
                "tinyllm.cache.caches.revalidated.time-to-live=" + SHORT_LIFE.toMillis() + "ms",
                "tinyllm.cache.caches.revalidated.stale-while-revalidate=1h",
                "tinyllm.cache.caches.covered.time-to-live=" + SHORT_LIFE.toMillis() + "ms",
                "tinyllm.cache.caches.covered.stale-if-error=1h",
                // due after 72 ms
                "tinyllm.cache.caches.ahead.time-to-live=1h",
                "tinyllm.cache.caches.ahead.refresh-ahead=0.00002");
    }

    /** Starts, and lets the entries of all kinds grow old at the same time. */
    @BeforeAll
    static void start() {
        memory = start(true, false);
        redis = start(true, true);
        redisOnly = start(false, true);
        for (ConfigurableApplicationContext app : List.of(memory, redis)) {
            for (Kind kind : Kind.values()) {
                for (String cache : List.of("revalidated", "covered", "ahead")) {
                    assertThat(kind.ask(app, cache + "/old" + kind + app.hashCode()))
                            .startsWith(cache);
                }
            }
        }
        long filled = System.nanoTime();
        await().until(() -> System.nanoTime() - filled > 2 * SHORT_LIFE.toNanos());
    }

    @AfterAll
    static void stop() {
        memory.close();
        redis.close();
        redisOnly.close();
    }

    enum Kind {
        PLAIN {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).plain(question);
            }
        },
        SYNC {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).sync(question);
            }
        },
        OPTIONAL {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).optional(question).orElse(null);
            }
        },
        FUTURE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).future(question).join();
            }
        },
        SYNC_FUTURE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).syncFuture(question).join();
            }
        },
        MONO {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).mono(question).block();
            }
        },
        SYNC_MONO {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).syncMono(question).block();
            }
        },
        FLUX {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).flux(question).collectList().block();
            }
        },
        SINGLE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).single(question).blockingGet();
            }
        },
        SYNC_SINGLE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).syncSingle(question).blockingGet();
            }
        },
        MAYBE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).maybe(question).blockingGet();
            }
        },
        OBSERVABLE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).observable(question).toList().blockingGet();
            }
        },
        FLOWABLE {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(Service.class).flowable(question).toList().blockingGet();
            }
        },
        SUSPEND {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(SuspendingCalls.class).suspending(question);
            }
        },
        SYNC_SUSPEND {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(SuspendingCalls.class).syncSuspending(question);
            }
        },
        FLOW {
            @Override
            Object call(ConfigurableApplicationContext app, String question) {
                return app.getBean(SuspendingCalls.class).flow(question);
            }
        };

        /** Answers what the method gives in the end: a text, or a list of texts. */
        abstract Object call(ConfigurableApplicationContext app, String question);

        /** Answers the text that the method gives, the first of several, or null. */
        String ask(ConfigurableApplicationContext app, String question) {
            Object answer = call(app, question);
            if (answer instanceof List<?> several) {
                assertThat(several)
                        .as("whole")
                        .satisfiesAnyOf(
                                list -> assertThat(list).isEmpty(),
                                list -> assertThat(list).hasSize(2));
                return several.isEmpty() ? null : (String) several.get(0);
            }
            return (String) answer;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAMethodGaveIsAnsweredAgain(Kind kind) {
        for (ConfigurableApplicationContext app : List.of(memory, redis, redisOnly)) {
            // A key for each: what one instance has loaded may reach Redis after the answer of the next.
            String question = "plain/again" + kind + app.hashCode();
            assertThat(kind.ask(app, question)).isEqualTo(question + "#1");
            assertThat(kind.ask(app, question)).isEqualTo(question + "#1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatOneInstanceHasLoadedAnotherOneReads(Kind kind) {
        String question = "plain/shared" + kind;
        kind.ask(redis, question);
        // A load sends without waiting; a put goes the same way behind it, and waits.
        redis.getBean(CacheManager.class).getCache("afterwards").put("sent", "before this");
        assertThat(kind.ask(redisOnly, question)).isEqualTo(question + "#1");
        assertThat(backend(redisOnly).calls(question)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void callersOfOneColdKeyMakeOneCall(Kind kind) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (ConfigurableApplicationContext app : List.of(memory, redis, redisOnly)) {
                String question = "plain/slow" + kind + app.hashCode();
                List<Future<String>> callers = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    callers.add(threads.submit(() -> kind.ask(app, question)));
                }
                for (Future<String> caller : callers) {
                    assertThat(caller.get(60, TimeUnit.SECONDS)).isEqualTo(question + "#1");
                }
                assertThat(backend(app).calls(question)).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureIsRemembered(Kind kind) {
        for (ConfigurableApplicationContext app : List.of(memory, redis)) {
            String question = "remembering/failing" + kind + app.hashCode();
            backend(app).refuse(question);
            for (int i = 0; i < 3; i++) {
                assertThat(catchThrowable(() -> kind.ask(app, question)))
                        .satisfiesAnyOf(
                                failure -> assertThat(failure).isInstanceOf(Refused.class),
                                failure -> assertThat(failure).hasRootCauseInstanceOf(Refused.class));
            }
            assertThat(backend(app).calls(question)).isEqualTo(1);
        }
    }

    /** A single has something in it, or fails. */
    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"SINGLE", "SYNC_SINGLE"})
    void nothingIsRemembered(Kind kind) {
        for (ConfigurableApplicationContext app : List.of(memory, redis)) {
            for (String cache : List.of("plain", "remembering")) {
                String question = cache + "/nothing" + kind + app.hashCode();
                for (int i = 0; i < 3; i++) {
                    assertThat(kind.ask(app, question)).isNull();
                }
                assertThat(backend(app).calls(question)).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStaleAnswerIsServedWhileALoadReplacesIt(Kind kind) {
        for (ConfigurableApplicationContext app : List.of(memory, redis)) {
            String question = "revalidated/old" + kind + app.hashCode();
            assertThat(kind.ask(app, question)).isEqualTo(question + "#1");
            await().until(() -> !kind.ask(app, question).equals(question + "#1"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStaleAnswerCoversAFailure(Kind kind) {
        for (ConfigurableApplicationContext app : List.of(memory, redis)) {
            String question = "covered/old" + kind + app.hashCode();
            backend(app).refuse(question);
            assertThat(kind.ask(app, question)).isEqualTo(question + "#1");
            assertThat(backend(app).calls(question)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerThatIsReadLateInItsLifeIsRefreshedAhead(Kind kind) {
        for (ConfigurableApplicationContext app : List.of(memory, redis)) {
            String question = "ahead/old" + kind + app.hashCode();
            assertThat(kind.ask(app, question)).isEqualTo(question + "#1");
            await().until(() -> !kind.ask(app, question).equals(question + "#1"));
        }
    }

    private static Backend backend(ConfigurableApplicationContext app) {
        return app.getBean(Backend.class);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Backend.class, ByQuestion.class, Service.class, SuspendingMethods.class, SuspendingCalls.class})
    static class App {}

    /** Names the cache that a question is for. */
    @Component("byQuestion")
    static class ByQuestion implements CacheResolver {

        private final CacheManager caches;

        ByQuestion(CacheManager caches) {
            this.caches = caches;
        }

        @Override
        public Collection<? extends Cache> resolveCaches(CacheOperationInvocationContext<?> context) {
            String question = (String) context.getArgs()[0];
            return List.of(caches.getCache(question.substring(0, question.indexOf('/'))));
        }
    }

    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** What loads go to. */
    static class Backend implements Answering {

        private final Map<String, Integer> calls = new ConcurrentHashMap<>();
        private final Set<String> refused = ConcurrentHashMap.newKeySet();

        int calls(String question) {
            return calls.getOrDefault(question, 0);
        }

        void refuse(String question) {
            refused.add(question);
        }

        /** Answers a question with the number of the call, or with null. */
        @Override
        public String answer(String question) {
            int call = calls.merge(question, 1, Integer::sum);
            if (refused.contains(question)) {
                throw new Refused();
            }
            if (question.contains("/slow")) {
                LockSupport.parkNanos(50_000_000);
            }
            return question.contains("/nothing") ? null : question + "#" + call;
        }

        /** Answers a question with the number of the call and something more, or with nothing. */
        @Override
        public List<String> answers(String question) {
            String answer = answer(question);
            return answer == null ? List.of() : List.of(answer, "more");
        }
    }

    @CacheConfig(cacheResolver = "byQuestion")
    static class Service {

        private final Backend backend;

        Service(Backend backend) {
            this.backend = backend;
        }

        @Cacheable
        public String plain(String question) {
            return backend.answer(question);
        }

        @Cacheable(sync = true)
        public String sync(String question) {
            return backend.answer(question);
        }

        @Cacheable
        public Optional<String> optional(String question) {
            return Optional.ofNullable(backend.answer(question));
        }

        @Cacheable
        public CompletableFuture<String> future(String question) {
            return CompletableFuture.supplyAsync(() -> backend.answer(question));
        }

        @Cacheable(sync = true)
        public CompletableFuture<String> syncFuture(String question) {
            return CompletableFuture.supplyAsync(() -> backend.answer(question));
        }

        @Cacheable
        public Mono<String> mono(String question) {
            return Mono.fromCallable(() -> backend.answer(question));
        }

        @Cacheable(sync = true)
        public Mono<String> syncMono(String question) {
            return Mono.fromCallable(() -> backend.answer(question));
        }

        @Cacheable
        public Flux<String> flux(String question) {
            return Flux.defer(() -> Flux.fromIterable(backend.answers(question)));
        }

        @Cacheable
        public Single<String> single(String question) {
            return Single.fromCallable(() -> backend.answer(question));
        }

        @Cacheable(sync = true)
        public Single<String> syncSingle(String question) {
            return Single.fromCallable(() -> backend.answer(question));
        }

        @Cacheable
        public Maybe<String> maybe(String question) {
            return Maybe.fromCallable(() -> backend.answer(question));
        }

        @Cacheable
        public Observable<String> observable(String question) {
            return Observable.defer(() -> Observable.fromIterable(backend.answers(question)));
        }

        @Cacheable
        public Flowable<String> flowable(String question) {
            return Flowable.defer(() -> Flowable.fromIterable(backend.answers(question)));
        }
    }
}

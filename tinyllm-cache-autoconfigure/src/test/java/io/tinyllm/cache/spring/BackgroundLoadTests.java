package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.assembly.Extensions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.i18n.LocaleContextHolder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Background loads: with arguments that their caller has changed since, without what a thread knows, and queued up. */
@Timeout(60)
class BackgroundLoadTests {

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** The caller uses one request object for one page after the other, as loops do. */
    @Test
    void aRefreshOfAnArgumentThatWasReusedCachesNoOtherPagesValue() {
        Queue<Runnable> background = new ArrayDeque<>();
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                },
                Extensions.NONE,
                background::add,
                Pages.class)) {
            Pages pages = context.bean(Pages.class);
            Request request = new Request();
            request.page = 1;
            assertThat(pages.synchronous(request)).isEqualTo("content of page 1");
            context.pass(Duration.ofMinutes(6));
            assertThat(pages.synchronous(request)).isEqualTo("content of page 1"); // starts the refresh
            request.page = 2; // the caller goes on to the next page
            background.remove().run();

            Request another = new Request();
            another.page = 1;
            assertThat(pages.synchronous(another)).isEqualTo("content of page 1");
        }
    }

    /** A refresh that turns out to be one of another key stores nothing, but who waits is answered with it. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future", "mono", "synchronous mono", "flux"})
    void whoWaitsForARefreshIsNotAnsweredWithAnotherKeysValue(String style) throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                },
                Extensions.NONE,
                background::add,
                Pages.class)) {
            Pages pages = context.bean(Pages.class);
            Request request = new Request();
            request.page = 1;
            Pages.ask(style, pages, request);
            context.pass(Duration.ofMinutes(6));
            Pages.ask(style, pages, request); // starts the refresh
            request.page = 2; // the caller goes on to the next page
            context.pass(Duration.ofMinutes(5)); // page 1 expires
            Caller<String> waiter = Caller.of(() -> {
                        Request another = new Request();
                        another.page = 1;
                        return Pages.ask(style, pages, another);
                    })
                    .awaitAnsweredOrWaiting(); // for the refresh
            background.remove().run();
            assertThat(waiter.answer()).isEqualTo("content of page 1");
            assertThat(context.cache("pages").get(1).get().toString())
                    .matches("content of page 1|\\[content, of, page, 1]");
            assertThat(context.cache("pages").get(2)).isNull();
            assertThat(context.tiered("pages").loadsInProgress()).isZero();
        }
    }

    /** The key has the tenant in it, as the documentation asks for. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future", "mono", "synchronous mono", "flux"})
    void whoAsksDuringOrAfterARefreshIsNotAnsweredWithAnotherTenantsValue(String style) throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                },
                Extensions.NONE,
                background::add,
                Documents.class)) {
            Documents documents = context.bean(Documents.class);
            Tenant.as("acme", () -> Documents.ask(style, documents, "7"));
            context.pass(Duration.ofMinutes(6));
            Tenant.as("acme", () -> Documents.ask(style, documents, "7"));
            context.pass(Duration.ofMinutes(5));
            Caller<String> waiter = Caller.of(() -> Tenant.as("acme", () -> Documents.ask(style, documents, "7")))
                    .awaitAnsweredOrWaiting();
            threads.submit(background.remove()).get();
            assertThat(waiter.answer()).as("who waited").isEqualTo("document 7 of acme");
            assertThat(Tenant.as("acme", () -> Documents.ask(style, documents, "7")))
                    .as("who asked later")
                    .isEqualTo("document 7 of acme");
        }
    }

    /**
     * The key has the language of the request in it. Whoever runs the refresh speaks another one.
     */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future", "mono", "synchronous mono", "flux"})
    void aRefreshInAnotherLanguageChangesNoAnswer(String style) throws Exception {
        Queue<Runnable> background = new ArrayDeque<>();
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                },
                Extensions.NONE,
                background::add,
                Texts.class)) {
            Texts texts = context.bean(Texts.class);
            for (Locale language : new Locale[] {Locale.GERMAN, Locale.FRENCH}) {
                assertThat(speaking(language, () -> Texts.ask(style, texts, "hello")))
                        .isEqualTo("hello in " + language);
            }
            context.pass(Duration.ofMinutes(6));
            speaking(Locale.GERMAN, () -> Texts.ask(style, texts, "hello"));
            speaking(Locale.FRENCH, () -> Texts.ask(style, texts, "hello"));
            assertThat(background).hasSize(2);
            while (!background.isEmpty()) {
                Runnable refresh = background.remove();
                threads.submit(() -> speaking(Locale.FRENCH, Executors.callable(refresh)))
                        .get();
            }
            for (Locale language : new Locale[] {Locale.GERMAN, Locale.FRENCH}) {
                assertThat(speaking(language, () -> Texts.ask(style, texts, "hello")))
                        .isEqualTo("hello in " + language);
            }
            context.pass(Duration.ofMinutes(11));
            assertThat(speaking(Locale.GERMAN, () -> Texts.ask(style, texts, "hello")))
                    .isEqualTo("hello in de");
            assertThat(context.tiered("texts").loadsInProgress()).isZero();
        }
    }

    private static <T> T speaking(Locale language, Callable<T> action) throws Exception {
        LocaleContextHolder.setLocale(language);
        try {
            return action.call();
        } finally {
            LocaleContextHolder.resetLocaleContext();
        }
    }

    /** Sixteen threads load in the background for all caches: one slow backend takes them all. */
    @Test
    void aRefreshThatHasNotBegunFailsNoCaller() throws Exception {
        Queue<Runnable> background = new ArrayDeque<>(); // accepted, as by a pool whose threads are all busy
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                    settings.setLoadTimeout(Duration.ofSeconds(1));
                },
                Extensions.NONE,
                background::add,
                Pages.class)) {
            Pages pages = context.bean(Pages.class);
            Request request = new Request();
            request.page = 1;
            pages.plain(request);
            context.pass(Duration.ofMinutes(6));
            pages.plain(request); // its refresh waits for a thread
            context.pass(Duration.ofMinutes(5));
            long started = System.nanoTime();
            String answer;
            try {
                answer = pages.plain(request);
            } catch (RuntimeException failure) {
                answer = failure.toString();
            }
            assertThat(answer).isEqualTo("content of page 1");
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofMillis(900));
        }
    }

    @Test
    void anInterruptOfOneCallerFailsNoOther() throws Exception {
        try (StockContext stock = new StockContext(false, Slow.class)) {
            assertThat(interruptedLeader(stock.bean(Slow.class))).as("stock").isEqualTo("value");
        }
        try (CachingContext context = new CachingContext(settings -> {}, Slow.class)) {
            assertThat(interruptedLeader(context.bean(Slow.class))).as("ours").isEqualTo("value");
        }
    }

    /** What a second caller gets when the first, whose call is slow, is cancelled. */
    private static String interruptedLeader(Slow slow) throws Exception {
        Thread leader = new Thread(() -> {
            try {
                slow.load("key");
            } catch (Exception cancelled) {
                Thread.currentThread().interrupt();
            }
        });
        leader.start();
        slow.awaitBegun();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread other = new Thread(() -> {
            try {
                answer.complete(slow.load("key"));
            } catch (Exception failure) {
                answer.complete("failed: " + failure);
            }
        });
        other.start();
        await().until(() -> other.getState() == Thread.State.WAITING || other.getState() == Thread.State.TIMED_WAITING);
        leader.interrupt();
        leader.join();
        slow.release();
        return answer.get(20, TimeUnit.SECONDS);
    }

    public static final class Request {
        private int page;

        public int getPage() {
            return page;
        }
    }

    public static class Pages {

        @Cacheable(cacheNames = "pages", key = "#request.page", sync = true)
        public String synchronous(Request request) {
            return "content of page " + request.getPage();
        }

        @Cacheable(cacheNames = "pages", key = "#request.page")
        public String plain(Request request) {
            return "content of page " + request.getPage();
        }

        @Cacheable(cacheNames = "pages", key = "#request.page")
        public CompletableFuture<String> future(Request request) {
            return CompletableFuture.completedFuture("content of page " + request.getPage());
        }

        @Cacheable(cacheNames = "pages", key = "#request.page")
        public Mono<String> mono(Request request) {
            return Mono.fromSupplier(() -> "content of page " + request.getPage());
        }

        @Cacheable(cacheNames = "pages", key = "#request.page", sync = true)
        public Mono<String> synchronousMono(Request request) {
            return Mono.fromSupplier(() -> "content of page " + request.getPage());
        }

        @Cacheable(cacheNames = "pages", key = "#request.page")
        public Flux<String> flux(Request request) {
            return Flux.defer(() -> Flux.just("content", "of", "page", "" + request.getPage()));
        }

        static String ask(String style, Pages self, Request request) {
            return switch (style) {
                case "plain" -> self.plain(request);
                case "synchronous" -> self.synchronous(request);
                case "future" -> self.future(request).join();
                case "mono" -> self.mono(request).block();
                case "synchronous mono" -> self.synchronousMono(request).block();
                default -> String.join(" ", self.flux(request).toIterable());
            };
        }
    }

    public static final class Tenant {

        private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

        public static String current() {
            return CURRENT.get();
        }

        static <T> T as(String tenant, java.util.function.Supplier<T> action) {
            CURRENT.set(tenant);
            try {
                return action.get();
            } finally {
                CURRENT.remove();
            }
        }
    }

    public static class Documents {

        private static final String KEY = "T(io.tinyllm.cache.spring.BackgroundLoadTests$Tenant).current() + ':' + #id";

        @Cacheable(cacheNames = "documents", key = KEY)
        public String plain(String id) {
            return "document " + id + " of " + Tenant.current();
        }

        @Cacheable(cacheNames = "documents", key = KEY, sync = true)
        public String synchronous(String id) {
            return "document " + id + " of " + Tenant.current();
        }

        @Cacheable(cacheNames = "documents", key = KEY)
        public CompletableFuture<String> future(String id) {
            return CompletableFuture.completedFuture("document " + id + " of " + Tenant.current());
        }

        @Cacheable(cacheNames = "documents", key = KEY)
        public Mono<String> mono(String id) {
            String tenant = Tenant.current();
            return Mono.fromSupplier(() -> "document " + id + " of " + tenant);
        }

        @Cacheable(cacheNames = "documents", key = KEY, sync = true)
        public Mono<String> synchronousMono(String id) {
            return mono(id);
        }

        @Cacheable(cacheNames = "documents", key = KEY)
        public Flux<String> flux(String id) {
            return Flux.just("document", id, "of", "" + Tenant.current());
        }

        static String ask(String style, Documents self, String id) {
            return switch (style) {
                case "plain" -> self.plain(id);
                case "synchronous" -> self.synchronous(id);
                case "future" -> self.future(id).join();
                case "mono" -> self.mono(id).block();
                case "synchronous mono" -> self.synchronousMono(id).block();
                default -> String.join(" ", self.flux(id).toIterable());
            };
        }
    }

    /** Texts in the language of the request. */
    public static class Texts {

        private static final String KEY =
                "T(org.springframework.context.i18n.LocaleContextHolder).locale.language + ':' + #text";

        @Cacheable(cacheNames = "texts", key = KEY)
        public String plain(String text) {
            return text + " in " + LocaleContextHolder.getLocale();
        }

        @Cacheable(cacheNames = "texts", key = KEY, sync = true)
        public String synchronous(String text) {
            return text + " in " + LocaleContextHolder.getLocale();
        }

        @Cacheable(cacheNames = "texts", key = KEY)
        public CompletableFuture<String> future(String text) {
            return CompletableFuture.completedFuture(text + " in " + LocaleContextHolder.getLocale());
        }

        @Cacheable(cacheNames = "texts", key = KEY)
        public Mono<String> mono(String text) {
            return Mono.just(text + " in " + LocaleContextHolder.getLocale());
        }

        @Cacheable(cacheNames = "texts", key = KEY, sync = true)
        public Mono<String> synchronousMono(String text) {
            return Mono.just(text + " in " + LocaleContextHolder.getLocale());
        }

        @Cacheable(cacheNames = "texts", key = KEY)
        public Flux<String> flux(String text) {
            return Flux.just(text, "in", "" + LocaleContextHolder.getLocale());
        }

        static String ask(String style, Texts self, String text) {
            return switch (style) {
                case "plain" -> self.plain(text);
                case "synchronous" -> self.synchronous(text);
                case "future" -> self.future(text).join();
                case "mono" -> self.mono(text).block();
                case "synchronous mono" -> self.synchronousMono(text).block();
                default -> String.join(" ", self.flux(text).toIterable());
            };
        }
    }

    public static class Slow {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        @Cacheable("slow")
        public String load(String key) throws InterruptedException {
            begun.countDown();
            released.await();
            return "value";
        }

        public void awaitBegun() throws InterruptedException {
            begun.await();
        }

        public void release() {
            released.countDown();
        }
    }
}

package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.cache.transaction.TransactionAwareCacheManagerProxy;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** A transaction-aware manager: what a transaction has not committed is nobody else's to see. */
@Timeout(60)
class TransactionalLoadTests {

    @Test
    void whatATransactionReadOfItsOwnUncommittedWriteAnswersNobodyElse() throws Exception {
        assertThat(otherTransaction(new TransactionAwareCacheManagerProxy(stock())))
                .as("stock")
                .isEqualTo("ada");
        assertThat(otherTransaction(ours())).as("ours").isEqualTo("ada");
    }

    /** A transaction has deleted the user and finds it missing, then rolls back: nobody else is to find it missing. */
    @Test
    void whatATransactionThatRollsBackDidNotFindIsFoundByOthers() {
        CacheAssembler assembler = new CacheAssembler(
                System::nanoTime, Runnable::run, Runnable::run, TinyLlmCache.entryFactory(), Extensions.NONE);
        TinyLlmCacheManager manager = new TinyLlmCacheManager(
                name -> {
                    CacheSettings settings = new CacheSettings();
                    settings.getNegative().setEnabled(true);
                    return assembler.assemble(new CacheDefinition(name, "test", settings));
                },
                true);
        manager.setTransactionAware(true);
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.registerBean(CacheManager.class, () -> manager);
            context.registerBean(CacheInterceptorReplacer.class, () -> new CacheInterceptorReplacer());
            context.register(Caching.class, Users.class);
            context.refresh();
            Users users = context.getBean(Users.class);
            TransactionTemplate transaction = new TransactionTemplate(new Transactions());
            transaction.executeWithoutResult(status -> {
                users.delete(); // not committed
                assertThatThrownBy(() -> users.existing(1)).hasMessage("no such user");
                status.setRollbackOnly();
            });
            users.rolledBack();
            assertThat(users.existing(1)).isEqualTo("ada");
        }
    }

    // ------------------------------------------------------------------------------------------------------ siblings

    /** Where the manager is not transaction-aware, what a transaction reads is cached as the method returns. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future"})
    void withoutAwarenessNobodyWaitsEitherAndTheValueIsCachedAtTheReturn(String style) throws Exception {
        TinyLlmCacheManager manager = manager(settings -> {});
        try (AnnotationConfigApplicationContext context = context(manager)) {
            Users users = context.getBean(Users.class);
            TransactionTemplate transaction = new TransactionTemplate(new Transactions());
            Thread renaming = new Thread(() -> transaction.executeWithoutResult(status -> {
                users.rename("grace"); // not committed
                Users.ask(style, users, 1);
                status.setRollbackOnly();
            }));
            renaming.start();
            users.awaitReading();
            assertThat(CompletableFuture.supplyAsync(() -> Users.ask(style, users, 1), task -> new Thread(task).start())
                            .get(20, TimeUnit.SECONDS))
                    .isEqualTo("ada");
            users.goOn();
            renaming.join();
            assertThat(manager.getCache("styles").get(1).get())
                    .as("the load that began later")
                    .isEqualTo("ada");
            transaction.executeWithoutResult(status -> {
                users.rename("alan");
                Users.ask(style, users, 2);
                assertThat(manager.getCache("styles").get(2).get()).isEqualTo("alan");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future"})
    void withAwarenessTheValueIsCachedAfterTheCommitAndNotAfterARollback(String style) {
        for (boolean commits : new boolean[] {true, false}) {
            TinyLlmCacheManager manager = manager(settings -> {});
            manager.setTransactionAware(true);
            try (AnnotationConfigApplicationContext context = context(manager)) {
                Users users = context.getBean(Users.class);
                TransactionTemplate transaction = new TransactionTemplate(new Transactions());
                transaction.executeWithoutResult(status -> {
                    assertThat(Users.ask(style, users, 1)).isEqualTo("ada");
                    assertThat(manager.getCache("styles").get(1)).isNull();
                    if (!commits) {
                        status.setRollbackOnly();
                    }
                });
                assertThat(manager.getCache("styles").get(1) != null).isEqualTo(commits);
                assertThat(((TieredCache) manager.getCache("styles").getNativeCache()).loadsInProgress())
                        .isZero();
            }
        }
    }

    /** Another transaction has changed the row and evicted the key, between the read of this one and its commit. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future"})
    void whatIsCachedAfterTheCommitDoesNotBeatANewerEvict(String style) {
        TinyLlmCacheManager manager = manager(settings -> {});
        manager.setTransactionAware(true);
        try (AnnotationConfigApplicationContext context = context(manager)) {
            Users users = context.getBean(Users.class);
            new TransactionTemplate(new Transactions()).executeWithoutResult(status -> {
                Users.ask(style, users, 1);
                Thread other = new Thread(() -> manager.getCache("styles").evict(1));
                other.start();
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(manager.getCache("styles").get(1)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future"})
    void aTransactionThatCannotWriteSharesItsLoads(String style) throws Exception {
        TinyLlmCacheManager manager = manager(settings -> {});
        try (AnnotationConfigApplicationContext context = context(manager)) {
            Users users = context.getBean(Users.class);
            TransactionTemplate reading = new TransactionTemplate(new Transactions());
            reading.setReadOnly(true);
            users.holdUp();
            Caller<String> first = Caller.of(() -> reading.execute(status -> Users.ask(style, users, 1)));
            users.awaitReading();
            Caller<String> second = Caller.of(() -> reading.execute(status -> Users.ask(style, users, 1)))
                    .awaitWaiting(); // for the first
            assertThat(second.isAnswered()).isFalse();
            users.goOn();
            assertThat(first.answer()).isEqualTo("ada");
            assertThat(second.answer()).isEqualTo("ada");
            assertThat(users.calls()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "synchronous", "future"})
    void aFailureInATransactionIsRememberedForNobody(String style) {
        TinyLlmCacheManager manager = manager(settings -> settings.getNegative().setEnabled(true));
        try (AnnotationConfigApplicationContext context = context(manager)) {
            Users users = context.getBean(Users.class);
            new TransactionTemplate(new Transactions()).executeWithoutResult(status -> {
                users.delete(); // not committed
                assertThatThrownBy(() -> Users.ask(style, users, 1)).hasStackTraceContaining("no such user");
                status.setRollbackOnly();
            });
            users.rolledBack();
            assertThat(Users.ask(style, users, 1)).isEqualTo("ada");
        }
    }

    private static TinyLlmCacheManager manager(Consumer<CacheSettings> customizer) {
        CacheAssembler assembler = new CacheAssembler(
                System::nanoTime, Runnable::run, Runnable::run, TinyLlmCache.entryFactory(), Extensions.NONE);
        return new TinyLlmCacheManager(
                name -> {
                    CacheSettings settings = new CacheSettings();
                    customizer.accept(settings);
                    return assembler.assemble(new CacheDefinition(name, "test", settings));
                },
                true);
    }

    private static AnnotationConfigApplicationContext context(CacheManager manager) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(CacheManager.class, () -> manager);
        context.registerBean(CacheInterceptorReplacer.class, () -> new CacheInterceptorReplacer());
        context.register(Caching.class, Users.class);
        context.refresh();
        return context;
    }

    private static CacheManager stock() {
        CaffeineCacheManager manager = new CaffeineCacheManager();
        manager.setCaffeine(Caffeine.newBuilder().maximumSize(100));
        return manager;
    }

    private static CacheManager ours() {
        CacheAssembler assembler = new CacheAssembler(
                System::nanoTime, Runnable::run, Runnable::run, TinyLlmCache.entryFactory(), Extensions.NONE);
        TinyLlmCacheManager manager = new TinyLlmCacheManager(
                name -> assembler.assemble(new CacheDefinition(name, "test", new CacheSettings())), true);
        manager.setTransactionAware(true);
        return manager;
    }

    /** What a transaction reads while another has renamed the user and reads it too; that one is rolled back. */
    private static String otherTransaction(CacheManager manager) throws Exception {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.registerBean(CacheManager.class, () -> manager);
            if (manager instanceof TinyLlmCacheManager) {
                context.registerBean(CacheInterceptorReplacer.class, () -> new CacheInterceptorReplacer());
            }
            context.register(Caching.class, Users.class);
            context.refresh();
            Users users = context.getBean(Users.class);
            TransactionTemplate transaction = new TransactionTemplate(new Transactions());
            Thread renaming = new Thread(() -> transaction.executeWithoutResult(status -> {
                users.rename("grace"); // not committed
                users.name(1);
                status.setRollbackOnly();
            }));
            renaming.start();
            users.awaitReading();
            CompletableFuture<String> answer = new CompletableFuture<>();
            Thread other = new Thread(() -> answer.complete(transaction.execute(status -> users.name(1))));
            other.start();
            // It has its answer, or waits for the first.
            await().until(() -> !other.isAlive()
                    || other.getState() == Thread.State.WAITING
                    || other.getState() == Thread.State.TIMED_WAITING);
            users.goOn();
            renaming.join();
            return answer.get(20, TimeUnit.SECONDS);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Caching {}

    public static class Users {

        private final ThreadLocal<String> uncommitted = new ThreadLocal<>();
        private final CountDownLatch reading = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        public void rename(String name) {
            uncommitted.set(name);
        }

        @Cacheable("users")
        public String name(int id) {
            String own = uncommitted.get();
            if (own != null) {
                reading.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return own;
            }
            return "ada";
        }

        private final AtomicInteger calls = new AtomicInteger();
        private volatile boolean heldUp;

        static String ask(String style, Users self, int id) {
            return switch (style) {
                case "plain" -> self.plain(id);
                case "synchronous" -> self.synchronous(id);
                default -> self.future(id).join();
            };
        }

        public void holdUp() {
            heldUp = true;
        }

        public int calls() {
            return calls.get();
        }

        @Cacheable("styles")
        public String plain(int id) {
            return read();
        }

        @Cacheable(cacheNames = "styles", sync = true)
        public String synchronous(int id) {
            return read();
        }

        @Cacheable("styles")
        public CompletableFuture<String> future(int id) {
            return CompletableFuture.completedFuture(read());
        }

        private String read() {
            calls.incrementAndGet();
            String own = uncommitted.get();
            if ("".equals(own)) {
                throw new IllegalArgumentException("no such user");
            }
            if (own != null || heldUp) {
                reading.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return own == null ? "ada" : own;
        }

        public void delete() {
            uncommitted.set("");
        }

        public void rolledBack() {
            uncommitted.remove();
        }

        @Cacheable("existing")
        public String existing(int id) {
            if (uncommitted.get() != null) {
                throw new IllegalArgumentException("no such user");
            }
            return "ada";
        }

        public void awaitReading() throws InterruptedException {
            reading.await();
        }

        public void goOn() {
            goOn.countDown();
        }
    }

    private static final class Transactions extends AbstractPlatformTransactionManager {

        private static final long serialVersionUID = 1L;

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }
}

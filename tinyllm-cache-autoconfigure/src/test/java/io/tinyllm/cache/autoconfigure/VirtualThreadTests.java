package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Callers on virtual threads: a load that waits does not hold the thread of the processor that others need. */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadTests {

    /** Many more than there are processors, each of which carries one pinned thread. */
    private static final int CALLERS = 200;

    @Test
    @Timeout(60)
    void asManyLoadsWaitAtATimeAsThereAreCallers() {
        run(Service::plain);
    }

    @Test
    @Timeout(60)
    void asManySynchronizedLoadsWaitAtATimeAsThereAreCallers() {
        run(Service::synchronizedByTheCache);
    }

    /** All wait for the one load that one of them leads. */
    @Test
    @Timeout(60)
    void whoWaitsForTheLoadOfAnotherHoldsNoThreadEither() {
        run((service, key) -> key % 2 == 0 ? service.plain(key) : service.one());
    }

    private interface Call {

        int of(Service service, int key);
    }

    private static void run(Call call) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    // A try with resources would need a later Java than the tests are compiled for.
                    ExecutorService threads = virtualThreads();
                    try {
                        List<Future<Integer>> answers = new ArrayList<>();
                        for (int i = 0; i < CALLERS; i++) {
                            int key = i;
                            answers.add(threads.submit(() -> call.of(service, key)));
                        }
                        for (Future<Integer> answer : answers) {
                            assertThat(answer.get(30, TimeUnit.SECONDS)).isPositive();
                        }
                    } finally {
                        threads.shutdownNow();
                    }
                });
    }

    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Service service() {
            return new Service();
        }
    }

    static class Service {

        /** Half of the callers at least have to be in their loads at the same time. */
        private final CountDownLatch inside = new CountDownLatch(CALLERS / 2);

        @Cacheable("plain")
        public int plain(int key) {
            return meet(key);
        }

        @Cacheable(value = "synchronized", sync = true)
        public int synchronizedByTheCache(int key) {
            return meet(key);
        }

        @Cacheable("one")
        public int one() {
            try {
                inside.await();
                return 1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }

        private int meet(int key) {
            inside.countDown();
            try {
                inside.await();
                return key + 1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
    }
}

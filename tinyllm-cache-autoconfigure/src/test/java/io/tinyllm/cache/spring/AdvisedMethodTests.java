package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.assembly.Extensions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.aspectj.lang.annotation.After;
import org.aspectj.lang.annotation.AfterReturning;
import org.aspectj.lang.annotation.AfterThrowing;
import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.Before;
import org.junit.jupiter.api.Test;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;

/** An aspect of the application's on a cached method, as for logging, auditing or measuring. */
class AdvisedMethodTests {

    @Test
    void aRefreshWorksForAMethodWithoutAspects() {
        assertThat(refreshed(Calls.class)).isEqualTo("answer 2");
    }

    @Test
    void aRefreshWorksForAMethodWithABeforeAdvice() {
        assertThat(refreshed(Calls.class, Aspects.class, Before1.class)).isEqualTo("answer 2");
    }

    @Test
    void aRefreshWorksForAMethodWithAnAfterReturningAdvice() {
        assertThat(refreshed(Calls.class, Aspects.class, AfterReturning1.class)).isEqualTo("answer 2");
    }

    @Test
    void aRefreshWorksForAMethodWithAnAfterAdvice() {
        assertThat(refreshed(Calls.class, Aspects.class, After1.class)).isEqualTo("answer 2");
    }

    private static String refreshed(Class<?>... beans) {
        try (CachingContext context = new CachingContext(
                settings -> {
                    settings.setTimeToLive(Duration.ofMinutes(10));
                    settings.setRefreshAhead(0.5);
                },
                Extensions.NONE,
                AdvisedMethodTests::onAnotherThread,
                beans)) {
            Calls calls = context.bean(Calls.class);
            calls.answer("key");
            context.pass(Duration.ofMinutes(6));
            calls.answer("key"); // refreshes it in the background
            String answer = calls.answer("key");
            assertThat(context.tiered("calls").counters().loadFailures()).isZero();
            return answer;
        }
    }

    private static void onAnotherThread(Runnable load) {
        Thread thread = new Thread(load);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAspectJAutoProxy
    static class Aspects {}

    @Aspect
    static class Before1 {
        @Before("execution(* io.tinyllm.cache.spring.AdvisedMethodTests.Calls.*(..))")
        public void before() {}
    }

    @Aspect
    static class AfterReturning1 {
        @AfterReturning("execution(* io.tinyllm.cache.spring.AdvisedMethodTests.Calls.*(..))")
        public void after() {}
    }

    @Aspect
    static class After1 {
        @After("execution(* io.tinyllm.cache.spring.AdvisedMethodTests.Calls.*(..))")
        public void after() {}

        @AfterThrowing("execution(* io.tinyllm.cache.spring.AdvisedMethodTests.Calls.*(..))")
        public void thrown() {}
    }

    public static class Calls {

        private final AtomicInteger count = new AtomicInteger();

        @Cacheable("calls")
        public String answer(String key) {
            return "answer " + count.incrementAndGet();
        }
    }
}

package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.StoredForm;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What an application may say of the types that are shared. */
@ExtendWith(OutputCaptureExtension.class)
class AllowedTypesTests {

    public interface Animal {}

    public record Dog(String name) implements Animal {}

    public record Extra(String name) {}

    public static final class Counter {
        private final int value;
        private final ReentrantLock lock = new ReentrantLock();

        Counter(int value) {
            this.value = value;
        }

        int value() {
            lock.lock();
            try {
                return value;
            } finally {
                lock.unlock();
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Kennel.class)
    static class App {}

    static class Kennel {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        @Cacheable("animals")
        public Animal animal(String name) {
            calls.incrementAndGet();
            return new Dog(name);
        }

        @Cacheable("counters")
        public Counter counter(int value) {
            calls.incrementAndGet();
            return new Counter(value);
        }
    }

    @Test
    void withoutTheApplicationsPackagesAnInstanceReadsWhatItHasWrittenItself() {
        String[] properties = {
            Apps.ownKeys(), "tinyllm.cache.redis.application-types=false", "tinyllm.cache.defaults.memory.enabled=false"
        };
        try (ConfigurableApplicationContext first = Apps.shared(App.class, properties);
                ConfigurableApplicationContext second = Apps.shared(App.class, properties)) {
            Kennel one = first.getBean(Kennel.class);
            Kennel two = second.getBean(Kennel.class);
            one.animal("a");
            one.animal("b");
            Apps.hasArrived(first);
            assertThat(one.animal("a")).isEqualTo(new Dog("a"));
            assertThat(one.calls()).as("it has written the class").hasValue(2);

            assertThat(two.animal("a")).isEqualTo(new Dog("a"));
            assertThat(two.calls())
                    .as("nothing says that an animal may be a dog")
                    .hasValue(1);
            assertThat(two.animal("b")).isEqualTo(new Dog("b"));
            assertThat(two.calls()).as("it has written a dog since").hasValue(1);
        }
    }

    @Test
    void whatIsAllowedIsAddedToWhatMethodsDeclare() {
        String[] properties = {
            Apps.ownKeys(), "tinyllm.cache.redis.allowed-types=" + Extra.class.getName(),
        };
        try (ConfigurableApplicationContext first = Apps.shared(App.class, properties);
                ConfigurableApplicationContext second = Apps.shared(App.class, properties)) {
            first.getBean(CacheManager.class).getCache("animals").put("extra", new Extra("e"));
            assertThat(second.getBean(CacheManager.class).getCache("animals").get("extra"))
                    .extracting(wrapper -> wrapper.get())
                    .isEqualTo(new Extra("e"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class WithForm {

        @Bean
        StoredForm<Counter> counterForm() {
            return new CounterForm();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(WithForm.class)
    static class WithTwoForms {

        @Bean
        StoredForm<Counter> another() {
            return new CounterForm();
        }
    }

    static class CounterForm implements StoredForm<Counter> {

        @Override
        public Class<Counter> type() {
            return Counter.class;
        }

        @Override
        public Object write(Counter value) {
            return value.value();
        }

        @Override
        public Counter read(Object form) {
            return new Counter((Integer) form);
        }
    }

    @Test
    void aStoredFormMakesATypeOneThatIsShared() {
        String keys = Apps.ownKeys();
        try (ConfigurableApplicationContext first = Apps.shared(WithForm.class, keys);
                ConfigurableApplicationContext second = Apps.shared(WithForm.class, keys)) {
            first.getBean(Kennel.class).counter(7);
            Apps.hasArrived(first);
            assertThat(second.getBean(Kennel.class).counter(7).value()).isEqualTo(7);
            assertThat(second.getBean(Kennel.class).calls()).hasValue(0);
        }
    }

    @Test
    void twoStoredFormsOfOneTypeStopTheStart(CapturedOutput output) {
        assertThatThrownBy(() -> Apps.start(WithTwoForms.class)).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains(Counter.class.getName())
                .contains("StoredForm");
    }
}

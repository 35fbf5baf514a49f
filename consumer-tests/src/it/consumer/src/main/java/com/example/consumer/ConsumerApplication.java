package com.example.consumer;

import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.stereotype.Service;

@SpringBootApplication
public class ConsumerApplication {

    public static void main(String[] args) {
        SpringApplication.run(ConsumerApplication.class, args);
    }

    /** What a quote costs: slow, and the same for a while. */
    @Service
    public static class Quotes {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("quotes")
        public Quote quote(String symbol) {
            return new Quote(symbol, calls.incrementAndGet());
        }

        @CacheEvict("quotes")
        public void forget(String symbol) {}

        public int calls() {
            return calls.get();
        }
    }

    public record Quote(String symbol, int call) {}
}

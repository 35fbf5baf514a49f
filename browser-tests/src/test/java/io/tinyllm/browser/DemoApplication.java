package io.tinyllm.browser;

import io.tinyllm.cache.BackingStore;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application with something of everything, whose caches a person may want to look at. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class DemoApplication {

    @Bean
    Shop shop() {
        return new Shop();
    }

    @Bean
    OrderStore orderStore() {
        return new OrderStore();
    }

    /** What is slow. */
    static class Shop {

        @Cacheable("answers")
        public String answer(String prompt) {
            LockSupport.parkNanos(20_000_000);
            return "An answer to " + prompt;
        }

        @Cacheable("prices")
        public @Nullable Integer price(String article) {
            LockSupport.parkNanos(3_000_000);
            if (article.startsWith("gone")) {
                throw new IllegalStateException("There is no such article");
            }
            return article.length();
        }

        @CachePut(cacheNames = "orders", key = "#id")
        public String order(String id, String what) {
            return what;
        }
    }

    /** A store that does not take what is called poison, until it is healed. */
    static class OrderStore implements BackingStore<String, String> {

        private final Map<String, String> rows = new ConcurrentHashMap<>();
        private volatile boolean healed;

        void heal() {
            healed = true;
        }

        @Override
        public Set<String> cacheNames() {
            return Set.of("orders");
        }

        @Override
        public @Nullable String load(String key) {
            return rows.get(key);
        }

        @Override
        public void writeAll(Map<String, String> entries) {
            if (!healed && entries.keySet().stream().anyMatch(key -> key.contains("poison"))) {
                throw new IllegalStateException("The table has a rule against it");
            }
            rows.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            keys.forEach(rows::remove);
        }
    }
}

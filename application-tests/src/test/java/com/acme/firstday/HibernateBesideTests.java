package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.PersistenceContext;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.annotation.Transactional;

/** Hibernate's second-level cache, with a JCache manager of its own, beside the application's cached methods. */
class HibernateBesideTests {

    @Test
    void eachCachesItsOwn() {
        try (var app = Apps.start(
                App.class,
                "spring.jpa.properties.hibernate.cache.use_second_level_cache=true",
                "spring.jpa.properties.hibernate.cache.region.factory_class=jcache",
                "spring.jpa.properties.hibernate.javax.cache.provider=com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider",
                "spring.jpa.properties.hibernate.javax.cache.missing_cache_strategy=create",
                "spring.jpa.properties.hibernate.generate_statistics=true",
                "logging.level.org.hibernate.engine.internal.StatisticalLoggingSessionEventListener=WARN")) {
            Shops shops = app.getBean(Shops.class);
            shops.open(1, "corner");
            var statistics = app.getBean(EntityManagerFactory.class)
                    .unwrap(SessionFactory.class)
                    .getStatistics();
            statistics.clear();
            assertThat(shops.find(1)).isEqualTo("corner");
            assertThat(shops.find(1)).isEqualTo("corner");
            assertThat(statistics.getSecondLevelCacheHitCount()).isEqualTo(2);
            assertThat(statistics.getPrepareStatementCount()).isZero();
            assertThat(shops.name(1)).isEqualTo("corner");
            assertThat(shops.name(1)).isEqualTo("corner");
            assertThat(statistics.getSecondLevelCacheHitCount()).isEqualTo(3);
            assertThat(app.getBean(CacheManager.class).getCacheNames()).containsExactly("names");
        }
    }

    @Entity(name = "Shop")
    @Cacheable
    static class Shop {

        @Id
        long id;

        String name;
    }

    @Transactional
    static class Shops {

        @PersistenceContext
        EntityManager entities;

        public void open(long id, String name) {
            Shop shop = new Shop();
            shop.id = id;
            shop.name = name;
            entities.persist(shop);
        }

        public String find(long id) {
            return entities.find(Shop.class, id).name;
        }

        @org.springframework.cache.annotation.Cacheable("names")
        public String name(long id) {
            return find(id);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = HibernateBesideTests.class)
    @Import(Shops.class)
    static class App {}
}

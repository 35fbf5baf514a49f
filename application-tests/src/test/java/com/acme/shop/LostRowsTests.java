package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnore;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.PersistenceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.annotation.Transactional;

/** Whoever takes an entity from the cache, changes something of it and saves it, loses none of its rows. */
class LostRowsTests {

    @Entity(name = "Purchase")
    public static class Purchase {
        @Id
        Long id;

        String note;

        @JsonIgnore
        @OneToMany(mappedBy = "purchase", cascade = CascadeType.ALL, orphanRemoval = true)
        List<Line> lines = new ArrayList<>();
    }

    @Entity(name = "PurchaseLine")
    public static class Line {
        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Purchase purchase;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = LostRowsTests.class)
    @Import(Purchases.class)
    static class App {}

    static class Purchases {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        @PersistenceContext
        EntityManager entities;

        @Cacheable("purchases")
        @Transactional(readOnly = true)
        public Purchase purchase(long id, boolean withLines) {
            calls.incrementAndGet();
            Purchase purchase = entities.find(Purchase.class, id);
            if (withLines) {
                purchase.lines.size();
            }
            return purchase;
        }

        @Transactional
        public void save(Purchase purchase) {
            entities.merge(purchase);
        }

        @Transactional
        public void fill() {
            Purchase purchase = new Purchase();
            purchase.id = 1L;
            for (long i = 0; i < 3; i++) {
                Line line = new Line();
                line.id = i;
                line.purchase = purchase;
                purchase.lines.add(line);
            }
            entities.persist(purchase);
        }

        @Transactional(readOnly = true)
        public long lines() {
            return entities.createQuery("select count(l) from PurchaseLine l", Long.class)
                    .getSingleResult();
        }
    }

    /**
     * With lazy lines that are loaded the entity is shared, with ones that are not it is not; either way no row is
     * lost.
     */
    @ParameterizedTest
    @CsvSource({"false, false, 1", "true, false, 1", "true, true, 0"})
    void savingACachedEntityKeepsItsLines(boolean redis, boolean withLines, int loadsOfTheSecond) {
        String[] properties = {
            Apps.ownKeys(),
            redis ? Apps.sharing() : "tinyllm.cache.defaults.redis.enabled=false",
            "spring.datasource.url=jdbc:h2:mem:rows" + redis + withLines + ";DB_CLOSE_DELAY=-1"
        };
        try (ConfigurableApplicationContext first = Apps.withDatabase(App.class, properties);
                ConfigurableApplicationContext second = Apps.withDatabase(App.class, properties)) {
            if (redis) {}
            Purchases one = first.getBean(Purchases.class);
            Purchases two = second.getBean(Purchases.class);
            one.fill();
            one.purchase(1, withLines);
            if (redis) {
                Apps.hasArrived(first);
            }

            Purchase purchase = two.purchase(1, withLines);
            purchase.note = "paid";
            two.save(purchase);

            assertThat(one.lines()).isEqualTo(3);
            assertThat(two.calls()).hasValue(loadsOfTheSecond);
        }
    }
}

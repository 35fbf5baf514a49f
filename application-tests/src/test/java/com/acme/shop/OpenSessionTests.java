package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.PersistenceContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.annotation.Transactional;

/** Inside an open session nothing is loaded that the application did not ask for. */
class OpenSessionTests {

    @Entity(name = "Shop")
    public static class Shop {
        @Id
        Long id;

        String name;

        @OneToMany(mappedBy = "shop", cascade = CascadeType.ALL)
        List<Shelf> shelves = new ArrayList<>();
    }

    @Entity(name = "Shelf")
    public static class Shelf {
        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Shop shop;
    }

    /** Without a way back: whoever follows it writes the whole tree. */
    @Entity(name = "Tree")
    public static class Tree {
        @Id
        Long id;

        @OneToMany(cascade = CascadeType.ALL)
        @JoinColumn
        List<Branch> branches = new ArrayList<>();
    }

    @Entity(name = "Branch")
    public static class Branch {
        @Id
        Long id;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = OpenSessionTests.class)
    @Import({Shops.class, Outer.class})
    static class App {}

    static class Shops {
        @PersistenceContext
        EntityManager entities;

        @Cacheable("shops")
        public Shop shop(long id) {
            return entities.find(Shop.class, id);
        }

        @Cacheable("shelves")
        public Shelf shelf(long id) {
            return entities.find(Shelf.class, id);
        }

        @Cacheable("trees")
        public Tree tree(long id) {
            return entities.find(Tree.class, id);
        }
    }

    static class Outer {
        private final Shops shops;

        @PersistenceContext
        EntityManager entities;

        Outer(Shops shops) {
            this.shops = shops;
        }

        @Transactional
        public void fill() {
            Shop shop = new Shop();
            shop.id = 1L;
            shop.name = "corner";
            Tree tree = new Tree();
            tree.id = 1L;
            for (long i = 0; i < 20; i++) {
                Shelf shelf = new Shelf();
                shelf.id = i;
                shelf.shop = shop;
                shop.shelves.add(shelf);
                Branch branch = new Branch();
                branch.id = i;
                tree.branches.add(branch);
            }
            entities.persist(shop);
            entities.persist(tree);
        }

        @Transactional(readOnly = true)
        public void shop(long id) {
            assertThat(shops.shop(id).name).isEqualTo("corner");
        }

        @Transactional(readOnly = true)
        public void shelf(long id) {
            assertThat(shops.shelf(id).id).isEqualTo(id);
        }

        @Transactional(readOnly = true)
        public void tree(long id) {
            assertThat(shops.tree(id).id).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis", "snapshot", "bypass by size"})
    void oneQueryIsOneQuery(String what, @TempDir Path directory) {
        String feature = switch (what) {
            case "redis" -> Apps.sharing();
            case "snapshot" -> "tinyllm.cache.defaults.snapshot.enabled=true";
            default -> "tinyllm.cache.defaults.bypass.maximum-value-size=1MB";
        };
        try (ConfigurableApplicationContext app = Apps.withDatabase(
                App.class,
                feature,
                Apps.ownKeys(),
                "tinyllm.cache.snapshots.directory=" + directory,
                "spring.jpa.properties.hibernate.generate_statistics=true",
                "logging.level.org.hibernate.session.metrics=WARN",
                "spring.datasource.url=jdbc:h2:mem:open" + what.length() + ";DB_CLOSE_DELAY=-1")) {
            if (what.equals("redis")) {}
            Outer outer = app.getBean(Outer.class);
            outer.fill();
            Statistics statistics = app.getBean(EntityManagerFactory.class)
                    .unwrap(SessionFactory.class)
                    .getStatistics();
            for (Runnable query : List.<Runnable>of(() -> outer.shop(1), () -> outer.shelf(1), () -> outer.tree(1))) {
                statistics.clear();
                query.run();
                assertThat(statistics.getPrepareStatementCount()).as(what).isEqualTo(1);
                assertThat(statistics.getEntityLoadCount()).as(what).isEqualTo(1);
            }
        }
    }
}

package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tinyllm.cache.codec.ValueCodec.Decoded;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Entities of a real Hibernate: what is loaded is written, what is not is refused, and nothing is loaded for it. */
class HibernateValuesTests {

    @Entity(name = "Customer")
    static class Customer {
        @Id
        Long id;

        String name;

        @OneToMany(cascade = CascadeType.ALL, fetch = FetchType.LAZY)
        List<Line> lines = new ArrayList<>();

        @ManyToOne(fetch = FetchType.LAZY)
        Region region;

        @OneToMany(mappedBy = "customer", cascade = CascadeType.ALL)
        Set<Note> notes = new HashSet<>();
    }

    @Entity(name = "Line")
    static class Line {
        @Id
        Long id;

        String text;
    }

    @Entity(name = "Region")
    static class Region {
        @Id
        Long id;

        String code;

        String code() {
            return code;
        }
    }

    @Entity(name = "Note")
    static class Note {
        @Id
        Long id;

        @ManyToOne(fetch = FetchType.LAZY)
        Customer customer;

        String text;

        @Override
        public int hashCode() {
            return 7;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Note that && id.equals(that.id);
        }
    }

    private static SessionFactory sessions;

    private final ValueTypes types = new ValueTypes(Set.of(), getClass().getClassLoader());
    private final ValueCodec codec = new ValueCodec(types, ValueLimits.DEFAULT, List.of());

    @BeforeAll
    static void store() {
        sessions = new Configuration()
                .addAnnotatedClass(Customer.class)
                .addAnnotatedClass(Line.class)
                .addAnnotatedClass(Region.class)
                .addAnnotatedClass(Note.class)
                .setProperty("hibernate.connection.url", "jdbc:h2:mem:values;DB_CLOSE_DELAY=-1")
                .setProperty("hibernate.hbm2ddl.auto", "create-drop")
                .setProperty("hibernate.generate_statistics", "true")
                .buildSessionFactory();
        sessions.inTransaction(session -> {
            Region region = new Region();
            region.id = 1L;
            region.code = "eu";
            session.persist(region);
            Customer customer = new Customer();
            customer.id = 1L;
            customer.name = "Ann";
            customer.region = region;
            for (long i = 1; i <= 3; i++) {
                Line line = new Line();
                line.id = i;
                line.text = "line " + i;
                customer.lines.add(line);
                Note note = new Note();
                note.id = i;
                note.text = "note " + i;
                note.customer = customer;
                customer.notes.add(note);
            }
            session.persist(customer);
        });
    }

    @AfterAll
    static void close() {
        sessions.close();
    }

    private Object roundTrip(Object value) {
        Decoded decoded = codec.decode("c", "", codec.encode("c", value).json());
        assertThat(decoded.fault()).isNull();
        return decoded.value();
    }

    private static void load(Customer customer) {
        assertThat(customer.lines).hasSize(3);
        assertThat(customer.notes).hasSize(3);
        assertThat(customer.region.code()).isEqualTo("eu");
    }

    @Test
    void aLoadedEntityIsWrittenWithPlainCollections() {
        Customer loaded = sessions.fromSession(session -> {
            Customer customer = session.find(Customer.class, 1L);
            load(customer);
            return customer;
        });
        for (int i = 0; i < 2; i++) { // with the session closed, and then what was read
            Customer copy = (Customer) roundTrip(loaded);
            assertThat(copy.name).isEqualTo("Ann");
            assertThat(copy.lines).isExactlyInstanceOf(ArrayList.class).hasSize(3);
            assertThat(copy.lines.get(2).text).isEqualTo("line 3");
            assertThat(copy.notes).hasSize(3).allMatch(note -> note.customer == copy);
            assertThat(copy.region).isExactlyInstanceOf(Region.class);
            assertThat(copy.region.code).isEqualTo("eu");
            loaded = copy;
        }
    }

    @Test
    void aLoadedProxyIsWrittenAsItsEntity() {
        sessions.inSession(session -> {
            Customer proxy = session.getReference(Customer.class, 1L);
            load(proxy.getClass() == Customer.class ? proxy : (Customer) org.hibernate.Hibernate.unproxy(proxy));
            assertThat(roundTrip(proxy)).isExactlyInstanceOf(Customer.class);
            List<Object> both = new ArrayList<>(List.of(proxy, org.hibernate.Hibernate.unproxy(proxy)));
            List<?> copies = (List<?>) roundTrip(both);
            assertThat(copies.get(0)).isSameAs(copies.get(1));
        });
    }

    @Test
    void whatIsNotLoadedIsRefusedAndNotLoadedForIt() {
        Map<String, Object> kept = new HashMap<>();
        try (Session session = sessions.openSession()) {
            Customer customer = session.find(Customer.class, 1L);
            Region region = session.getReference(Region.class, 1L);
            kept.put("entity", customer);
            kept.put("collection", customer.lines);
            kept.put("proxy", region);
            kept.put("proxy in a list", List.of(region));
            refused(kept);
            assertThat(org.hibernate.Hibernate.isInitialized(customer.lines)).isFalse();
        }
        refused(kept); // with the session closed
    }

    private void refused(Map<String, Object> values) {
        Statistics statistics = sessions.getStatistics();
        statistics.clear();
        values.forEach((name, value) -> assertThatExceptionOfType(UnsupportedValueException.class)
                .as(name)
                .isThrownBy(() -> codec.encode("c", value))
                .withMessageContaining("not loaded"));
        assertThat(statistics.getPrepareStatementCount()).isZero();
    }
}

package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

/** What an application says of its types for its web API takes nothing away from what it caches. */
class IgnoredFieldsTests {

    public static class User {
        public String login;

        @JsonIgnore
        public String password;

        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
        public String token;

        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        public Long id;

        @JsonIgnore
        public Set<String> roles = new HashSet<>();

        @JsonFormat(pattern = "yyyy-MM-dd")
        public LocalDateTime since;

        @JsonSerialize(using = Masked.class)
        public String card;
    }

    @JsonIgnoreProperties("secret")
    public static class Account {
        public String name;
        public String secret;

        @JsonValue
        public String shown() {
            return name;
        }
    }

    static final class Masked extends ValueSerializer<String> {
        @Override
        public void serialize(String value, JsonGenerator out, SerializationContext context) {
            out.writeString("****" + value.substring(value.length() - 4));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Users.class)
    static class App {}

    static class Users {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        @Cacheable("users")
        public User user(String login) {
            calls.incrementAndGet();
            User user = new User();
            user.login = login;
            user.password = "hash";
            user.token = "t";
            user.id = 7L;
            user.roles.add("ADMIN");
            user.since = LocalDateTime.of(2026, 1, 31, 12, 30, 15, 7);
            user.card = "4111111111111111";
            return user;
        }

        @Cacheable("accounts")
        public Account account(String name) {
            calls.incrementAndGet();
            Account account = new Account();
            account.name = name;
            account.secret = "s";
            return account;
        }
    }

    @Test
    void theSecondInstanceGetsTheWholeValueFromRedis() {
        String keys = Apps.ownKeys();
        try (ConfigurableApplicationContext one = Apps.shared(App.class, keys);
                ConfigurableApplicationContext two = Apps.shared(App.class, keys)) {
            one.getBean(Users.class).user("ann");
            one.getBean(Users.class).account("acc");
            Apps.hasArrived(one);

            assertWhole(two.getBean(Users.class).user("ann"));
            assertThat(two.getBean(Users.class).account("acc").secret).isEqualTo("s");
            assertThat(two.getBean(Users.class).calls())
                    .as("loads of the second")
                    .hasValue(0);
        }
    }

    @Test
    void theWholeValueIsThereAfterARestart(@TempDir Path directory) {
        String[] properties = {
            "tinyllm.cache.caches.users.snapshot.enabled=true", "tinyllm.cache.snapshots.directory=" + directory
        };
        try (ConfigurableApplicationContext before = Apps.start(App.class, properties)) {
            before.getBean(Users.class).user("ann");
        }
        try (ConfigurableApplicationContext after = Apps.start(App.class, properties)) {
            assertWhole(after.getBean(Users.class).user("ann"));
            assertThat(after.getBean(Users.class).calls()).hasValue(0);
        }
    }

    private static void assertWhole(User user) {
        assertThat(user.login).isEqualTo("ann");
        assertThat(user.password).isEqualTo("hash");
        assertThat(user.token).isEqualTo("t");
        assertThat(user.id).isEqualTo(7L);
        assertThat(user.roles).isInstanceOf(HashSet.class).containsExactly("ADMIN");
        assertThat(user.since).isEqualTo(LocalDateTime.of(2026, 1, 31, 12, 30, 15, 7));
        assertThat(user.card).isEqualTo("4111111111111111");
    }
}

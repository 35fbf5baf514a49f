package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Two releases of an application over one Redis: what a class is no longer is loaded anew, and never half-filled. */
class ReleaseTests {

    private static final String SOURCE = """
            package com.acme.release;

            import java.util.function.Function;
            import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
            import org.springframework.cache.annotation.Cacheable;
            import org.springframework.context.annotation.*;

            @Configuration(proxyBeanMethods = false)
            @EnableAutoConfiguration
            public class Shop {

                public static class Price {
                    public String name;
                    %s
                }

                public static class Prices {
                    private int calls;

                    @Cacheable("prices")
                    public Price price(String name) {
                        calls++;
                        Price price = new Price();
                        price.name = name;
                        %s
                        return price;
                    }

                    public int calls() {
                        return calls;
                    }
                }

                @Bean
                public Prices prices() {
                    return new Prices();
                }

                /** What a test can call without the classes. */
                @Bean
                public Function<String, String> told(Prices prices) {
                    return name -> {
                        Price price = prices.price(name);
                        return price.name + %s + " by load " + prices.calls();
                    };
                }
            }
            """;

    @Test
    void aValueOfAnotherReleaseIsAMiss(@TempDir Path directory) {
        String keys = Apps.ownKeys();
        try (Release old =
                        new Release(directory.resolve("old"), "public int cents;", "price.cents = 7;", "price.cents");
                Release next = new Release(
                        directory.resolve("next"),
                        "public int cents; public String currency;",
                        "price.cents = 7; price.currency = \"EUR\";",
                        "price.cents + price.currency");
                ConfigurableApplicationContext one = Apps.shared(old.application(), keys);
                ConfigurableApplicationContext same = Apps.shared(old.application(), keys);
                ConfigurableApplicationContext other = Apps.shared(next.application(), keys)) {
            assertThat(price(one, "a")).isEqualTo("a7 by load 1");
            assertThat(price(same, "a")).isEqualTo("a7 by load 0");
            assertThat(price(other, "a")).isEqualTo("a7EUR by load 1");
            // What the new release has stored is a miss for the old one, once its own copy has gone by the news.
            assertThat(price(other, "b")).isEqualTo("b7EUR by load 2");
            assertThat(price(same, "b")).isEqualTo("b7 by load 1");
        }
    }

    @SuppressWarnings("unchecked")
    private static String price(ConfigurableApplicationContext app, String name) {
        return ((Function<String, String>) app.getBean("told")).apply(name);
    }

    /** The classes of a release. */
    private static final class Release implements AutoCloseable {

        private final URLClassLoader loader;

        Release(Path directory, String fields, String filled, String shown) {
            try {
                Path source = Files.createDirectories(directory.resolve("com/acme/release"))
                        .resolve("Shop.java");
                Files.writeString(source, SOURCE.formatted(fields, filled, shown));
                int result = ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-parameters", "-d", directory.toString(), source.toString());
                assertThat(result).isZero();
                loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, ReleaseTests.class.getClassLoader());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Class<?> application() {
            try {
                return loader.loadClass("com.acme.release.Shop");
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            try {
                loader.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

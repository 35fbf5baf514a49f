package com.example.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.consumer.ConsumerApplication.Quotes;
import io.tinyllm.cache.CacheTags;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

class ConsumerApplicationTests {

    private static ConfigurableApplicationContext start() {
        SpringApplication application = new SpringApplication(ConsumerApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        return application.run("--spring.main.banner-mode=off");
    }

    @Test
    void cachesByOneDependencyAndAnswersWarmAfterRestart() throws Exception {
        try (ConfigurableApplicationContext application = start()) {
            assertThat(application.getBean(CacheManager.class).getClass().getName())
                    .isEqualTo("io.tinyllm.cache.spring.TinyLlmCacheManager");
            Quotes quotes = application.getBean(Quotes.class);
            assertThat(quotes.quote("a")).isEqualTo(quotes.quote("a"));
            assertThat(quotes.calls()).isEqualTo(1);
            quotes.forget("a");
            assertThat(quotes.quote("a").call()).isEqualTo(2);
        }
        try (var files = Files.list(Path.of("target/snapshots"))) {
            assertThat(files).anyMatch(file -> file.getFileName().toString().endsWith(".jsonl"));
        }
        try (ConfigurableApplicationContext application = start()) {
            Quotes quotes = application.getBean(Quotes.class);
            assertThat(quotes.quote("a").call()).isEqualTo(2);
            assertThat(quotes.calls()).isZero();
        }
    }

    @Test
    void takesThePublishedJarAndItsMetadata() throws Exception {
        URI type = CacheTags.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        assertThat(type.getPath()).contains("/target/repository/io/tinyllm/tinyllm-cache-autoconfigure/");
        try (JarFile jar = new JarFile(new File(type))) {
            assertThat(jar.stream().map(JarEntry::getName))
                    .contains(
                            "META-INF/spring-configuration-metadata.json",
                            "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.lettuce.core.RedisClient",
                "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
                "org.springframework.ai.chat.client.ChatClient",
                "org.springframework.web.servlet.DispatcherServlet",
                "reactor.core.publisher.Mono"
            })
    void bringsNothingThatAnApplicationHasToAskFor(String type) {
        assertThat(ClassUtils.isPresent(type, null)).isFalse();
    }
}

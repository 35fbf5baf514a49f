package io.tinyllm.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/** What the dashboard shows and offers to readers who may not see or do everything. */
class RightsTests {

    private static Chromium chromium;
    private Page page;
    private Demo demo;

    @BeforeAll
    static void start() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
    }

    @AfterEach
    void closeInTheRightOrder() {
        page.context().close();
        demo.close();
        chromium.hasNothingToComplainOf();
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private void open(String hash) {
        page = chromium.open(demo.page() + hash);
        page.locator("#backends, #snapshots").waitFor();
    }

    @Test
    void offersNoActionWhereTheApplicationOnlyLetsRead() {
        demo = new Demo();
        demo.shop().answer("a");
        open("#/cache/answers");
        assertThat(page.getByText("management.endpoint.cachesnapshots.access=unrestricted"))
                .isVisible();
        assertThat(page.getByText("management.endpoint.cachetuning.access=unrestricted"))
                .isVisible();
        assertThat(page.locator("button[data-action=step], button[data-action=save], button[data-action=restore]"))
                .hasCount(0);
    }

    @Test
    void saysWhichEndpointsAreMissing() {
        demo = new Demo("management.endpoints.web.exposure.include=cachedashboard,cacheanalytics");
        demo.shop().answer("a");
        open("#/cache/answers");
        assertThat(page.getByText("The endpoint cachetuning is not exposed").first())
                .isVisible();
        assertThat(page.getByText("The endpoint cachesnapshots is not exposed")).isVisible();
        page.getByText("All caches").click();
        assertThat(page.getByText("The endpoint health is not exposed")).isVisible();
    }

    @Test
    void saysThatWithoutAnalyticsThereAreNoFigures() {
        demo = new Demo("management.endpoints.web.exposure.include=cachedashboard");
        page = chromium.open(demo.page());
        assertThat(page.getByText("The endpoint cacheanalytics is not exposed")).isVisible();
    }

    @Test
    void saysThatKeysAreHiddenOrHashed() {
        demo = new Demo("tinyllm.cache.analytics.show-keys=never");
        demo.shop().answer("secret");
        open("#/cache/answers");
        assertThat(page.getByText("Keys are not shown")).isVisible();
        assertThat(page.locator("main")).not().containsText("secret");
        page.context().close();
        demo.close();
        demo = new Demo("tinyllm.cache.analytics.show-keys=hashed");
        demo.shop().answer("secret");
        open("#/cache/answers");
        assertThat(page.getByText("Keys are shown as hashes")).isVisible();
        assertThat(page.locator("main")).not().containsText("secret");
        assertThat(page.getByLabel("Explain a key")).hasCount(0);
    }

    @Test
    void carriesTheTokenOfSpringSecurity() {
        demo = new Demo(Guarded.class, Demo.UNRESTRICTED);
        demo.shop().answer("a");
        open("#/cache/answers");
        button("Save now").click();
        assertThat(page.locator(".said")).containsText("Saved");
    }

    @Test
    void saysThatAnActionWasRefused() {
        demo = new Demo(Guarded.class, Demo.UNRESTRICTED);
        demo.shop().answer("a");
        open("#/cache/answers");
        button("Take a tuning step now").click();
        assertThat(page.locator(".said")).hasText("Refused: you may not do this (403).");
        assertThat(chromium.takeComplaints()).allMatch(complaint -> complaint.contains("403"));
    }

    /** Everybody may look and save; nobody may tune. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableWebSecurity
    @Import(DemoApplication.class)
    static class Guarded {

        @Bean
        SecurityFilterChain security(HttpSecurity http) {
            return http.authorizeHttpRequests(
                            requests -> requests.requestMatchers(HttpMethod.POST, "/actuator/cachetuning/**")
                                    .denyAll()
                                    .anyRequest()
                                    .permitAll())
                    .anonymous(Customizer.withDefaults())
                    .build();
        }

        @Bean
        InMemoryUserDetailsManager users() {
            return new InMemoryUserDetailsManager(
                    User.withUsername("reader").password("{noop}reader").build());
        }
    }
}

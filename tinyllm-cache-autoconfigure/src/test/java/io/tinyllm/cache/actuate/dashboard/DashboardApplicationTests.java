package io.tinyllm.cache.actuate.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.testing.LeftOut;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

/** The dashboard over HTTP, in servlet and in reactive applications. */
class DashboardApplicationTests {

    private static final String EXPOSED = "management.endpoints.web.exposure.include=*";

    private static final String OTHER_SERVER = "org.springframework.boot.tomcat.autoconfigure.actuate.web.server"
            + ".TomcatReactiveManagementContextAutoConfiguration";

    private static final String LEFT_OUT =
            LeftOut.clientsAnd("org.springframework.boot.data.", "org.springframework.boot.micrometer.");

    private final HttpClient http =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private ConfigurableApplicationContext application;

    /** An application on each stack that exposes everything and has nothing of its own: most tests only read it. */
    private static final Map<Stack, ConfigurableApplicationContext> PLAIN = new EnumMap<>(Stack.class);

    /** The two web stacks. */
    enum Stack {
        SERVLET,
        REACTIVE
    }

    private void startPlain(Stack stack) {
        if (!PLAIN.containsKey(stack)) {
            start(stack, KeptApplication.class, EXPOSED);
            PLAIN.put(stack, application);
        }
        application = PLAIN.get(stack);
    }

    private void start(Stack stack, Class<?> configuration, String... properties) {
        application = new SpringApplicationBuilder(configuration)
                .properties(
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "management.health.redis.enabled=false",
                        "spring.main.web-application-type=" + stack.name().toLowerCase(Locale.ROOT),
                        // of two servers on the class path one has to go
                        stack == Stack.REACTIVE ? LEFT_OUT + "," + OTHER_SERVER : LEFT_OUT)
                .properties(properties)
                .run();
    }

    @AfterEach
    void stop() {
        if (!PLAIN.containsValue(application)) {
            application.close();
        }
    }

    @AfterAll
    static void stopPlain() {
        PLAIN.values().forEach(ConfigurableApplicationContext::close);
        PLAIN.clear();
    }

    private URI url(String path) {
        return url("local.server.port", path);
    }

    private URI url(String port, String path) {
        return URI.create("http://127.0.0.1:" + application.getEnvironment().getRequiredProperty(port) + path);
    }

    private HttpResponse<String> get(URI url, String... headers) {
        return send(HttpRequest.newBuilder(url), headers);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
        try {
            if (headers.length > 0) {
                request.headers(headers);
            }
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static List<String> all(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    /** Follows everything that the page refers to, as a browser would. */
    private void everythingIsThere(URI page) {
        HttpResponse<String> response = get(page, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/html;charset=UTF-8");
        List<String> files = all("(?:href|src)=\"([^\"#]+)\"", response.body());
        assertThat(files).hasSize(3);
        for (String file : files) {
            HttpResponse<String> answer = get(page.resolve(file), "Accept", "*/*");
            assertThat(answer.statusCode()).as(file).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                    .as(file)
                    .startsWith(
                            file.endsWith("css") ? "text/css" : file.endsWith("js") ? "text/javascript" : "image/svg");
            for (String module : all("from '(\\./[a-z.]+)'", answer.body())) {
                assertThat(get(page.resolve(file).resolve(module)).statusCode())
                        .as(module)
                        .isEqualTo(200);
            }
        }
        List<String> endpoints = all("data-path=\"([^\"]+)\"", response.body());
        assertThat(endpoints).hasSizeGreaterThanOrEqualTo(4);
        for (String endpoint : endpoints) {
            assertThat(get(page.resolve(endpoint)).statusCode()).as(endpoint).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesThePageAndAllThatItNeedsByRelativeAddresses(Stack stack) {
        startPlain(stack);
        everythingIsThere(url("/actuator/cachedashboard"));
    }

    @ParameterizedTest
    @EnumSource
    void worksBehindAContextPathABasePathAndOtherNamesOfEndpoints(Stack stack) {
        start(
                stack,
                Application.class,
                EXPOSED,
                stack == Stack.SERVLET ? "server.servlet.context-path=/shop" : "spring.webflux.base-path=/shop",
                "management.endpoints.web.base-path=/admin/manage",
                "management.endpoints.web.path-mapping.cachedashboard=pages/caches",
                "management.endpoints.web.path-mapping.cacheanalytics=figures");
        everythingIsThere(url("/shop/admin/manage/pages/caches"));
        assertThat(get(url("/shop/admin/manage/pages/caches")).headers().firstValue("Content-Security-Policy"))
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void worksOnAPortOfItsOwnAtTheRootToo(Stack stack) {
        start(stack, Application.class, EXPOSED, "management.server.port=0", "management.endpoints.web.base-path=/");
        everythingIsThere(url("local.management.port", "/cachedashboard"));
        assertThat(get(url("local.management.port", "/cachedashboard"))
                        .headers()
                        .firstValue("Content-Security-Policy"))
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void letsABrowserLoadNothingFromElsewhereAndNothingInline(Stack stack) {
        startPlain(stack);
        for (String path : List.of("", "/dashboard.js", "/dashboard.css", "/token")) {
            HttpResponse<String> response = get(url("/actuator/cachedashboard" + path));
            assertThat(response.headers().allValues("Content-Security-Policy"))
                    .as(path)
                    .singleElement()
                    .asString()
                    .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        }
        String page = get(url("/actuator/cachedashboard")).body();
        assertThat(page)
                .contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'")
                .doesNotContain("style=", "<style", "onclick", "http://", "https://", "{files}", "{policy}")
                .doesNotContainPattern("<script[^>]*>[^<]");
        assertThat(get(url("/actuator/health")).headers().firstValue("Content-Security-Policy"))
                .as("what is not the dashboard's is left alone")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void isNotThereUnlessItIsExposed(Stack stack) {
        start(stack, Application.class, "management.endpoints.web.exposure.include=health,cacheanalytics");
        assertThat(get(url("/actuator/cachedashboard")).statusCode()).isEqualTo(404);
        assertThat(application.getBeansOfType(CacheDashboardEndpoint.class)).isEmpty();
        assertThat(application.getBeansOfType(ReactiveDashboardHeaders.class)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void knowsWhatIsExposedAndWhatMayBeChanged(Stack stack) {
        start(
                stack,
                Application.class,
                "management.endpoints.web.exposure.include=cachedashboard,cacheanalytics,cachesnapshots,cachetuning",
                "management.endpoints.web.exposure.exclude=cachesnapshots",
                "management.endpoint.cachetuning.access=unrestricted",
                "tinyllm.cache.analytics.show-keys=never");
        assertThat(get(url("/actuator/cachedashboard")).body())
                .contains("content=\"cachetuning\" data-path=\"cachetuning\" data-writes=\"true\"")
                .contains("content=\"cacheanalytics\" data-path=\"cacheanalytics\" data-writes=\"false\"")
                .contains("name=\"keys\" content=\"never\"")
                .doesNotContain("content=\"cachesnapshots\"", "content=\"health\"");
    }

    @ParameterizedTest
    @EnumSource
    void mayNotWriteThroughAnEndpointThatTheApplicationOnlyLetsRead(Stack stack) {
        startPlain(stack);
        assertThat(all(
                        "(content=\"cache[a-z]+\" [^>]*data-writes=\"true\")",
                        get(url("/actuator/cachedashboard")).body()))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void hasNoOtherFiles(Stack stack) {
        startPlain(stack);
        for (String name : List.of("nothing.js", "dashboard.html", "package-info.class", "..%2fdashboard.js", "%00")) {
            assertThat(get(url("/actuator/cachedashboard/" + name)).statusCode())
                    .as(name)
                    .isBetween(400, 404);
        }
    }

    @Test
    void isAtMostAHundredAndFiftyKilobytes() {
        startPlain(Stack.SERVLET);
        URI page = url("/actuator/cachedashboard");
        String html = get(page).body();
        int size = html.length();
        for (String file : List.of(
                "dashboard.css",
                "dashboard.js",
                "overview.js",
                "detail.js",
                "charts.js",
                "dom.js",
                "source.js",
                "icon.svg")) {
            String body = get(page.resolve("cachedashboard/" + file)).body();
            assertThat(body).isNotEmpty();
            size += body.length();
        }
        assertThat(size).isBetween(20_000, 150_000);
    }

    @ParameterizedTest
    @EnumSource
    void givesNoTokenWhereNobodyAsksForOne(Stack stack) {
        startPlain(stack);
        HttpResponse<String> token = get(url("/actuator/cachedashboard/token"));
        assertThat(token.statusCode()).isEqualTo(200);
        assertThat(token.headers().map()).doesNotContainKey(DashboardHeaders.TOKEN_VALUE.toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @EnumSource
    void givesTheTokenWithWhichSpringSecurityLetsAnActionPass(Stack stack) {
        start(
                stack,
                stack == Stack.SERVLET ? GuardedApplication.class : GuardedReactiveApplication.class,
                EXPOSED,
                "management.endpoint.cachetuning.access=unrestricted");
        Cache cache = application.getBean(CacheManager.class).getCache("found");
        assertThat(cache).isNotNull();
        HttpRequest.Builder action = HttpRequest.newBuilder(url("/actuator/cachetuning/found"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"));
        assertThat(send(action.copy()).statusCode()).as("without a token").isEqualTo(403);
        HttpResponse<String> token = get(url("/actuator/cachedashboard/token"));
        assertThat(token.headers().firstValue("Cache-Control")).contains("no-store");
        String name = token.headers().firstValue(DashboardHeaders.TOKEN_HEADER).orElseThrow();
        String value = token.headers().firstValue(DashboardHeaders.TOKEN_VALUE).orElseThrow();
        assertThat(send(action.copy(), name, value).statusCode()).isEqualTo(200);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    /** One that others come and go beside: the end of a reactive one takes the threads along that all of them share. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class KeptApplication {

        @Bean
        ReactorResourceFactory threads() {
            ReactorResourceFactory own = new ReactorResourceFactory();
            own.setUseGlobalResources(false);
            return own;
        }
    }

    /** A servlet application in which everything is allowed that is not forged. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableWebSecurity
    static class GuardedApplication {

        @Bean
        SecurityFilterChain security(HttpSecurity http) {
            return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                    .build();
        }
    }

    /** A reactive application in which everything is allowed that is not forged. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableWebFluxSecurity
    static class GuardedReactiveApplication {

        @Bean
        SecurityWebFilterChain security(ServerHttpSecurity http) {
            return http.authorizeExchange(requests -> requests.anyExchange().permitAll())
                    .build();
        }
    }
}

package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.http.HttpMethod.DELETE;
import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.POST;

import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheDashboardAutoConfiguration;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheEndpointsAutoConfiguration;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.test.web.servlet.setup.DefaultMockMvcBuilder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

/**
 * Who may call which operation of the endpoints: every operation with every exposure, and with every kind of caller
 * where Spring Security is there. The tables in docs/operations.md are what comes out, on servlets and reactive alike.
 */
class EndpointAccessTests {

    private static final List<String> ENDPOINTS =
            List.of("cacheanalytics", "cachetuning", "cachesnapshots", "cachetags", "cachedashboard");

    private static final List<Operation> OPERATIONS = List.of(
            new Operation(GET, "cacheanalytics", "", ""),
            new Operation(GET, "cacheanalytics", "/things", ""),
            new Operation(GET, "cachetuning", "", ""),
            new Operation(GET, "cachetuning", "/things", ""),
            new Operation(POST, "cachetuning", "/things", "{}"),
            new Operation(POST, "cachetuning", "/things", "{\"action\":\"retry-dead-letters\"}"),
            new Operation(GET, "cachesnapshots", "", ""),
            new Operation(POST, "cachesnapshots", "/things", "{\"action\":\"save\"}"),
            new Operation(POST, "cachesnapshots", "/things", "{\"action\":\"restore\"}"),
            new Operation(DELETE, "cachesnapshots", "/things", ""),
            new Operation(DELETE, "cachetags", "?tag=any", ""),
            new Operation(GET, "cachedashboard", "", ""),
            new Operation(GET, "cachedashboard", "/dashboard.css", ""));

    private static final Operation TOKEN = new Operation(GET, "cachedashboard", "/token", "");
    private static final String TOKEN_HEADER = "X-Dashboard-Token-Header";
    private static final String TOKEN_VALUE = "X-Dashboard-Token";

    private static final String EXPOSED = "management.endpoints.web.exposure.include=*";

    @TempDir
    static Path snapshots;

    @ParameterizedTest
    @EnumSource
    void anOperationIsThereWhereItsEndpointIsExposedAndWritesWhereTheApplicationAllowsThem(Stack stack) {
        List<List<Integer>> columns = new ArrayList<>();
        for (List<String> properties : List.of(
                List.<String>of(),
                List.of(EXPOSED),
                withAccess("read-only"),
                withAccess("unrestricted"),
                withAccess("none"))) {
            stack.run(
                    Security.NONE,
                    properties,
                    client -> columns.add(OPERATIONS.stream()
                            .map(operation -> client.send(operation, "", false))
                            .toList()));
        }
        assertDocumented(IntStream.range(0, OPERATIONS.size())
                .mapToObj(row -> row(
                        OPERATIONS.get(row).inWords(), columns.stream().map(column -> told(Set.of(column.get(row))))))
                .toList());
    }

    @ParameterizedTest
    @EnumSource
    void aLoginOfTheApplicationHoldsForEveryOperation(Stack stack) {
        List<String> properties = withAccess("unrestricted");
        List<String> rows = new ArrayList<>();
        stack.run(Security.SPRING_BOOTS, properties, client -> {
            rows.add(caller("Spring Boot's own login, nobody", client, "", false));
            rows.add(caller("Spring Boot's own login, any user", client, "user", false));
            rows.add(caller(
                    "Spring Boot's own login, any user, with a token against forged requests", client, "user", true));
        });
        stack.run(Security.ROLE, properties, client -> {
            rows.add(caller("a rule that asks for a role, nobody", client, "", false));
            rows.add(caller("a rule that asks for a role, a user without it", client, "user", false));
            rows.add(caller("a rule that asks for a role, a user with it", client, "ops", false));
        });
        assertDocumented(rows);
    }

    private static String caller(String caller, Client client, String user, boolean token) {
        return row(
                caller,
                Stream.of(true, false)
                        .map(reads -> told(OPERATIONS.stream()
                                .filter(operation -> operation.reads() == reads)
                                .map(operation -> client.send(operation, user, token))
                                .collect(Collectors.toSet()))));
    }

    /** 200 stands for 204 too. */
    private static String told(Set<Integer> statuses) {
        return statuses.stream()
                .map(status -> status == 204 ? 200 : status)
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    private static String row(String first, Stream<String> cells) {
        return "| " + first + " | " + cells.collect(Collectors.joining(" | ")) + " |";
    }

    private static void assertDocumented(List<String> rows) {
        try {
            List<String> page = Files.readAllLines(Path.of("../docs/operations.md"));
            assertThat(rows.stream().filter(row -> !page.contains(row)))
                    .as("rows that docs/operations.md does not have")
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> withAccess(String access) {
        return Stream.concat(
                        Stream.of(EXPOSED),
                        ENDPOINTS.stream().map(endpoint -> "management.endpoint." + endpoint + ".access=" + access))
                .toList();
    }

    /** A request. */
    private record Operation(HttpMethod method, String endpoint, String rest, String body) {

        boolean reads() {
            return method == GET;
        }

        String path() {
            return "/actuator/" + endpoint + rest;
        }

        String inWords() {
            return "`" + method + " " + endpoint
                    + rest.replace("things", "{cache}").replace("any", "TAG")
                    + (body.length() > 2 ? " " + body.replace(":", ": ") : "") + "`";
        }
    }

    /** Sends a request as a user, empty for nobody, and gives the status of the answer. */
    private interface Client {

        int send(Operation operation, String user, boolean token);
    }

    /** What guards the endpoints. */
    private enum Security {
        NONE,
        SPRING_BOOTS,
        ROLE
    }

    /** The two web stacks, without a server. */
    enum Stack {
        SERVLET {
            @Override
            void run(Security security, List<String> properties, Consumer<Client> test) {
                var runner = new WebApplicationContextRunner()
                        .withConfiguration(AutoConfigurations.of(classes(
                                HttpMessageConvertersAutoConfiguration.class,
                                DispatcherServletAutoConfiguration.class,
                                WebMvcAutoConfiguration.class)))
                        .withInitializer(Stack::convertAsSpringBootDoes)
                        .withPropertyValues(COMMON)
                        .withPropertyValues(properties.toArray(String[]::new));
                if (security != Security.NONE) {
                    runner = runner.withConfiguration(AutoConfigurations.of(
                                    SecurityAutoConfiguration.class,
                                    UserDetailsServiceAutoConfiguration.class,
                                    ServletWebSecurityAutoConfiguration.class,
                                    ManagementWebSecurityAutoConfiguration.class))
                            .withBean(PasswordEncoder.class, PlainPasswords::new)
                            .withBean(InMemoryUserDetailsManager.class, () -> new InMemoryUserDetailsManager(USERS));
                }
                if (security == Security.ROLE) {
                    runner = runner.withUserConfiguration(ServletRule.class);
                }
                runner.run(context -> {
                    assertThat(context).hasNotFailed();
                    test.accept(servlet(context));
                });
            }
        },
        REACTIVE {
            @Override
            void run(Security security, List<String> properties, Consumer<Client> test) {
                var runner = new ReactiveWebApplicationContextRunner()
                        .withConfiguration(AutoConfigurations.of(classes(
                                CodecsAutoConfiguration.class,
                                HttpHandlerAutoConfiguration.class,
                                WebFluxAutoConfiguration.class)))
                        .withInitializer(Stack::convertAsSpringBootDoes)
                        .withPropertyValues(COMMON)
                        .withPropertyValues(properties.toArray(String[]::new));
                if (security != Security.NONE) {
                    runner = runner.withConfiguration(AutoConfigurations.of(
                                    ReactiveUserDetailsServiceAutoConfiguration.class,
                                    ReactiveWebSecurityAutoConfiguration.class,
                                    ReactiveManagementWebSecurityAutoConfiguration.class))
                            .withBean(PasswordEncoder.class, PlainPasswords::new)
                            .withBean(
                                    MapReactiveUserDetailsService.class,
                                    () -> new MapReactiveUserDetailsService(USERS));
                }
                if (security == Security.ROLE) {
                    runner = runner.withUserConfiguration(ReactiveRule.class);
                }
                runner.run(context -> {
                    assertThat(context).hasNotFailed();
                    test.accept(reactive(context));
                });
            }
        };

        private static final List<UserDetails> USERS = Stream.of("user", "ops")
                .map(name -> User.withUsername(name)
                        .password("secret")
                        .roles(name.equals("ops") ? "OPERATIONS" : "GUEST")
                        .build())
                .toList();

        private static final String[] COMMON = {
            "tinyllm.cache.caches.things.snapshot.enabled=true",
            "tinyllm.cache.caches.things.size-tuner.enabled=true",
            "tinyllm.cache.snapshots.directory=" + snapshots
        };

        private static void convertAsSpringBootDoes(ConfigurableApplicationContext context) {
            context.getEnvironment().setConversionService(new ApplicationConversionService());
        }

        abstract void run(Security security, List<String> properties, Consumer<Client> test);

        private static Class<?>[] classes(Class<?>... ofTheStack) {
            return Stream.concat(
                            Arrays.stream(ofTheStack),
                            Stream.of(
                                    JacksonAutoConfiguration.class,
                                    EndpointAutoConfiguration.class,
                                    JacksonEndpointAutoConfiguration.class,
                                    WebEndpointAutoConfiguration.class,
                                    ManagementContextAutoConfiguration.class,
                                    TinyLlmCacheAutoConfiguration.class,
                                    TinyLlmCacheEndpointsAutoConfiguration.class,
                                    TinyLlmCacheDashboardAutoConfiguration.class))
                    .toArray(Class<?>[]::new);
        }
    }

    private static Client servlet(WebApplicationContext context) {
        DefaultMockMvcBuilder builder = MockMvcBuilders.webAppContextSetup(context);
        if (context.containsBean("springSecurityFilterChain")) {
            builder.addFilters(context.getBean("springSecurityFilterChain", Filter.class));
        }
        MockMvc mvc = builder.build();
        return (operation, user, token) -> {
            MockHttpSession session = new MockHttpSession();
            HttpHeaders headers = headers(user);
            if (token) {
                MockHttpServletResponse told = send(mvc, TOKEN, headers, session);
                headers.set(told.getHeader(TOKEN_HEADER), told.getHeader(TOKEN_VALUE));
            }
            return send(mvc, operation, headers, session).getStatus();
        };
    }

    private static MockHttpServletResponse send(
            MockMvc mvc, Operation operation, HttpHeaders headers, MockHttpSession session) {
        try {
            return mvc.perform(MockMvcRequestBuilders.request(operation.method(), URI.create(operation.path()))
                            .headers(headers)
                            .content(operation.body())
                            .session(session))
                    .andReturn()
                    .getResponse();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Client reactive(ApplicationContext context) {
        WebTestClient client = WebTestClient.bindToApplicationContext(context)
                .configureClient()
                .build();
        return (operation, user, token) -> {
            HttpHeaders headers = headers(user);
            String session = "";
            if (token) {
                EntityExchangeResult<byte[]> told = send(client, TOKEN, headers, session);
                HttpHeaders answered = told.getResponseHeaders();
                headers.set(answered.getFirst(TOKEN_HEADER), answered.getFirst(TOKEN_VALUE));
                session = told.getResponseCookies().getFirst("SESSION").getValue();
            }
            return send(client, operation, headers, session).getStatus().value();
        };
    }

    private static EntityExchangeResult<byte[]> send(
            WebTestClient client, Operation operation, HttpHeaders headers, String session) {
        return client.method(operation.method())
                .uri(URI.create(operation.path()))
                .headers(all -> all.putAll(headers))
                .cookies(all -> all.add("SESSION", session))
                .bodyValue(operation.body())
                .exchange()
                .expectBody()
                .returnResult();
    }

    private static HttpHeaders headers(String user) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_JSON);
        if (!user.isEmpty()) {
            headers.setBasicAuth(user, "secret");
        }
        return headers;
    }

    /** Hashes nothing: what takes time on purpose elsewhere. */
    private static final class PlainPasswords implements PasswordEncoder {

        @Override
        public String encode(CharSequence password) {
            return password.toString();
        }

        @Override
        public boolean matches(CharSequence password, String encoded) {
            return encoded.contentEquals(password);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ServletRule {

        @Bean
        SecurityFilterChain actuator(HttpSecurity http) throws Exception {
            return http.securityMatcher(EndpointRequest.toAnyEndpoint())
                    .authorizeHttpRequests(requests -> requests.anyRequest().hasRole("OPERATIONS"))
                    .csrf(csrf -> csrf.ignoringRequestMatchers(EndpointRequest.toAnyEndpoint()))
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ReactiveRule {

        @Bean
        SecurityWebFilterChain actuator(ServerHttpSecurity http) {
            return http.securityMatcher(
                            org.springframework.boot.security.autoconfigure.actuate.web.reactive.EndpointRequest
                                    .toAnyEndpoint())
                    .authorizeExchange(requests -> requests.anyExchange().hasRole("OPERATIONS"))
                    .csrf(ServerHttpSecurity.CsrfSpec::disable)
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }
}

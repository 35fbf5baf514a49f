package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The endpoints behind Spring Security, as docs/in-your-application.md has it, and two contexts in one JVM. */
class SecuredActuatorTests {

    private static final String[] PROPERTIES = {
        "spring.security.user.name=ops",
        "spring.security.user.password=secret",
        "spring.security.user.roles=OPERATIONS",
        "management.endpoint.cachetuning.access=unrestricted"
    };

    @Test
    void whoMayReadsAndTunesWithoutATokenAndNobodyElseDoes() throws Exception {
        try (var app = Apps.start(WebApplicationType.SERVLET, App.class, PROPERTIES);
                var other = Apps.start(WebApplicationType.SERVLET, App.class, PROPERTIES)) {
            String ops = "Basic " + Base64.getEncoder().encodeToString("ops:secret".getBytes(StandardCharsets.UTF_8));
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isSameAs(service.thing("a"));
            assertThat(Apps.get(app, "/actuator/cacheanalytics/things").statusCode())
                    .isEqualTo(401);
            assertThat(Apps.send(app, "/actuator/cachetuning/things", "POST").statusCode())
                    .isEqualTo(401);
            assertThat(Apps.send(app, "/actuator/cacheanalytics/things", "GET", "Authorization", ops)
                            .body())
                    .contains("\"hits\":1");
            assertThat(Apps.send(app, "/actuator/cachetuning/things", "POST", "Authorization", ops)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(Apps.get(app, "/actuator/health").body()).contains("UP");
            // The other application of this JVM has caches of its own.
            assertThat(Apps.send(other, "/actuator/cacheanalytics/things", "GET", "Authorization", ops)
                            .body())
                    .contains("\"hits\":0");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class App {

        @Bean
        SecurityFilterChain actuator(HttpSecurity http) throws Exception {
            return http.securityMatcher(EndpointRequest.toAnyEndpoint())
                    .authorizeHttpRequests(requests -> requests.requestMatchers(EndpointRequest.to("health"))
                            .permitAll()
                            .anyRequest()
                            .hasRole("OPERATIONS"))
                    .csrf(csrf -> csrf.ignoringRequestMatchers(EndpointRequest.toAnyEndpoint()))
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }

    static class Service {

        @Cacheable("things")
        public Object thing(String key) {
            return new Object();
        }
    }
}

package io.tinyllm.sample;

import java.net.URI;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.client.support.HttpRequestWrapper;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Where Spring AI finds the model. The embedded one is served by this application, at a port that is known only once
 * the web server listens, so what goes to {@code http://model} is sent to {@code sample.ollama.base-url} when it is
 * sent. An application with a model server of its own sets {@code spring.ai.ollama.base-url} and needs none of this.
 */
@Configuration(proxyBeanMethods = false)
class ModelAddress {

    private static final String STAND_IN = "model";

    @Bean
    RestClientCustomizer callsToTheModel(Environment environment) {
        return builder -> builder.requestInterceptor((request, body, execution) -> execution.execute(
                new HttpRequestWrapper(request) {

                    @Override
                    public URI getURI() {
                        return resolve(super.getURI(), environment);
                    }
                },
                body));
    }

    @Bean
    WebClientCustomizer streamsOfTheModel(Environment environment) {
        return builder -> builder.filter((request, next) -> next.exchange(ClientRequest.from(request)
                .url(resolve(request.url(), environment))
                .build()));
    }

    private static URI resolve(URI uri, Environment environment) {
        if (!STAND_IN.equals(uri.getHost())) {
            return uri;
        }
        URI server = URI.create(environment.getRequiredProperty("sample.ollama.base-url"));
        return UriComponentsBuilder.fromUri(uri)
                .scheme(server.getScheme())
                .host(server.getHost())
                .port(server.getPort())
                .build(true)
                .toUri();
    }
}

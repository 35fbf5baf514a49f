package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.actuate.dashboard.CacheDashboardEndpoint;
import io.tinyllm.cache.actuate.dashboard.DashboardHeaders;
import io.tinyllm.cache.actuate.dashboard.ReactiveDashboardHeaders;
import io.tinyllm.cache.actuate.dashboard.ServletDashboardHeaders;
import io.tinyllm.cache.analytics.keys.KeyNames;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of the dashboard, in applications that serve HTTP. */
@AutoConfiguration(after = TinyLlmCacheEndpointsAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnWebApplication
@ConditionalOnBean(name = TinyLlmCacheEndpointsAutoConfiguration.KEY_NAMES)
@ConditionalOnAvailableEndpoint(endpoint = CacheDashboardEndpoint.class)
public final class TinyLlmCacheDashboardAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    CacheDashboardEndpoint cacheDashboardEndpoint(
            ObjectProvider<PathMappedEndpoints> endpoints, KeyNames keyNames, DashboardHeaders headers) {
        return new CacheDashboardEndpoint(endpoints::getObject, keyNames, headers);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    static class ServletConfiguration {

        @Bean
        DashboardHeaders tinyLlmCacheDashboardHeaders() {
            return new ServletDashboardHeaders();
        }
    }

    /** The filter serves a management port of its own too: the context of that port looks at its parent's. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    static class ReactiveConfiguration {

        @Bean
        DashboardHeaders tinyLlmCacheDashboardHeaders() {
            return DashboardHeaders.elsewhere();
        }

        @Bean
        ReactiveDashboardHeaders tinyLlmCacheDashboardFilter(ObjectProvider<PathMappedEndpoints> endpoints) {
            return new ReactiveDashboardHeaders(endpoints::getObject);
        }
    }
}

package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.core.env.Environment;

/** Binds the settings of a named cache onto a copy of the defaults, so that they override property by property. */
final class DefaultsBindHandlerAdvisor implements ConfigurationPropertiesBindHandlerAdvisor {

    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(TinyLlmCacheProperties.PREFIX);

    private static final ConfigurationPropertyName DEFAULTS = PREFIX.append("defaults");

    private static final ConfigurationPropertyName CACHES = PREFIX.append("caches");

    @Override
    public BindHandler apply(BindHandler bindHandler) {
        return new AbstractBindHandler(bindHandler) {

            @Override
            public <T> @Nullable Bindable<T> onStart(
                    ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
                return super.onStart(name, withDefaults(name, target, context), context);
            }

            @Override
            public void onFinish(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, @Nullable Object result)
                    throws Exception {
                ConfigurationProperty property = context.getConfigurationProperty();
                if (result == null && property != null && PREFIX.isAncestorOf(name) && isEmpty(name, property)) {
                    // An empty value leaves the default: said here, since it would count as an unknown name.
                    super.onSuccess(name, target, context, property.getValue());
                }
                super.onFinish(name, target, context, result);
            }
        };
    }

    private static boolean isEmpty(ConfigurationPropertyName name, ConfigurationProperty property) {
        return property.getName().equals(name) && "".equals(property.getValue());
    }

    @SuppressWarnings("unchecked") // the target is of that type
    private static <T> Bindable<T> withDefaults(
            ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
        if (target.getType().resolve() != CacheSettings.class || !CACHES.isParentOf(name)) {
            return target;
        }
        return target.withSuppliedValue(() -> (T) defaults(context.getBinder()));
    }

    /** A new copy of the defaults, to be changed at will; nothing is bound where the application has set none. */
    static CacheSettings defaults(Environment environment) {
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source.containsDescendantOf(DEFAULTS) != ConfigurationPropertyState.ABSENT) {
                return defaults(Binder.get(environment));
            }
        }
        return new CacheSettings();
    }

    private static CacheSettings defaults(Binder binder) {
        return binder.bind(DEFAULTS, Bindable.ofInstance(new CacheSettings())).orElseGet(CacheSettings::new);
    }
}

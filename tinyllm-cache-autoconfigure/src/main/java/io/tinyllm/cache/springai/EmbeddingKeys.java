package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.Fingerprint;
import io.tinyllm.cache.llm.Fingerprint.Field;
import io.tinyllm.cache.llm.NoStableTextException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Makes the keys of the texts of one embedding model: from the model, its own options, those of the request, the tenant
 * and the text. Immutable.
 */
final class EmbeddingKeys {

    private static final CountedOptions ALL = new CountedOptions(Set.of());

    private final String identity;
    private final List<EmbeddingOptions> own;

    private EmbeddingKeys(String identity, List<EmbeddingOptions> own) {
        this.identity = identity;
        this.own = own;
    }

    /**
     * The keys of a model.
     * @param model the model
     * @param identity which of the application's models it is
     */
    static EmbeddingKeys of(EmbeddingModel model, String identity) {
        List<EmbeddingOptions> own = new ArrayList<>();
        Object target = Objects.requireNonNullElse(AopProxyUtils.getSingletonTarget(model), model);
        ReflectionUtils.doWithFields(
                target.getClass(),
                field -> {
                    if (field.trySetAccessible() && field.get(target) instanceof EmbeddingOptions options) {
                        own.add(options);
                    }
                },
                field -> !Modifier.isStatic(field.getModifiers()));
        // A model that does not show what it is set to is known in this process only: another may be set otherwise.
        return new EmbeddingKeys(own.isEmpty() ? identity + "#" + UUID.randomUUID() : identity, List.copyOf(own));
    }

    /** The name of the model that answers a request, null where nobody names one. */
    @Nullable
    String model(@Nullable EmbeddingOptions options) {
        if (options != null && options.getModel() != null) {
            return options.getModel();
        }
        return own.isEmpty() ? null : own.get(0).getModel();
    }

    /**
     * The key of a text.
     * @throws NoStableTextException if an option has no stable text
     */
    String key(String text, @Nullable EmbeddingOptions options, @Nullable String tenant) {
        Fingerprint print = new Fingerprint();
        String model = model(options);
        print.add(Field.MODEL, "model", identity);
        print.add(Field.MODEL, "model", model);
        for (EmbeddingOptions each : own) {
            print.addBean(Field.OPTIONS, "options", each, ALL);
        }
        if (options != null && !isEmpty(options)) {
            print.addBean(Field.OPTIONS, "options", options, ALL);
        }
        print.add(Field.TENANT, "tenant", tenant);
        print.add(Field.USER, "text", text);
        return print.key(tenant, model);
    }

    /** Spring AI gives requests options that say nothing. */
    private static boolean isEmpty(EmbeddingOptions options) {
        return options.getClass() == EmbeddingOptions.builder().build().getClass()
                && options.getModel() == null
                && options.getDimensions() == null;
    }
}

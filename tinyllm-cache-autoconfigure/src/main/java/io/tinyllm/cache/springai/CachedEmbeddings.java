package io.tinyllm.cache.springai;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.NoStableTextException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.EmptyUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.cache.Cache;
import org.springframework.cache.Cache.ValueRetrievalException;
import org.springframework.cache.Cache.ValueWrapper;

/**
 * An embedding model over a cache of vectors, text by text: the model is asked only for the texts of a batch that are
 * missing, in one call, in their order. A fault of the cache means that the model is asked. Thread-safe.
 */
final class CachedEmbeddings implements EmbeddingModel {

    private final EmbeddingModel model;
    private final EmbeddingKeys keys;
    private final String cacheName;
    private final AnswerMode mode;
    private final AnswerCaches caches;
    private final Tenants tenants;
    private final AnswerFaults faults;

    CachedEmbeddings(
            EmbeddingModel model,
            EmbeddingKeys keys,
            String cacheName,
            AnswerMode mode,
            AnswerCaches caches,
            Tenants tenants,
            AnswerFaults faults) {
        this.model = model;
        this.keys = keys;
        this.cacheName = cacheName;
        this.mode = mode;
        this.caches = caches;
        this.tenants = tenants;
        this.faults = faults;
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        List<String> texts = request.getInstructions();
        Map<String, String> keyed = keyed(texts, request.getOptions());
        if (keyed == null) {
            return model.call(request);
        }
        Cache cache;
        Map<String, float[]> known;
        try {
            cache = caches.cache(cacheName);
            known = mode == AnswerMode.REFRESH ? new LinkedHashMap<>() : lookUp(cache, keyed);
        } catch (RuntimeException e) {
            faults.fault(cacheName, e);
            return model.call(request);
        }
        Set<String> missing = new LinkedHashSet<>(keyed.keySet());
        missing.removeAll(known.keySet());
        if (missing.isEmpty()) {
            return response(texts, known, new EmbeddingResponseMetadata(name(request), new EmptyUsage()));
        }
        if (mode == AnswerMode.ONLY_IF_CACHED) {
            throw AnswerNotCachedException.of(cacheName, null);
        }
        if (texts.size() == 1 && mode == AnswerMode.CACHE) {
            return one(cache, Objects.requireNonNull(keyed.get(texts.get(0))), request);
        }
        EmbeddingResponse said = model.call(new EmbeddingRequest(List.copyOf(missing), request.getOptions()));
        if (said.getResults().size() != missing.size()) {
            return model.call(request);
        }
        int at = 0;
        for (String text : missing) {
            float[] vector = said.getResults().get(at++).getOutput();
            known.put(text, vector);
            store(cache, keyed.get(text), vector);
        }
        return response(texts, known, said.getMetadata());
    }

    /** The texts with their keys, each once; null where they cannot be cached. */
    private @Nullable Map<String, String> keyed(List<String> texts, @Nullable EmbeddingOptions options) {
        Map<String, String> keyed = new LinkedHashMap<>();
        try {
            String tenant = tenants.current(cacheName);
            for (String text : texts) {
                if (!keyed.containsKey(text)) {
                    keyed.put(text, keys.key(text, options, tenant));
                }
            }
            return keyed.isEmpty() ? null : keyed;
        } catch (NoStableTextException e) {
            faults.bypassed(cacheName, "unstable", "Embeddings are not cached, because " + e.getMessage());
        } catch (Tenants.UnknownTenantException e) {
            // counted
        } catch (RuntimeException e) {
            faults.fault(cacheName, e);
        }
        if (mode == AnswerMode.ONLY_IF_CACHED) {
            throw AnswerNotCachedException.uncacheable(cacheName, "embeddings");
        }
        return null;
    }

    /** All at once, so that a shared tier costs one round trip and not one for each text. */
    private static Map<String, float[]> lookUp(Cache cache, Map<String, String> keyed) {
        Map<String, CompletableFuture<?>> asked = new LinkedHashMap<>();
        keyed.forEach((text, key) -> {
            CompletableFuture<?> found = cache.retrieve(key);
            if (found != null) {
                asked.put(text, found);
            }
        });
        Map<String, float[]> known = new LinkedHashMap<>();
        asked.forEach((text, found) -> {
            Object value = found.join();
            if (value instanceof ValueWrapper wrapper) {
                value = wrapper.get();
            }
            if (value instanceof float[] vector) {
                known.put(text, vector);
            }
        });
        return known;
    }

    /** One text, for which one caller asks and the others wait. */
    private EmbeddingResponse one(Cache cache, String key, EmbeddingRequest request) {
        EmbeddingResponse[] own = new EmbeddingResponse[1];
        Object vector;
        try {
            vector = cache.get(key, () -> {
                EmbeddingResponse said = model.call(request);
                own[0] = said;
                if (said.getResults().size() != 1) {
                    throw new NoVectorException();
                }
                return said.getResults().get(0).getOutput().clone();
            });
        } catch (ValueRetrievalException e) {
            if (e.getCause() == null || e.getCause() instanceof NoVectorException) {
                return own[0] != null ? own[0] : model.call(request);
            }
            throw Sneaky.rethrow(e.getCause());
        } catch (LoadTimeoutException e) {
            throw e;
        } catch (RuntimeException e) {
            faults.fault(cacheName, e);
            return own[0] != null ? own[0] : model.call(request);
        }
        if (own[0] != null) {
            return own[0];
        }
        if (!(vector instanceof float[] found)) {
            return model.call(request);
        }
        return response(
                request.getInstructions(),
                Map.of(request.getInstructions().get(0), found),
                new EmbeddingResponseMetadata(name(request), new EmptyUsage()));
    }

    private void store(Cache cache, @Nullable String key, float[] vector) {
        try {
            if (key != null) {
                cache.put(key, vector.clone());
            }
        } catch (RuntimeException e) {
            faults.fault(cacheName, e);
        }
    }

    /** Callers get vectors of their own: they may change them. */
    private static EmbeddingResponse response(
            List<String> texts, Map<String, float[]> vectors, EmbeddingResponseMetadata metadata) {
        List<Embedding> embeddings = new ArrayList<>(texts.size());
        for (String text : texts) {
            float[] vector = vectors.get(text);
            embeddings.add(new Embedding(vector == null ? new float[0] : vector.clone(), embeddings.size()));
        }
        return new EmbeddingResponse(embeddings, metadata);
    }

    private String name(EmbeddingRequest request) {
        String name = keys.model(request.getOptions());
        return name == null ? "" : name;
    }

    @Override
    public float[] embed(Document document) {
        String text = model.getEmbeddingContent(document);
        return text == null ? model.embed(document) : embed(text);
    }

    @Override
    public @Nullable String getEmbeddingContent(Document document) {
        return model.getEmbeddingContent(document);
    }

    @Override
    public int dimensions() {
        return model.dimensions();
    }

    /** A model has answered a text with anything but one vector, which is not to be kept. */
    private static final class NoVectorException extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }
}

package io.tinyllm.cache.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.Background;
import io.tinyllm.cache.core.Staleness;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.TieredCacheBuilder;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.remote.InMemoryRemoteTier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real tracer, OpenTelemetry's, gets to see of a cache. */
class SpanTests {

    private static final long MINUTE = 60_000_000_000L;

    private final List<SpanData> spans = new CopyOnWriteArrayList<>();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(new Exporter()))
            .build();
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicLong now = new AtomicLong();
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final CacheObservations observations =
            new CacheObservations(() -> registry, true, true, errors::incrementAndGet);

    SpanTests() {
        OtelTracer tracer = new OtelTracer(provider.get("test"), new OtelCurrentTraceContext(), event -> {});
        registry.observationConfig()
                .observationHandler(new ObservationHandler.FirstMatchingCompositeObservationHandler(
                        new LinkedLoads(tracer), new DefaultTracingObservationHandler(tracer)));
    }

    @AfterEach
    void close() {
        provider.close();
        assertThat(errors).hasValue(0);
    }

    private TieredCacheBuilder cache() {
        return TieredCache.named("answers")
                .ticker(now::get)
                .memory(CaffeineMemoryTier.keeping(100, now::get, Runnable::run, 60 * MINUTE))
                .ttl((key, value) -> MINUTE)
                .staleness(new Staleness(0, MINUTE, 0))
                .background(new Background(background::add, key -> "fresh"))
                .loadObserver(observations.loads("answers"));
    }

    private Observation request(Runnable action) {
        Observation request = Observation.start("request", registry);
        request.scoped(action);
        request.stop();
        return request;
    }

    private SpanData span(String name) {
        assertThat(spans).filteredOn(span -> span.getName().equals(name)).hasSize(1);
        return spans.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String tag(SpanData span, String name) {
        return span.getAttributes().get(AttributeKey.stringKey(name));
    }

    @Test
    void theLoadOfACallerIsAPartOfWhatItDoes() {
        TieredCache cache = cache().build();
        request(() -> cache.get("secret", () -> {
            Observation.start("inside", registry).stop();
            return "value";
        }));
        SpanData load = span("tinyllm.cache.load");
        assertThat(load.getParentSpanId()).isEqualTo(span("request").getSpanId());
        assertThat(span("inside").getParentSpanId()).isEqualTo(load.getSpanId());
        assertThat(tag(load, "cache")).isEqualTo("answers");
        assertThat(tag(load, "outcome")).isEqualTo("success");
        assertThat(tag(load, "stale")).isEqualTo("false");
        assertThat(spans.toString()).doesNotContain("secret");
    }

    @Test
    void aLoadInTheBackgroundIsATraceOfItsOwnLinkedToItsAsker() {
        TieredCache cache = cache().build();
        cache.put("secret", "old");
        now.addAndGet(MINUTE);
        request(() -> assertThat(cache.get("secret").value()).isEqualTo("old"));
        // Whatever decorates background threads may carry the request's observation over.
        Observation carried = Observation.start("carried", registry);
        carried.scoped(background.remove());
        carried.stop();
        assertThat(cache.get("secret").value()).isEqualTo("fresh");
        SpanData load = span("tinyllm.cache.load");
        SpanData request = span("request");
        assertThat(load.getTraceId()).isNotEqualTo(request.getTraceId());
        assertThat(load.getParentSpanContext().isValid()).isFalse();
        assertThat(load.getLinks())
                .extracting(LinkData::getSpanContext)
                .extracting(linked -> linked.getSpanId())
                .containsExactly(request.getSpanId());
        assertThat(tag(load, "outcome")).isEqualTo("success");
        assertThat(tag(load, "stale")).isEqualTo("true");
    }

    @Test
    void aLoadInTheBackgroundRunsInTheContextThatIsRegistered() {
        ThreadLocal<String> tenant = new ThreadLocal<>();
        ContextRegistry.getInstance().registerThreadLocalAccessor("test.tenant", tenant);
        try {
            List<String> seen = new CopyOnWriteArrayList<>();
            TieredCache cache = cache().background(new Background(background::add, key -> {
                        seen.add(tenant.get());
                        return "fresh";
                    }))
                    .build();
            cache.put("key", "old");
            now.addAndGet(MINUTE);
            tenant.set("acme");
            cache.get("key");
            tenant.set("other");
            background.remove().run();
            assertThat(seen).containsExactly("acme");
            assertThat(tenant.get()).isEqualTo("other");
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor("test.tenant");
        }
    }

    @Test
    void aFailedLoadIsAFailedSpan() {
        TieredCache cache = cache().build();
        try {
            cache.get("secret", () -> {
                throw new IllegalStateException("down");
            });
        } catch (RuntimeException expected) {
            // It is the load that is looked at.
        }
        assertThat(tag(span("tinyllm.cache.load"), "outcome")).isEqualTo("failure");
        assertThat(span("tinyllm.cache.load").getEvents()).hasSize(1);
    }

    @Test
    void whatReachesTheNetworkIsAPartOfTheRequest() {
        InMemoryRemoteTier tier = new InMemoryRemoteTier(now::get, Outcome.REMOTE_HIT);
        TieredCache cache = cache().remote(observations.remote("answers", tier)).build();
        SpanData request;
        request(() -> cache.get("secret"));
        request = span("request");
        SpanData get = span("tinyllm.cache.redis");
        assertThat(get.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(tag(get, "cache")).isEqualTo("answers");
        assertThat(tag(get, "outcome")).isEqualTo("miss");
    }

    private final class Exporter implements SpanExporter {

        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }
}

package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Load;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Ends the loads of methods that return a publisher.
 *
 * <p>Such a load runs when somebody subscribes, and the caller that leads it may never do so. The first who waits for
 * it starts it then, and the leader's first subscription shares that run. Every later subscription to a publisher of
 * one runs anew, as it would without a cache; one of many is what Spring makes of it, which is for one subscription.
 */
final class ReactiveResults {

    private static final int NOT_STARTED = 0;
    private static final int STARTED = 1;
    private static final int STARTED_BY_WAITER = 2;

    private final CacheableInvocation cacheable;
    private final Publisher<?> source;
    private final boolean multiple;
    private final AtomicInteger state = new AtomicInteger(NOT_STARTED);

    private ReactiveResults(CacheableInvocation cacheable, Publisher<?> source, boolean multiple) {
        this.cacheable = cacheable;
        this.source = source;
        this.multiple = multiple;
    }

    /**
     * Ends the loads of an invocation as its publisher ends.
     * @param cacheable the invocation
     * @param result what Spring answers, which puts first what is to be cached
     * @return the publisher for the caller
     */
    static Object end(CacheableInvocation cacheable, Object result) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(result.getClass());
        if (adapter == null) {
            cacheable.end();
            return result;
        }
        ReactiveResults results = new ReactiveResults(cacheable, adapter.toPublisher(result), adapter.isMultiValue());
        cacheable.startLater(results::startForWaiter);
        return adapter.fromPublisher(
                adapter.isMultiValue()
                        ? Flux.defer(results::subscribe)
                        : Mono.defer(() -> Mono.from(results.subscribe())));
    }

    /**
     * Makes each subscription to what a method returned a run of the loads that it leads. Where it is a publisher of
     * many, whose caller may have seen enough before its end, it ends the loads then: Spring goes on collecting, and
     * has put by then what there was to put.
     * @param cacheable the invocation
     * @param result what the method returned
     * @return the result to go on with
     */
    static Object watched(CacheableInvocation cacheable, Object result) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(result.getClass());
        if (adapter == null || !cacheable.leads()) {
            return result;
        }
        Publisher<Object> source = adapter.toPublisher(result);
        Publisher<Object> entered = subscriber -> {
            try (Scope scope = cacheable.enter()) {
                source.subscribe(subscriber);
            }
        };
        return adapter.fromPublisher(
                adapter.isMultiValue()
                        ? Flux.from(entered).doFinally(signal -> cacheable.sourceEnded())
                        : Mono.from(entered));
    }

    private Publisher<?> subscribe() {
        if (state.compareAndSet(NOT_STARTED, STARTED)) {
            return run(cacheable);
        }
        if (state.compareAndSet(STARTED_BY_WAITER, STARTED)) {
            return share(cacheable.loads().get(0));
        }
        return multiple ? source : run(cacheable.again());
    }

    private void startForWaiter() {
        if (state.compareAndSet(NOT_STARTED, STARTED_BY_WAITER)) {
            // The outcome reaches whoever waits, and the leader, through the load.
            Flux.from(run(cacheable)).subscribe(value -> {}, failure -> {});
        }
    }

    /**
     * Runs a publisher for the loads of a background invocation.
     * @param cacheable the invocation
     * @param result what Spring answers
     */
    static void run(CacheableInvocation cacheable, Object result) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(result.getClass());
        if (adapter == null) {
            cacheable.end();
        } else {
            new ReactiveResults(cacheable, adapter.toPublisher(result), adapter.isMultiValue()).startForWaiter();
        }
    }

    /** A value as a reactive method would return it. */
    static Object of(@Nullable Object value, Class<?> type) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
        if (adapter == null) {
            throw new IllegalArgumentException("No asynchronous type: " + type.getName());
        }
        return adapter.fromPublisher(
                adapter.isMultiValue() ? Flux.fromIterable(values(value)) : Mono.justOrEmpty(value));
    }

    private Publisher<?> run(CacheableInvocation invocation) {
        if (multiple) {
            List<Object> values = new ArrayList<>();
            return Flux.<Object>from(source)
                    .doOnNext(values::add)
                    .doOnComplete(() -> settle(invocation, values))
                    .doFinally(signal -> {
                        if (signal == SignalType.CANCEL) {
                            invocation.callerGone();
                        }
                    })
                    .onErrorResume(failure -> {
                        CacheEntry stale = invocation.failed(cause(failure));
                        // What has been emitted cannot be taken back, so a stale answer must come first or not at all.
                        return stale == null || !values.isEmpty()
                                ? Flux.error(cause(failure))
                                : Flux.fromIterable(values(stale.value()));
                    });
        }
        return Mono.<Object>from(source)
                .doOnSuccess(value -> settle(invocation, value))
                .doOnCancel(invocation::end)
                .onErrorResume(failure -> {
                    CacheEntry stale = invocation.failed(cause(failure));
                    return stale == null ? Mono.error(cause(failure)) : Mono.justOrEmpty(stale.value());
                });
    }

    private static void settle(CacheableInvocation invocation, @Nullable Object value) {
        invocation.returned(value);
        invocation.end();
    }

    private Publisher<?> share(Load load) {
        Mono<CacheEntry> entry = Mono.fromFuture(load.toFuture(), true);
        Publisher<?> shared = multiple
                ? entry.flatMapMany(found -> Flux.fromIterable(values(found.value())))
                : entry.flatMap(found -> Mono.justOrEmpty(found.value()));
        return Flux.<Object>from(shared).onErrorMap(LoadFailedException.class, LoadFailedException::failure);
    }

    private static Iterable<?> values(@Nullable Object value) {
        return value instanceof Iterable<?> values ? values : List.of();
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof LoadFailedException failed ? failed.failure() : failure;
    }
}

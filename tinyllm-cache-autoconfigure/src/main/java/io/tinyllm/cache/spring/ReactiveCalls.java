package io.tinyllm.cache.spring;

import io.tinyllm.cache.SessionResolver;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.RunningLoads;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Scope;
import io.tinyllm.cache.prefetch.Sessions;
import io.tinyllm.cache.spring.CacheableInvocation.Refresher;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The calls of a cacheable method that returns a publisher, or that suspends, which Spring makes a publisher of.
 * Nothing happens before somebody subscribes. Each subscription is a call of its own, in the context of its subscriber:
 * it looks the key up, waits without a thread where others load it, and runs the method where nobody does. Thread-safe.
 */
final class ReactiveCalls {

    /** The key of the loads that a chain is inside of, in its context and for Micrometer's context propagation. */
    static final String RUNNING = "io.tinyllm.cache.running-loads";

    private final ProxyMethodInvocation pristine;
    private final Refresher refresher;
    private final Walk walk;
    private final ReactiveAdapter type;

    /**
     * Creates the calls of one invocation.
     * @param pristine the invocation, not yet proceeded
     * @param refresher runs it in the background
     * @param walk does what Spring does with the caches of an invocation
     */
    ReactiveCalls(MethodInvocation pristine, Refresher refresher, Walk walk) {
        this.pristine = (ProxyMethodInvocation) pristine;
        this.refresher = refresher;
        this.walk = walk;
        this.type = type(pristine.getMethod());
    }

    private static ReactiveAdapter type(Method method) {
        Class<?> type = method.getReturnType();
        if (ReturnKind.of(method) == ReturnKind.SUSPENDING) {
            type = ReturnKind.suspendsBeforeFlow(method) ? Flux.class : Mono.class;
        }
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
        if (adapter == null) {
            throw new IllegalArgumentException("No publisher: " + type.getName());
        }
        return adapter;
    }

    /** Returns what the method returns to its caller. */
    Object toPublisher() {
        return type.fromPublisher(
                type.isMultiValue()
                        ? Flux.deferContextual(context -> Flux.from(subscribe(context)))
                        : Mono.deferContextual(context -> Mono.from(subscribe(context))));
    }

    private Publisher<?> subscribe(ContextView context) {
        return new Call(CacheableInvocation.of(pristine, refresher), context).attempt();
    }

    /** Runs the method in the background, for the load of an invocation. */
    void run(CacheableInvocation refreshing) {
        // The outcome reaches whoever waits through the load.
        Flux.from(new Call(refreshing, Context.empty()).attempt()).subscribe(value -> {}, failure -> {});
    }

    /** Does what Spring does with the caches of an invocation. */
    @FunctionalInterface
    interface Walk {

        /** Answers from the caches, or with what the method returns. */
        @Nullable
        Object through(MethodInvocation invocation, CacheableInvocation cacheable) throws Throwable;
    }

    /** The call of one subscriber. */
    private final class Call {

        private final CacheableInvocation cacheable;
        private final ContextView context;
        private final @Nullable RunningLoads outer;

        Call(CacheableInvocation cacheable, ContextView context) {
            this.cacheable = cacheable;
            this.context = context;
            RunningLoads ofChain = context.getOrDefault(RUNNING, null);
            this.outer = ofChain == null ? RunningLoads.current() : ofChain;
            cacheable.setLazily(this::entered);
        }

        /** Walks through the caches until the answer of each is known. */
        Publisher<?> attempt() {
            Object result;
            try (Scope scope = RunningLoads.within(outer);
                    Scope session = Sessions.inChain(context.getOrDefault(SessionResolver.class, null))) {
                result = walk.through(new RepeatedInvocation(pristine), cacheable);
            } catch (AnswerToCome later) {
                return again(later);
            } catch (LoadFailedException e) {
                cacheable.end();
                return Mono.error(e.failure());
            } catch (Throwable e) {
                return failed(e, true);
            }
            Publisher<?> source = publisher(result);
            return type.isMultiValue() ? many(source) : one(source);
        }

        private Publisher<?> again(AnswerToCome later) {
            CompletableFuture<Boolean> known = later.answer().handle((entry, failure) -> {
                cacheable.know(later);
                return true;
            });
            Mono<Boolean> answered = Mono.fromFuture(known, true).doOnCancel(() -> {
                // What has been answered is not waited for any more: who cancels then has seen enough of the values.
                if (later.answer().cancel(false)) {
                    cacheable.end();
                }
            });
            return type.isMultiValue()
                    ? answered.flatMapMany(now -> attempt())
                    : answered.flatMap(now -> Mono.from(attempt()));
        }

        private Publisher<?> publisher(@Nullable Object result) {
            ReactiveAdapter adapter = result == null
                    ? null
                    : ReactiveAdapterRegistry.getSharedInstance().getAdapter(result.getClass());
            // What a cache answers for a suspending function comes as it is.
            return adapter == null ? values(result) : adapter.toPublisher(result);
        }

        private Publisher<?> values(@Nullable Object value) {
            return type.isMultiValue()
                    ? Flux.fromIterable(value instanceof Iterable<?> values ? values : List.of())
                    : Mono.justOrEmpty(value);
        }

        /**
         * Makes each subscription to what the method returned a run of the loads that the call leads, in the context of
         * the subscriber, which Spring does not always hand on. Where it is a publisher of many, whose caller may have
         * seen enough before its end, it ends the loads then: Spring goes on collecting, and has put by then what there
         * was to put.
         */
        private Object entered(Object result) {
            ReactiveAdapter adapter =
                    ReactiveAdapterRegistry.getSharedInstance().getAdapter(result.getClass());
            if (adapter == null) {
                return result;
            }
            Publisher<Object> source = adapter.toPublisher(result);
            Publisher<Object> entered = subscriber -> {
                try (Scope scope = cacheable.enter()) {
                    if (adapter.isMultiValue()) {
                        Flux.from(source).contextWrite(this::inside).subscribe(subscriber);
                    } else {
                        Mono.from(source).contextWrite(this::inside).subscribe(subscriber);
                    }
                }
            };
            return adapter.fromPublisher(
                    adapter.isMultiValue()
                            ? Flux.from(entered).doFinally(signal -> cacheable.sourceEnded())
                            : Mono.from(entered));
        }

        private Context inside(Context known) {
            RunningLoads loads = RunningLoads.current();
            Context all = known.putAll(context);
            return loads == null ? all : all.put(RUNNING, loads);
        }

        private Publisher<?> one(Publisher<?> source) {
            return Mono.<Object>from(source)
                    .doOnSuccess(this::settle)
                    .doOnCancel(cacheable::end)
                    .onErrorResume(failure -> Mono.from(failed(failure, true)));
        }

        private Publisher<?> many(Publisher<?> source) {
            List<Object> values = new ArrayList<>();
            return Flux.<Object>from(source)
                    .doOnNext(values::add)
                    .doOnComplete(() -> settle(values))
                    .doFinally(signal -> {
                        if (signal == SignalType.CANCEL) {
                            cacheable.callerGone();
                        }
                    })
                    // What has been emitted cannot be taken back, so a stale answer must come first or not at all.
                    .onErrorResume(failure -> failed(failure, values.isEmpty()));
        }

        private void settle(@Nullable Object value) {
            cacheable.returned(value);
            cacheable.end();
        }

        /** Ends the loads with a failure; a stale answer stands in for it where that may still be. */
        private Publisher<?> failed(Throwable failure, boolean replaceable) {
            Throwable cause = failure instanceof LoadFailedException failed ? failed.failure() : failure;
            CacheEntry stale = cacheable.failed(cause);
            return stale == null || !replaceable ? Mono.error(cause) : values(stale.value());
        }
    }
}

package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.NotStored;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One request for a stream: it gets what is stored, or follows the stream of the model, its own or that of another
 * caller, whichever the cache says. One subscription.
 */
final class StreamedAnswer {

    /** How often one asks again whose stream was given up just when he came. */
    private static final int ATTEMPTS = 10;

    private final StreamedAnswers answers;
    private final AskedAnswer asked;
    private final Flux<ChatClientResponse> model;
    private final ContextView context;
    private final LiveAnswers.Slot slot;
    private volatile boolean gone;
    private int attempts;

    StreamedAnswer(StreamedAnswers answers, AskedAnswer asked, Flux<ChatClientResponse> model, ContextView context) {
        this.answers = answers;
        this.asked = asked;
        this.model = model;
        this.context = context;
        this.slot = answers.live().enter(asked);
    }

    Flux<ChatClientResponse> flux() {
        return Flux.defer(this::attempt)
                .onErrorResume(AbandonedException.class, abandoned -> again())
                .onErrorResume(LiveAnswer.OvergrownException.class, late -> answers.value(asked, LATE, model))
                .doFinally(end -> {
                    gone = true;
                    slot.leave();
                });
    }

    /** The answer for who comes too late for a large one. */
    private static final UnstoredAnswer LATE = new UnstoredAnswer(NotStored.SIZE, List.of(), null, 0);

    private Flux<ChatClientResponse> again() {
        return ++attempts > ATTEMPTS
                ? answers.inPlace(asked, model, new AbandonedException())
                : Flux.defer(this::attempt).onErrorResume(AbandonedException.class, abandoned -> again());
    }

    private Flux<ChatClientResponse> attempt() {
        Lead lead = new Lead();
        CompletableFuture<Object> found;
        try {
            found = asked.cache().retrieve(asked.key(), () -> lead.begin());
        } catch (RuntimeException fault) {
            LiveAnswer own = lead.settle();
            return own != null ? answers.begun(asked, own) : answers.inPlace(asked, model, fault);
        }
        if (found == null) {
            return answers.inPlace(asked, model, new IllegalStateException("The cache answers nothing"));
        }
        if (found.isDone()) {
            return settled(lead, found);
        }
        LiveAnswer own = lead.stream();
        return own != null ? leading(lead, own, found) : waiting(lead, found);
    }

    /** Another caller loads, or other tiers are being asked: whatever comes first is followed. */
    private Flux<ChatClientResponse> waiting(Lead lead, CompletableFuture<Object> found) {
        CompletableFuture<Flux<ChatClientResponse>> source = new CompletableFuture<>();
        lead.onBegin(own -> {
            if (!source.complete(leading(lead, own, found))) {
                own.pin();
            }
        });
        slot.onLive(other -> source.complete(answers.joined(asked, other)));
        // Not on the thread of whoever ends the load, which is not to wait for what is done with the answer.
        found.whenComplete((value, failure) ->
                source.complete(Flux.defer(() -> settled(lead, found)).subscribeOn(Schedulers.boundedElastic())));
        return Mono.fromFuture(source, true).flatMapMany(stream -> stream);
    }

    /** Follows the own stream, unless the cache has another answer before its first piece: a stale one. */
    private Flux<ChatClientResponse> leading(Lead lead, LiveAnswer own, CompletableFuture<Object> found) {
        Mono<Object> other = Mono.create(sink -> found.whenComplete((value, failure) -> {
            if (failure == null && value != null && !own.isOutcome(value)) {
                sink.success(value);
            }
        }));
        return Flux.firstWithSignal(
                other.flatMapMany(value -> {
                    lead.settle();
                    return answers.value(asked, value, model);
                }),
                answers.begun(asked, own));
    }

    private Flux<ChatClientResponse> settled(Lead lead, CompletableFuture<Object> found) {
        Object value;
        try {
            value = found.getNow(null);
        } catch (RuntimeException e) {
            Throwable failure = cause(e);
            LiveAnswer own = lead.stream();
            return own != null && own.outcome() != null ? answers.begun(asked, own) : Flux.error(failure);
        }
        LiveAnswer own = lead.stream();
        if (own != null && own.isOutcome(value)) {
            return answers.begun(asked, own);
        }
        lead.settle();
        return answers.value(asked, value, model);
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /**
     * The part of a caller whom the cache tells to load: at once, later, or in the background when he has his answer.
     */
    private final class Lead {

        private @Nullable LiveAnswer stream;
        private @Nullable Consumer<LiveAnswer> listener;
        private boolean settled;

        /** Begins to load. */
        CompletableFuture<Object> begin() {
            long started = answers.time().nanos();
            boolean background = answers.tiers().isInBackground();
            Consumer<LiveAnswer> told;
            LiveAnswer live;
            synchronized (this) {
                if (gone && !settled) {
                    return CompletableFuture.failedFuture(new AbandonedException());
                }
                live = new LiveAnswer(
                        asked.answer(),
                        builder -> answers.finish(asked, builder, started),
                        builder -> asked.account()
                                .spent(
                                        builder.tokens(),
                                        builder.took(answers.time().nanos() - started),
                                        background),
                        settled || background ? Context.empty() : context);
                stream = live;
                told = listener;
                if (settled || background) {
                    live.pin();
                }
            }
            if (background) {
                asked.account().ledger().note(asked.key(), asked.prints()::get);
            } else {
                asked.account()
                        .ledger()
                        .missed(
                                asked.account().model(),
                                asked.key(),
                                asked.prints().get());
            }
            if (told != null) {
                told.accept(live);
            }
            if (!slot.starts(live) && !live.isPinned()) {
                live.fail(new AbandonedException());
                return live.loaded();
            }
            try {
                model.subscribe(live);
            } catch (RuntimeException | Error e) {
                live.fail(e);
            }
            return live.loaded();
        }

        /** The stream that was begun, null so far. */
        synchronized @Nullable LiveAnswer stream() {
            return stream;
        }

        /** Calls a listener with the stream, now or when it begins. */
        void onBegin(Consumer<LiveAnswer> told) {
            LiveAnswer begun;
            synchronized (this) {
                begun = stream;
                listener = told;
            }
            if (begun != null) {
                told.accept(begun);
            }
        }

        /** Says that the caller has his answer: what is loaded now is for the cache. */
        synchronized @Nullable LiveAnswer settle() {
            settled = true;
            LiveAnswer begun = stream;
            if (begun != null) {
                begun.pin();
            }
            return begun;
        }
    }
}

package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.CacheStatus;
import io.tinyllm.cache.llm.HeldAnswers;
import io.tinyllm.cache.llm.NotStored;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.springai.AskedAnswer.Route;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.cache.Cache.ValueWrapper;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Answers requests whose callers want streams. Never blocks. Thread-safe. */
final class StreamedAnswers {

    private final LiveAnswers live;
    private final AnswerTime time;
    private final AnswerFaults faults;
    private final HeldAnswers tiers;
    private final Standing standing;
    private final boolean recorded;

    StreamedAnswers(LiveAnswers live, AnswerTime time, AnswerFaults faults, HeldAnswers tiers, boolean recorded) {
        this.live = live;
        this.time = time;
        this.faults = faults;
        this.tiers = tiers;
        this.standing = new Standing(tiers, time);
        this.recorded = recorded;
    }

    /**
     * Answers a request.
     * @param asked the request
     * @param model the stream of the model; subscribed to as often, and on whichever thread, as is needed
     */
    Flux<ChatClientResponse> answer(AskedAnswer asked, Flux<ChatClientResponse> model) {
        return switch (asked.route()) {
            case CACHED -> Flux.deferContextual(context -> new StreamedAnswer(this, asked, model, context).flux());
            case ASKED -> askAndStore(asked, model);
            case ASKED_ONLY -> told(asked, asked.account().asking(model), done(CacheStatus.requested()));
            case READ_ONLY, NEVER_ASKED -> read(asked, model);
        };
    }

    private Flux<ChatClientResponse> read(AskedAnswer asked, Flux<ChatClientResponse> model) {
        return lookup(asked)
                .filter(stored -> !asked.isTooOld(stored, time.micros()))
                .map(stored -> hit(asked, stored))
                .switchIfEmpty(Mono.fromSupplier(() -> missed(asked, model)))
                .flatMapMany(answer -> answer);
    }

    private Flux<ChatClientResponse> missed(AskedAnswer asked, Flux<ChatClientResponse> model) {
        asked.account()
                .ledger()
                .missed(asked.account().model(), asked.key(), asked.prints().get());
        if (asked.route() == Route.NEVER_ASKED) {
            // To look for the nearest among all that are stored takes a while.
            return Flux.<ChatClientResponse>error(() -> NearestAnswer.none(asked, tiers))
                    .subscribeOn(Schedulers.boundedElastic());
        }
        asked.account().ledger().notKept(asked.key());
        return told(asked, asked.account().asking(model), done(CacheStatus.notStored(null)));
    }

    private Mono<StoredAnswer> lookup(AskedAnswer asked) {
        return Mono.<Object>defer(() -> {
                    CompletableFuture<?> found = asked.cache().retrieve(asked.key());
                    return found == null ? Mono.empty() : Mono.fromFuture(found);
                })
                .mapNotNull(found -> found instanceof ValueWrapper wrapper ? wrapper.get() : found)
                .onErrorResume(fault -> {
                    faults.fault(asked.cacheName(), fault);
                    return Mono.empty();
                })
                .ofType(StoredAnswer.class);
    }

    /** Asks the model, and stores what it says before its last piece is passed on. */
    Flux<ChatClientResponse> askAndStore(AskedAnswer asked, Flux<ChatClientResponse> model) {
        return Flux.defer(() -> {
            long started = time.nanos();
            AnswerBuilder builder = asked.answer();
            Mono<ChatClientResponse> store = Mono.<ChatClientResponse>fromRunnable(() -> {
                        asked.account().spent(builder.tokens(), builder.took(time.nanos() - started), false);
                        store(asked, finish(asked, builder, started));
                    })
                    .subscribeOn(Schedulers.boundedElastic());
            Flux<ChatClientResponse> said = model.doOnNext(piece -> {
                ChatResponse response = piece.chatResponse();
                if (response != null) {
                    builder.add(response);
                }
            });
            return told(asked, said.concatWith(store), done(CacheStatus.requested()));
        });
    }

    private void store(AskedAnswer asked, Object answer) {
        if (answer instanceof StoredAnswer) {
            try {
                asked.cache().put(asked.key(), answer);
            } catch (RuntimeException e) {
                faults.fault(asked.cacheName(), e);
            }
        }
    }

    /** Ends an answer that began at a time. */
    Object finish(AskedAnswer asked, AnswerBuilder builder, long startedNanos) {
        Object answer = builder.finish(
                time.micros(),
                time.nanos() - startedNanos,
                asked.control().timeToLiveSeconds(),
                asked.prints().get().toText());
        asked.made(answer);
        return answer;
    }

    /** A value of the cache as a stream; the model's where the value is no answer. */
    Flux<ChatClientResponse> value(AskedAnswer asked, @Nullable Object value, Flux<ChatClientResponse> model) {
        if (value instanceof StoredAnswer stored) {
            return asked.isTooOld(stored, time.micros()) ? askAndStore(asked, model) : hit(asked, stored);
        }
        if (value instanceof UnstoredAnswer unstored) {
            if (unstored.responses().isEmpty()) {
                return told(asked, asked.account().asking(model), done(CacheStatus.notStored(NotStored.SIZE)));
            }
            asked.account().saved(unstored, true);
            Flux<ChatClientResponse> pieces = Flux.fromIterable(unstored.responses())
                    .map(piece -> Responses.toClient(asked.request(), recorded ? piece : Responses.free(piece)));
            return told(asked, pieces, done(CacheStatus.collapsed()));
        }
        return inPlace(asked, model, new IllegalStateException("The cache holds no answer under the key"));
    }

    private Flux<ChatClientResponse> hit(AskedAnswer asked, StoredAnswer stored) {
        asked.account().saved(stored, Standing.isJoined(asked, stored));
        return Mono.fromFuture(standing.ofFound(asked, stored), true)
                .flatMapMany(status -> Responses.pieces(stored, recorded, status, asked.key()))
                .map(piece -> Responses.toClient(asked.request(), piece));
    }

    /** The stream that stands in for a cache that fails. */
    Flux<ChatClientResponse> inPlace(AskedAnswer asked, Flux<ChatClientResponse> model, Throwable fault) {
        faults.fault(asked.cacheName(), fault);
        return told(asked, asked.account().asking(model), done(CacheStatus.bypassed("fault")));
    }

    /** The stream of another caller for one who joins it. */
    Flux<ChatClientResponse> joined(AskedAnswer asked, LiveAnswer stream) {
        Flux<ChatClientResponse> pieces = stream.follow().map(piece -> {
            ChatResponse response = piece.chatResponse();
            return response == null
                    ? piece
                    : Responses.toClient(asked.request(), recorded ? response : Responses.free(response));
        });
        return told(asked, pieces, () -> {
            Object outcome = stream.outcome();
            if (outcome != null) {
                asked.account().saved(outcome, true);
            }
            return CompletableFuture.completedFuture(CacheStatus.collapsed());
        });
    }

    /** The stream that a caller has begun. */
    Flux<ChatClientResponse> begun(AskedAnswer asked, LiveAnswer stream) {
        return told(asked, stream.follow(), () -> {
            Object outcome = stream.outcome();
            return outcome == null
                    ? CompletableFuture.completedFuture(CacheStatus.notStored(null))
                    : standing.ofOwn(asked, outcome);
        });
    }

    LiveAnswers live() {
        return live;
    }

    AnswerTime time() {
        return time;
    }

    HeldAnswers tiers() {
        return tiers;
    }

    private static Supplier<CompletableFuture<String>> done(String status) {
        return () -> CompletableFuture.completedFuture(status);
    }

    private static Flux<ChatClientResponse> told(
            AskedAnswer asked, Flux<ChatClientResponse> pieces, Supplier<? extends CompletableFuture<String>> status) {
        return LastPiece.told(pieces, status, asked.key(), asked.request());
    }
}

package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.PieceLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.client.ChatClientResponse;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One stream of a model for all who want its answer: everybody follows it from its first piece, at his own speed,
 * however late he comes. What is too large to keep can be followed by those only who follow it already, and then goes
 * no faster than the slowest of them. Thread-safe.
 */
final class LiveAnswer extends BaseSubscriber<ChatClientResponse> {

    /** How many pieces are asked for at a time, and how far the slowest may be behind where the past is not kept. */
    private static final int WINDOW = 256;

    /** How many pieces wait between a stream and one who follows it. */
    private static final int PREFETCH = 32;

    private final PieceLog<ChatClientResponse> log = new PieceLog<>();
    private final CompletableFuture<Object> loaded = new CompletableFuture<>();
    private final AnswerBuilder builder;
    private final Function<AnswerBuilder, Object> ending;
    private final Consumer<AnswerBuilder> spending;
    private final Context context;
    private final Object demand = new Object();

    private volatile @Nullable Object outcome;
    private volatile boolean tooLarge;
    private volatile boolean followed;
    private volatile boolean pinned;
    private int outstanding;

    /**
     * Creates a stream that has not begun.
     * @param builder takes the pieces
     * @param ending makes the answer of them
     * @param spending hears of the whole stream when it has ended well, before those who follow it do
     * @param context of whom it is begun for
     */
    LiveAnswer(
            AnswerBuilder builder,
            Function<AnswerBuilder, Object> ending,
            Consumer<AnswerBuilder> spending,
            ContextView context) {
        this.builder = builder;
        this.ending = ending;
        this.spending = spending;
        this.context = Context.of(context);
    }

    /** The answer to come, for the cache. */
    CompletableFuture<Object> loaded() {
        return loaded;
    }

    /** Returns whether a value of the cache is what this stream has brought. */
    boolean isOutcome(@Nullable Object value) {
        return value != null && value == outcome;
    }

    /** The outcome of this stream, null so far. */
    @Nullable
    Object outcome() {
        return outcome;
    }

    /** Returns whether it has said more than is kept. */
    boolean isTooLarge() {
        return tooLarge;
    }

    /** Lets the stream run to its end, whoever follows it. */
    void pin() {
        pinned = true;
        followed = true;
        forget();
    }

    /** Returns whether it runs to its end, whoever follows it. */
    boolean isPinned() {
        return pinned;
    }

    /** Returns whether anybody follows it. */
    boolean isFollowed() {
        return log.isRead();
    }

    /** Ends the stream because nobody wants it, unless it is pinned. */
    void abandon() {
        if (!pinned && outcome == null || tooLarge) {
            cancel();
            end(new AbandonedException());
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        more(0);
    }

    @Override
    protected void hookOnNext(ChatClientResponse response) {
        if (response.chatResponse() != null) {
            builder.add(response.chatResponse());
            if (!tooLarge && builder.isTooLarge()) {
                tooLarge = true;
                answer();
                forget();
            }
        }
        log.append(response);
        more(1);
    }

    @Override
    protected void hookOnComplete() {
        spending.accept(builder);
        if (!tooLarge) {
            answer();
        }
        log.end(null);
    }

    @Override
    protected void hookOnError(Throwable failure) {
        end(failure);
    }

    /** Ends a stream that could not even begin. */
    void fail(Throwable failure) {
        end(failure);
    }

    private void end(Throwable failure) {
        // The cache first: a stale answer may stand in for those who have heard nothing so far.
        loaded.completeExceptionally(failure);
        log.end(failure);
    }

    private void answer() {
        Object answer = ending.apply(builder);
        outcome = answer;
        loaded.complete(answer);
    }

    private void forget() {
        if (tooLarge && followed) {
            log.dropPast();
        }
    }

    /** Asks for more when half of what was asked for has come, and nobody is too far behind. */
    private void more(int received) {
        if (upstream() == null) {
            return;
        }
        int wanted;
        synchronized (demand) {
            outstanding -= received;
            boolean wait = outstanding > WINDOW / 2 || tooLarge && log.behind() > WINDOW;
            wanted = wait ? 0 : WINDOW - outstanding;
            outstanding += wanted;
        }
        if (wanted > 0) {
            request(wanted);
        }
    }

    /**
     * Follows the stream from its beginning. Every piece comes on a thread of Reactor's for work that may block, so
     * that one who blocks holds up neither the stream nor the others.
     * @return the pieces; an {@link OvergrownException} where the beginning is gone
     */
    Flux<ChatClientResponse> follow() {
        return Flux.<ChatClientResponse>create(sink -> new Follower(sink).begin())
                .publishOn(Schedulers.boundedElastic(), PREFETCH);
    }

    /** One who follows the stream. */
    private final class Follower {

        private final FluxSink<ChatClientResponse> sink;
        private final AtomicInteger signals = new AtomicInteger();
        private PieceLog<ChatClientResponse>.@Nullable Reader reader;
        private boolean ended;

        Follower(FluxSink<ChatClientResponse> sink) {
            this.sink = sink;
        }

        void begin() {
            PieceLog<ChatClientResponse>.Reader found = log.read(this::drain);
            if (found == null) {
                sink.error(new OvergrownException());
                return;
            }
            synchronized (this) {
                reader = found;
            }
            followed = true;
            forget();
            sink.onDispose(() -> {
                found.close();
                more(0);
            });
            sink.onRequest(n -> drain());
            drain();
        }

        private void drain() {
            if (signals.getAndIncrement() > 0) {
                return;
            }
            int done = 1;
            do {
                pass();
                done = signals.addAndGet(-done);
            } while (done > 0);
        }

        private void pass() {
            PieceLog<ChatClientResponse>.Reader from;
            synchronized (this) {
                from = reader;
            }
            if (from == null) {
                return;
            }
            boolean passed = false;
            while (!sink.isCancelled() && sink.requestedFromDownstream() > 0) {
                ChatClientResponse next = from.next();
                if (next == null) {
                    break;
                }
                sink.next(next);
                passed = true;
            }
            if (from.atEnd() && !ended) {
                ended = true;
                Throwable failure = from.failure();
                if (failure == null) {
                    sink.complete();
                } else {
                    sink.error(failure);
                }
            } else if (passed && tooLarge) {
                more(0);
            }
        }
    }

    /** Tells one who comes too late that the beginning is gone. */
    static final class OvergrownException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        OvergrownException() {
            super("The answer is too large to be kept", null, false, false);
        }
    }
}

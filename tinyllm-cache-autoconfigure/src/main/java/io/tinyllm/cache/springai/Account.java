package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import io.tinyllm.cache.llm.ledger.AnswerLedger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.model.ChatResponse;
import reactor.core.publisher.Flux;

/**
 * Puts into the ledger of a cache what the answers to one request cost and save. Thread-safe.
 *
 * @param ledger the ledger
 * @param model the name of the model, null where the request does not name one
 * @param time the time that answers go by
 */
record Account(AnswerLedger ledger, @Nullable String model, AnswerTime time) {

    /** Asks the model, which costs something. */
    ChatClientResponse asking(ModelCall call) {
        long started = time.nanos();
        ChatClientResponse said = call.call();
        Tokens tokens = said.chatResponse() == null ? null : AnswerBuilder.tokens(said.chatResponse());
        spent(tokens, time.nanos() - started, false);
        return said;
    }

    /** A stream of the model, which costs something when it has ended. */
    Flux<ChatClientResponse> asking(Flux<ChatClientResponse> stream) {
        return Flux.defer(() -> {
            long started = time.nanos();
            AtomicReference<@Nullable Tokens> tokens = new AtomicReference<>();
            return stream.doOnNext(piece -> {
                        ChatResponse response = piece.chatResponse();
                        Tokens said = response == null ? null : AnswerBuilder.tokens(response);
                        if (said != null) {
                            tokens.set(said.after(tokens.get()));
                        }
                    })
                    .doOnComplete(() -> spent(tokens.get(), time.nanos() - started, false));
        });
    }

    /** Counts an answer of the model. */
    void spent(@Nullable Tokens tokens, long tookNanos, boolean background) {
        ledger.spent(model, tokens, tookNanos, background);
    }

    /** Counts an answer for which the model was not asked. */
    void saved(Object answer, boolean joined) {
        if (answer instanceof StoredAnswer stored) {
            ledger.saved(model, stored.tokens(), stored.tookNanos(), joined);
        } else if (answer instanceof UnstoredAnswer unstored) {
            ledger.saved(model, unstored.tokens(), unstored.tookNanos(), joined);
        }
    }

    /** Asks a model. */
    @FunctionalInterface
    interface ModelCall {

        /** Its answer. */
        ChatClientResponse call();
    }
}

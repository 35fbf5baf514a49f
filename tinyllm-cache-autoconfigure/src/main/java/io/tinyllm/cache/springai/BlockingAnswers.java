package io.tinyllm.cache.springai;

import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.llm.CacheStatus;
import io.tinyllm.cache.llm.HeldAnswers;
import io.tinyllm.cache.llm.NotStored;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.springai.Account.ModelCall;
import io.tinyllm.cache.springai.AskedAnswer.Route;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.cache.Cache.ValueRetrievalException;
import org.springframework.cache.Cache.ValueWrapper;

/** Answers requests whose callers wait. Thread-safe. */
final class BlockingAnswers {

    /** How often one asks again whose stream was given up just when he came. */
    private static final int ATTEMPTS = 10;

    private final LiveAnswers live;
    private final AnswerTime time;
    private final AnswerFaults faults;
    private final HeldAnswers tiers;
    private final Standing standing;
    private final boolean recorded;

    BlockingAnswers(LiveAnswers live, AnswerTime time, AnswerFaults faults, HeldAnswers tiers, boolean recorded) {
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
     * @param model asks the model; as often, and on whichever thread, as is needed
     */
    ChatClientResponse answer(AskedAnswer asked, ModelCall model) {
        return switch (asked.route()) {
            case CACHED -> cached(asked, model);
            case ASKED -> askAndStore(asked, model);
            case ASKED_ONLY -> told(asked, asked.account().asking(model), CacheStatus.requested());
            case READ_ONLY, NEVER_ASKED -> read(asked, model);
        };
    }

    private ChatClientResponse cached(AskedAnswer asked, ModelCall model) {
        LiveAnswers.Slot slot = live.enter(asked);
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Load load = new Load(asked, model);
                ChatClientResponse answer = once(asked, model, load);
                if (answer != null) {
                    return answer;
                }
            }
            return told(asked, asked.account().asking(model), CacheStatus.notStored(null));
        } finally {
            slot.leave();
        }
    }

    /** Null where the answer that the caller waited for was given up. */
    private @Nullable ChatClientResponse once(AskedAnswer asked, ModelCall model, Load load) {
        Object value;
        try {
            value = asked.cache().get(asked.key(), load::load);
        } catch (LoadTimeoutException e) {
            throw e;
        } catch (ValueRetrievalException e) {
            if (e.getCause() instanceof AbandonedException) {
                return null;
            }
            if (e.getCause() != null) {
                throw Sneaky.rethrow(e.getCause());
            }
            return inPlace(asked, model, load, e);
        } catch (RuntimeException e) {
            return inPlace(asked, model, load, e);
        }
        Object own = load.answer;
        ChatClientResponse response = load.response;
        if (own != null && own == value && response != null) {
            return told(asked, response, standing.ofOwn(asked, own).join());
        }
        if (value instanceof StoredAnswer stored) {
            return asked.isTooOld(stored, time.micros()) ? askAndStore(asked, model) : hit(asked, stored);
        }
        if (value instanceof UnstoredAnswer unstored && !unstored.responses().isEmpty()) {
            asked.account().saved(unstored, true);
            ChatResponse joined = Responses.joined(unstored.responses());
            ChatResponse answer = recorded ? joined : Responses.free(joined);
            return Responses.toClient(asked.request(), Responses.told(answer, CacheStatus.collapsed(), asked.key()));
        }
        if (value instanceof UnstoredAnswer) {
            return told(asked, asked.account().asking(model), CacheStatus.notStored(NotStored.SIZE));
        }
        return inPlace(asked, model, load, new IllegalStateException("The cache holds no answer under the key"));
    }

    /** The answer that stands in for a cache that fails: what the model has said already, else what it says now. */
    private ChatClientResponse inPlace(AskedAnswer asked, ModelCall model, Load load, RuntimeException fault) {
        faults.fault(asked.cacheName(), fault);
        Throwable failure = load.failure;
        if (failure != null) {
            throw Sneaky.rethrow(failure);
        }
        ChatClientResponse response = load.response;
        return told(asked, response != null ? response : asked.account().asking(model), CacheStatus.bypassed("fault"));
    }

    private ChatClientResponse read(AskedAnswer asked, ModelCall model) {
        StoredAnswer stored = lookup(asked);
        if (stored != null && !asked.isTooOld(stored, time.micros())) {
            return hit(asked, stored);
        }
        asked.account()
                .ledger()
                .missed(asked.account().model(), asked.key(), asked.prints().get());
        if (asked.route() == Route.NEVER_ASKED) {
            throw NearestAnswer.none(asked, tiers);
        }
        asked.account().ledger().notKept(asked.key());
        return told(asked, asked.account().asking(model), CacheStatus.notStored(null));
    }

    private @Nullable StoredAnswer lookup(AskedAnswer asked) {
        try {
            ValueWrapper found = asked.cache().get(asked.key());
            return found != null && found.get() instanceof StoredAnswer stored ? stored : null;
        } catch (RuntimeException e) {
            faults.fault(asked.cacheName(), e);
            return null;
        }
    }

    private ChatClientResponse askAndStore(AskedAnswer asked, ModelCall model) {
        Load load = new Load(asked, model);
        Object answer = load.ask(false);
        if (answer instanceof StoredAnswer) {
            try {
                asked.cache().put(asked.key(), answer);
            } catch (RuntimeException e) {
                faults.fault(asked.cacheName(), e);
            }
        }
        ChatClientResponse response = load.response;
        return told(asked, Objects.requireNonNull(response), CacheStatus.requested());
    }

    private ChatClientResponse hit(AskedAnswer asked, StoredAnswer stored) {
        asked.account().saved(stored, Standing.isJoined(asked, stored));
        String status = standing.ofFound(asked, stored).join();
        return Responses.toClient(asked.request(), Responses.whole(stored, recorded, status, asked.key()));
    }

    private static ChatClientResponse told(AskedAnswer asked, ChatClientResponse response, String status) {
        ChatResponse said = response.chatResponse();
        return said == null
                ? response
                : new ChatClientResponse(Responses.told(said, status, asked.key()), response.context());
    }

    /** One load, by the caller or, later, in its place; what came of it. */
    private final class Load {

        private final AskedAnswer asked;
        private final ModelCall model;
        private volatile @Nullable ChatClientResponse response;
        private volatile @Nullable Throwable failure;
        private volatile @Nullable Object answer;

        Load(AskedAnswer asked, ModelCall model) {
            this.asked = asked;
            this.model = model;
        }

        Object load() {
            boolean background = tiers.isInBackground();
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
            return ask(background);
        }

        Object ask(boolean background) {
            long started = time.nanos();
            try {
                ChatClientResponse said = model.call();
                AnswerBuilder builder = asked.answer();
                if (said.chatResponse() != null) {
                    builder.add(said.chatResponse());
                }
                Object made = builder.finish(
                        time.micros(),
                        time.nanos() - started,
                        asked.control().timeToLiveSeconds(),
                        asked.prints().get().toText());
                asked.account().spent(builder.tokens(), builder.took(time.nanos() - started), background);
                asked.made(made);
                response = said;
                answer = made;
                return made;
            } catch (RuntimeException | Error e) {
                failure = e;
                throw e;
            }
        }
    }
}

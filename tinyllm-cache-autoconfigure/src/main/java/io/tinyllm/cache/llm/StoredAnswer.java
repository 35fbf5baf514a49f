package io.tinyllm.cache.llm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One answer of a language model as it is stored: its pieces in order, and what the model said of them. Immutable; made
 * of values of the JDK only.
 * @param id what the provider calls the answer, empty where it does not name it
 * @param model the model that answered, as it calls itself
 * @param metadata what else the provider said of the answer
 * @param pieces the pieces, one for an answer that did not come as a stream
 * @param createdMicros when it was complete, in microseconds since 1970
 * @param tookNanos how long the model took
 * @param timeToLiveSeconds how long the request wanted it kept, negative where it did not say
 * @param request digests of the request that it answers, as {@code RequestPrint} writes them; may be empty
 */
public record StoredAnswer(
        String id,
        String model,
        Map<String, Object> metadata,
        List<Piece> pieces,
        long createdMicros,
        long tookNanos,
        long timeToLiveSeconds,
        String request) {

    /** A property whose pieces are the parts of one text. */
    private static final String THINKING = "thinking";

    public StoredAnswer {
        metadata = Map.copyOf(metadata);
        pieces = List.copyOf(pieces);
    }

    /** The age of the answer in microseconds, never negative. */
    public long ageMicros(long nowMicros) {
        return Math.max(0, nowMicros - createdMicros);
    }

    /** The whole answer in one piece: texts and thinking joined, of everything else what was said last. */
    public Piece joined() {
        if (pieces.size() == 1) {
            return pieces.get(0);
        }
        StringBuilder text = new StringBuilder();
        Map<String, Object> properties = new LinkedHashMap<>();
        Map<String, Object> generation = new LinkedHashMap<>();
        List<Call> calls = new ArrayList<>();
        String finishReason = null;
        Tokens tokens = null;
        boolean generated = false;
        for (Piece piece : pieces) {
            generated |= piece.generated();
            if (piece.text() != null) {
                text.append(piece.text());
            }
            join(properties, piece.properties());
            join(generation, piece.generation());
            calls.addAll(piece.calls());
            finishReason = piece.finishReason() == null ? finishReason : piece.finishReason();
            tokens = piece.tokens() == null ? tokens : piece.tokens().after(tokens);
        }
        return new Piece(generated, text.toString(), properties, calls, finishReason, generation, tokens);
    }

    private static void join(Map<String, Object> all, Map<String, Object> more) {
        more.forEach((name, value) -> {
            boolean part = name.equals(THINKING) && value instanceof String && all.get(name) instanceof String;
            all.put(name, part ? (String) all.get(name) + value : value);
        });
    }

    /** The tokens that the answer cost, null where the model did not say. */
    public @Nullable Tokens tokens() {
        Tokens tokens = null;
        for (Piece piece : pieces) {
            tokens = piece.tokens() == null ? tokens : piece.tokens().after(tokens);
        }
        return tokens;
    }

    /**
     * One piece of an answer.
     * @param generated whether it holds something of the answer, and not only figures
     * @param text its text, may be null
     * @param properties what the message says of itself, such as thinking
     * @param calls the tools that the model wants called
     * @param finishReason why the model stopped, null where it did not in this piece
     * @param generation what the provider says of the piece
     * @param tokens the tokens so far, null where the piece does not say
     */
    public record Piece(
            boolean generated,
            @Nullable String text,
            Map<String, Object> properties,
            List<Call> calls,
            @Nullable String finishReason,
            Map<String, Object> generation,
            @Nullable Tokens tokens) {

        public Piece {
            properties = Map.copyOf(properties);
            calls = List.copyOf(calls);
            generation = Map.copyOf(generation);
        }
    }

    /**
     * A call of a tool.
     * @param id what the model calls it, may be null
     * @param type the kind of tool
     * @param name the tool
     * @param arguments its arguments as JSON
     */
    public record Call(@Nullable String id, String type, String name, String arguments) {}

    /**
     * Numbers of tokens, as the provider counts them.
     * @param input of the request
     * @param output of the answer
     * @param total of both
     * @param cacheRead those of the request that the provider had cached, null where it does not say
     * @param cacheWritten those of the request that it has cached now, null where it does not say
     */
    public record Tokens(
            int input,
            int output,
            int total,
            @Nullable Long cacheRead,
            @Nullable Long cacheWritten) {

        /** These, with what only an earlier piece has said. */
        public Tokens after(@Nullable Tokens earlier) {
            if (earlier == null) {
                return this;
            }
            return new Tokens(
                    input > 0 ? input : earlier.input,
                    output > 0 ? output : earlier.output,
                    total > 0 ? total : earlier.total,
                    cacheRead != null ? cacheRead : earlier.cacheRead,
                    cacheWritten != null ? cacheWritten : earlier.cacheWritten);
        }
    }
}

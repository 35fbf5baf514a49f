package io.tinyllm.cache.springai;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server of language models that speaks Ollama's /api/chat, JSON and NDJSON, says what it is told to, and counts. */
final class ModelServer implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
    private volatile Function<JsonNode, Said> says = request -> Said.text("Hello", " world");

    ModelServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        server.setExecutor(threads);
        server.createContext("/api/chat", this::chat);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What it answers from now on. */
    void says(Said said) {
        says = request -> said;
    }

    /** What it answers from now on. */
    void says(Function<JsonNode, Said> saying) {
        says = saying;
    }

    int calls() {
        return calls.get();
    }

    /** How many streams ended because their reader had left. */
    int broken() {
        return broken.get();
    }

    List<JsonNode> requests() {
        return requests;
    }

    private void chat(HttpExchange exchange) throws IOException {
        try (exchange) {
            calls.incrementAndGet();
            JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
            requests.add(request);
            Said said = says.apply(request);
            if (said.status() != 200) {
                byte[] body = "{\"error\":\"no\"}".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(said.status(), body.length);
                exchange.getResponseBody().write(body);
                return;
            }
            boolean stream = request.path("stream").asBoolean(false);
            exchange.getResponseHeaders().set("Content-Type", stream ? "application/x-ndjson" : "application/json");
            if (stream) {
                exchange.sendResponseHeaders(200, said.breaks() ? 1_000_000 : 0);
                stream(exchange.getResponseBody(), request, said);
            } else {
                pause(said.pauseMillis() * said.pieces().size());
                byte[] body = JSON.writeValueAsBytes(whole(request, said));
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private void stream(OutputStream body, JsonNode request, Said said) {
        try {
            int thoughts = said.thoughts().size();
            for (String thought : said.thoughts()) {
                write(body, message(request, "", thought, List.of()), false, said);
            }
            for (int i = 0; i < said.pieces().size(); i++) {
                if (i > 0 || thoughts > 0) {
                    pause(said.pauseMillis());
                }
                write(body, message(request, said.pieces().get(i), null, List.of()), false, said);
            }
            if (said.breaks()) {
                throw new IOException("as told");
            }
            write(body, message(request, "", null, said.tools()), true, said);
        } catch (IOException e) {
            broken.incrementAndGet();
        }
    }

    private void write(OutputStream body, Map<String, Object> line, boolean last, Said said) throws IOException {
        line.put("done", last);
        if (last) {
            end(line, said);
        }
        body.write((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        body.flush();
    }

    private static Map<String, Object> whole(JsonNode request, Said said) {
        String thought = said.thoughts().isEmpty() ? null : String.join("", said.thoughts());
        Map<String, Object> line = message(request, String.join("", said.pieces()), thought, said.tools());
        line.put("done", true);
        end(line, said);
        return line;
    }

    private static void end(Map<String, Object> line, Said said) {
        line.put("done_reason", said.finish());
        line.put("prompt_eval_count", 11);
        line.put("eval_count", said.pieces().size());
        line.put("total_duration", 1_000_000L);
    }

    private static Map<String, Object> message(
            JsonNode request, String content, @Nullable String thinking, List<Map<String, Object>> tools) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", content);
        if (thinking != null) {
            message.put("thinking", thinking);
        }
        if (!tools.isEmpty()) {
            message.put("tool_calls", tools);
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("model", request.path("model").asString("tiny"));
        line.put("created_at", "2026-11-26T18:00:00Z");
        line.put("message", message);
        return line;
    }

    private static void pause(long millis) {
        try {
            if (millis > 0) {
                Thread.sleep(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** What a model says. */
    record Said(
            List<String> pieces,
            List<String> thoughts,
            List<Map<String, Object>> tools,
            String finish,
            long pauseMillis,
            int status,
            boolean breaks) {

        static Said text(String... pieces) {
            return new Said(List.of(pieces), List.of(), List.of(), "stop", 0, 200, false);
        }

        static Said pieces(int count) {
            List<String> pieces = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                pieces.add("piece " + i + " ");
            }
            return text(pieces.toArray(String[]::new));
        }

        static Said error(int status) {
            return new Said(List.of(), List.of(), List.of(), "stop", 0, status, false);
        }

        Said thinking(String... more) {
            return new Said(pieces, List.of(more), tools, finish, pauseMillis, status, breaks);
        }

        Said calling(String tool, Map<String, Object> arguments) {
            Map<String, Object> call = Map.of("function", Map.of("name", tool, "arguments", arguments));
            return new Said(pieces, thoughts, List.of(call), finish, pauseMillis, status, breaks);
        }

        Said finishing(String reason) {
            return new Said(pieces, thoughts, tools, reason, pauseMillis, status, breaks);
        }

        Said every(long millis) {
            return new Said(pieces, thoughts, tools, finish, millis, status, breaks);
        }

        Said breaking() {
            return new Said(pieces, thoughts, tools, finish, pauseMillis, status, true);
        }
    }
}

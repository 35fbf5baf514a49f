package io.tinyllm.cache.spring;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A thread with a call to make, whose answer others may wait for. */
final class Caller<T> {

    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final Thread thread;

    private Caller(Callable<T> call) {
        this.thread = new Thread(
                () -> {
                    try {
                        answer.complete(call.call());
                    } catch (Throwable failure) {
                        answer.completeExceptionally(failure);
                    }
                },
                "caller");
        thread.setDaemon(true);
    }

    static <T> Caller<T> of(Callable<T> call) {
        Caller<T> caller = new Caller<>(call);
        caller.thread.start();
        return caller;
    }

    /** Waits until the call has ended, or waits for something. */
    Caller<T> awaitAnsweredOrWaiting() {
        await().atMost(Duration.ofSeconds(30)).until(() -> answer.isDone() || isWaiting());
        return this;
    }

    /** Waits until the call waits for something, for another caller's load say. */
    Caller<T> awaitWaiting() {
        await().atMost(Duration.ofSeconds(30)).until(this::isWaiting);
        return this;
    }

    private boolean isWaiting() {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    boolean isAnswered() {
        return answer.isDone();
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Returns the answer; throws what the call has thrown. */
    T answer() throws Exception {
        try {
            return answer.orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Exception failure ? failure : e;
        }
    }
}

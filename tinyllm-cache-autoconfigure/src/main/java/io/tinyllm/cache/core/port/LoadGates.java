package io.tinyllm.cache.core.port;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Gates one behind the other. Thread-safe. */
public final class LoadGates implements LoadGate {

    private final LoadGate outer;
    private final LoadGate inner;

    private LoadGates(LoadGate outer, LoadGate inner) {
        this.outer = outer;
        this.inner = inner;
    }

    /**
     * Puts gates one behind the other: a load reaches each of them once the one before lets it through.
     * @param gates the gates, outermost first
     */
    public static LoadGate inOrder(LoadGate... gates) {
        List<LoadGate> existing = new ArrayList<>();
        for (LoadGate gate : gates) {
            if (gate.exists()) {
                existing.add(gate);
            }
        }
        LoadGate all = LoadGate.none();
        for (int i = existing.size() - 1; i >= 0; i--) {
            all = all.exists() ? new LoadGates(existing.get(i), all) : existing.get(i);
        }
        return all;
    }

    @Override
    public Pass begin(Kind kind) {
        return new BothPasses(outer.begin(kind), kind);
    }

    @Override
    public int running() {
        // what waits for its turn at the inner one has passed the outer one, and does not run yet
        return Math.max(outer.running() - inner.waiting(), inner.running());
    }

    @Override
    public int waiting() {
        return outer.waiting() + inner.waiting();
    }

    private final class BothPasses implements Pass {

        private final Pass outerPass;
        private final CompletableFuture<Pass> innerPass;
        private final CompletableFuture<?> turn;

        BothPasses(Pass outerPass, Kind kind) {
            this.outerPass = outerPass;
            this.innerPass = outerPass.turn().thenApply(ready -> inner.begin(kind));
            this.turn = innerPass.thenCompose(Pass::turn);
        }

        @Override
        public CompletableFuture<?> turn() {
            return turn;
        }

        @Override
        public Scope enter() {
            Scope outerScope = outerPass.enter();
            Pass pass = innerPass.getNow(null);
            if (pass == null) {
                return outerScope;
            }
            Scope innerScope = pass.enter();
            return () -> {
                innerScope.close();
                outerScope.close();
            };
        }

        @Override
        public void standIn() {
            innerPass.thenAccept(Pass::standIn);
            outerPass.standIn();
        }

        @Override
        public void end(@Nullable Throwable failure) {
            innerPass.thenAccept(pass -> pass.end(failure));
            outerPass.end(failure);
        }
    }
}

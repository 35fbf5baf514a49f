package io.tinyllm.cache.core.port;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Two gates one behind the other. Thread-safe. */
record LoadGates(LoadGate outer, LoadGate inner) implements LoadGate {

    static final CompletableFuture<?> NOW = CompletableFuture.completedFuture(null);

    @Override
    public Pass begin(Kind kind) {
        return new BothPasses(outer.begin(kind), kind);
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
        public void end(@Nullable Throwable failure) {
            innerPass.thenAccept(pass -> pass.end(failure));
            outerPass.end(failure);
        }
    }
}

package io.tinyllm.cache.remote;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.RemoteTier;

class InMemoryRemoteTierTests extends RemoteTierContract {

    @Override
    protected RemoteTier tier() {
        return new InMemoryRemoteTier(System::nanoTime, Outcome.REMOTE_HIT);
    }
}
